"""Why a course is on the caller's list, or why not, and what would move it."""

from rest_framework import serializers

from recommender.api.serializers.catalogue import CourseTitleSerializer
from recommender.api.serializers.recommendations import RecommendationSerializer
from recommender.api.serializers.vocabulary import SkillNameSerializer
from recommender.catalogue.models import Course
from recommender.recommendations.rules import Rule

RULES = [(rule.name.lower(), rule.name.lower()) for rule in Rule]


class SkillLackedSerializer(serializers.Serializer):
    skill = SkillNameSerializer()
    needed = serializers.IntegerField()
    held = serializers.IntegerField()


class ObstacleSerializer(serializers.Serializer):
    """A hard rule that keeps the course off the list.

    `needed` and `have` are HKQF levels where the rule is `entry_level`, hours a week where it is `hours`, and
    null for the others. `languages` are those of the course; `skills` and `courses` are prerequisites lacked.
    """

    rule = serializers.ChoiceField(RULES)
    needed = serializers.FloatField(allow_null=True)
    have = serializers.FloatField(allow_null=True)
    languages = serializers.SerializerMethodField()
    skills = SkillLackedSerializer(many=True)
    courses = CourseTitleSerializer(many=True)

    def get_languages(self, obstacle) -> list[str]:
        return [language.code for language in obstacle.languages]

    def to_representation(self, obstacle):
        return super().to_representation(obstacle) | {"rule": obstacle.rule.name.lower()}


class CounterfactualSerializer(serializers.Serializer):
    """Where the course would be without a past course, or with a skill held at `level` already (the other is
    null).

    `is_turned_down` where the course is one that the caller said is not for them. `rank` and `score` are null
    where it could not be recommended then.
    """

    course = serializers.SerializerMethodField()
    skill = serializers.SerializerMethodField()
    level = serializers.IntegerField(allow_null=True)
    is_turned_down = serializers.BooleanField()
    rank = serializers.IntegerField(allow_null=True)
    score = serializers.FloatField(allow_null=True)

    def get_course(self, one) -> CourseTitleSerializer(allow_null=True):
        return CourseTitleSerializer(one.subject).data if isinstance(one.subject, Course) else None

    def get_skill(self, one) -> SkillNameSerializer(allow_null=True):
        return None if isinstance(one.subject, Course) else SkillNameSerializer(one.subject).data


class WhySerializer(serializers.Serializer):
    """One of three: `obstacles` keep the course off the list; or it was passed over for `copies`, courses
    much the same; or `own` says where it stands among everything that the caller may be recommended, and
    `last` is the last of the list of `limit` courses."""

    course = CourseTitleSerializer()
    run = serializers.IntegerField(source="run.pk", allow_null=True, default=None)
    limit = serializers.IntegerField()
    is_listed = serializers.BooleanField()
    obstacles = ObstacleSerializer(many=True)
    copies = RecommendationSerializer(many=True)
    own = RecommendationSerializer(allow_null=True)
    last = RecommendationSerializer(allow_null=True)
    counterfactuals = CounterfactualSerializer(many=True)
