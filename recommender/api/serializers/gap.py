"""What a learner lacks for their target roles, and how it is known what they hold."""

from rest_framework import serializers

from recommender.api.serializers.catalogue import CourseTitleSerializer
from recommender.api.serializers.trilingual import TrilingualField
from recommender.api.serializers.vocabulary import SkillNameSerializer
from recommender.learners.gaps import COMPLETED
from recommender.learners.models import SkillHeld
from recommender.workforce.models import Role

KINDS = [*SkillHeld.Evidence.choices, (COMPLETED, COMPLETED)]


class RoleNameSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = Role
        fields = ["slug", "name"]


class EvidenceSerializer(serializers.Serializer):
    """`course` is null unless completing one gave the level."""

    kind = serializers.ChoiceField(KINDS)
    level = serializers.IntegerField()
    course = CourseTitleSerializer(allow_null=True)


class ShortageOfSkillSerializer(serializers.Serializer):
    """`share` in [0, 1] is null where it is unknown; synthetic when synthetic figures had a part in it."""

    share = serializers.FloatField(allow_null=True)
    is_synthetic = serializers.BooleanField()


class NeededSerializer(serializers.Serializer):
    """Levels from 0 to 5."""

    skill = SkillNameSerializer()
    needed = serializers.IntegerField()
    held = serializers.IntegerField()
    missing = serializers.IntegerField()
    importance = serializers.FloatField()
    shortage = ShortageOfSkillSerializer()
    evidence = EvidenceSerializer(many=True)


class RoleGapSerializer(serializers.Serializer):
    """`covered` is the share of the role's levels, weighed by importance; null where it needs nothing."""

    role = RoleNameSerializer()
    covered = serializers.FloatField(allow_null=True)
    skills = NeededSerializer(source="needed", many=True)


class ClosingSerializer(serializers.Serializer):
    course = CourseTitleSerializer()
    level = serializers.IntegerField()


class SkillGapSerializer(serializers.Serializer):
    """`gap` is importance times missing levels, of the target role that lacks most."""

    skill = SkillNameSerializer()
    gap = serializers.FloatField()
    shortage = ShortageOfSkillSerializer()
    courses = serializers.SerializerMethodField()

    def get_courses(self, lacked) -> ClosingSerializer(many=True):
        return ClosingSerializer(self.context["closing"].get(lacked.skill.pk, []), many=True).data


class GapSerializer(serializers.Serializer):
    """By target role, and for all of them together, the largest gap first."""

    roles = RoleGapSerializer(many=True)
    skills = SkillGapSerializer(many=True)
