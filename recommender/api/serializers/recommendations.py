"""A learner's list with its reasons, and the runs behind all lists."""

from rest_framework import serializers

from recommender.api.serializers.catalogue import CourseBriefSerializer, CourseTitleSerializer
from recommender.api.serializers.vocabulary import SkillNameSerializer
from recommender.recommendations.models import Run
from recommender.recommendations.packing import Demand, Source
from recommender.recommendations.scoring import LIST_LENGTH

SOURCES = [(source.name.lower(), source.label) for source in Source]
DEMANDS = [(demand.name.lower(), demand.label) for demand in Demand]


class RecommendationsRequestSerializer(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=LIST_LENGTH, default=10)


class ShareSerializer(serializers.Serializer):
    """Percentages are of the score."""

    share = serializers.FloatField()
    percent = serializers.IntegerField()


class PastCourseSerializer(ShareSerializer):
    """`is_turned_down` where the course is one that the learner said is not for them."""

    course = CourseTitleSerializer(source="subject")
    is_turned_down = serializers.BooleanField()


class SkillAddedSerializer(ShareSerializer):
    skill = SkillNameSerializer(source="subject")


class PartSerializer(ShareSerializer):
    """What is added to a score; shares of the reasons and `rest` add up to `share`."""

    rest = serializers.FloatField()
    rest_percent = serializers.IntegerField()


class RelevancePartSerializer(PartSerializer):
    reasons = PastCourseSerializer(many=True)


class ValuePartSerializer(PartSerializer):
    reasons = SkillAddedSerializer(many=True)


class RecommendationSerializer(serializers.Serializer):
    """The shares of `by_relevance` and `by_value` add up to the score.

    `gap_closed` is the share of the gap to the target roles that the course closes alone; `demand` says
    whether the shortage of the skills that it adds is known.
    """

    rank = serializers.IntegerField()
    course = CourseBriefSerializer()
    score = serializers.FloatField()
    relevance = serializers.FloatField(min_value=0, max_value=1)
    value = serializers.FloatField(min_value=0, max_value=1)
    gap_closed = serializers.FloatField(min_value=0, max_value=1)
    source = serializers.ChoiceField(SOURCES)
    source_label = serializers.CharField(source="source.label")
    demand = serializers.ChoiceField(DEMANDS)
    demand_label = serializers.CharField(source="demand.label")
    by_relevance = RelevancePartSerializer()
    by_value = ValuePartSerializer()

    def to_representation(self, recommendation):
        names = {name: getattr(recommendation, name).name.lower() for name in ("source", "demand")}
        return super().to_representation(recommendation) | names


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
            "shortage_weight",
            "error",
        ]
