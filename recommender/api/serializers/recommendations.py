"""A learner's list with its reasons, and the runs behind all lists."""

from rest_framework import serializers

from recommender.api.serializers.catalogue import CourseBriefSerializer, CourseTitleSerializer
from recommender.api.serializers.vocabulary import SkillNameSerializer
from recommender.catalogue.models import Course
from recommender.recommendations.models import Run
from recommender.recommendations.packing import Source
from recommender.recommendations.scoring import LIST_LENGTH

SOURCES = [(source.name.lower(), source.label) for source in Source]


class RecommendationsRequestSerializer(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=LIST_LENGTH, default=10)


class ReasonSerializer(serializers.Serializer):
    """A past course or a skill on the way to a goal (the other is null), and its part of the score."""

    course = serializers.SerializerMethodField()
    skill = serializers.SerializerMethodField()
    share = serializers.FloatField()
    percent = serializers.IntegerField()

    def get_course(self, reason) -> CourseTitleSerializer(allow_null=True):
        return CourseTitleSerializer(reason.subject).data if isinstance(reason.subject, Course) else None

    def get_skill(self, reason) -> SkillNameSerializer(allow_null=True):
        return None if isinstance(reason.subject, Course) else SkillNameSerializer(reason.subject).data


class RecommendationSerializer(serializers.Serializer):
    """Shares of the reasons and `rest` add up to the score."""

    rank = serializers.IntegerField()
    course = CourseBriefSerializer()
    score = serializers.FloatField()
    source = serializers.ChoiceField(SOURCES)
    source_label = serializers.CharField(source="source.label")
    reasons = ReasonSerializer(many=True)
    rest = serializers.FloatField()
    rest_percent = serializers.IntegerField()

    def to_representation(self, recommendation):
        return super().to_representation(recommendation) | {"source": recommendation.source.name.lower()}


class RecommendationsSerializer(serializers.Serializer):
    """`run` and `made_at` are null before the first run."""

    run = serializers.IntegerField(source="run.pk", allow_null=True, default=None)
    made_at = serializers.DateTimeField(source="run.finished_at", allow_null=True, default=None)
    items = RecommendationSerializer(many=True)


class RunSerializer(serializers.ModelSerializer):
    started_by = serializers.SlugRelatedField("email", read_only=True, allow_null=True)
    is_live = serializers.BooleanField()
    model = serializers.DictField()
    quality = serializers.DictField()
    held_because = serializers.ListField(child=serializers.DictField())

    class Meta:
        model = Run
        fields = [
            "id",
            "status",
            "is_live",
            "stage",
            "done",
            "total",
            "started_by",
            "created_at",
            "started_at",
            "read_at",
            "finished_at",
            "n_learners",
            "n_courses",
            "n_enrolments",
            "model",
            "quality",
            "held_because",
            "error",
        ]
