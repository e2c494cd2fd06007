"""Skills, and the roles that need them."""

from rest_framework import serializers

from recommender.api.serializers.trilingual import TrilingualField
from recommender.skills.models import Skill
from recommender.workforce.models import (
    Demand,
    Graduates,
    Role,
    RoleSkill,
    Sector,
    ShortageOverride,
)


class SkillNameSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = Skill
        fields = ["slug", "name"]


class SkillSerializer(serializers.ModelSerializer):
    """`shortage`: mean over the roles that need the skill, by openings times importance; null: unknown."""

    name = TrilingualField()
    aliases = serializers.ListField(child=serializers.CharField())
    shortage = serializers.SerializerMethodField()

    class Meta:
        model = Skill
        fields = [
            "slug",
            "name",
            "discipline",
            "framework",
            "framework_code",
            "framework_url",
            "aliases",
            "shortage",
        ]

    def get_shortage(self, skill) -> float | None:
        return self.context["shortages"].get(skill.pk)


class SectorSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = Sector
        fields = ["slug", "name"]


class FigureSerializer(serializers.ModelSerializer):
    sector = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)

    class Meta:
        model = Demand
        fields = [
            "sector",
            "description",
            "value",
            "unit",
            "period",
            "source_url",
            "source_date",
            "is_synthetic",
        ]


class GraduatesSerializer(serializers.ModelSerializer):
    sector = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)

    class Meta:
        model = Graduates
        fields = ["sector", "count", "period", "source_url", "source_date", "is_synthetic"]


class OverrideSerializer(serializers.ModelSerializer):
    class Meta:
        model = ShortageOverride
        fields = ["shortage", "reason", "made_at"]


class SupplySerializer(serializers.Serializer):
    """Learners who meet the role's needs, and those expected to from courses under way.

    All counts are rounded to tens, and 5 stands for 1 to 9, so that they single nobody out. `n_learners` is
    the sum of the first two, added up before it was rounded.
    """

    n_meeting = serializers.IntegerField()
    n_expected = serializers.IntegerField()
    n_learners = serializers.IntegerField()
    n_synthetic_meeting = serializers.IntegerField()
    n_synthetic_expected = serializers.IntegerField()
    counted_at = serializers.DateTimeField()


class ShortageSerializer(serializers.Serializer):
    """max(0, openings - supply) / openings, or an officer's figure; null is unknown, which is not zero.

    `demand` are the figures that the openings are the sum of; `n_supply` is `n_learners` of
    `supply` and the graduates. `period` names several, with commas, where those of sectors differ.
    """

    value = serializers.FloatField(source="shortage", allow_null=True)
    computed = serializers.FloatField(allow_null=True)
    override = OverrideSerializer(allow_null=True)
    is_synthetic = serializers.BooleanField()
    period = serializers.CharField()
    openings = serializers.FloatField(allow_null=True)
    demand = FigureSerializer(many=True)
    n_supply = serializers.IntegerField(allow_null=True)
    supply = SupplySerializer(allow_null=True)
    graduates = GraduatesSerializer(many=True)


class SectorShortageSerializer(ShortageSerializer):
    sector = serializers.SlugField(source="sector.slug")


class RoleShortageSerializer(ShortageSerializer):
    """In all sectors together, and in each that has openings or an officer's figure of its own."""

    sectors = SectorShortageSerializer(many=True)


class PeriodShortageSerializer(ShortageSerializer):
    """In a period and a sector; `sector` is null for all sectors together.

    `is_current`: the openings are the latest, set against the learners counted last; those of other periods
    are set against the last count not made after `ends_on`, which is null where the words of the period do
    not tell it. `postings`, counted in samples, are a signal of their own: never add them to openings.
    """

    sector = serializers.SlugField(source="sector.slug", allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    is_current = serializers.BooleanField()
    postings = FigureSerializer(many=True)


class SkillNeededSerializer(serializers.ModelSerializer):
    skill = SkillNameSerializer()

    class Meta:
        model = RoleSkill
        fields = ["skill", "importance", "level"]


class RoleSerializer(serializers.ModelSerializer):
    """`postings`, counted in samples, are a signal of their own: never add them to openings."""

    name = TrilingualField()
    sectors = SectorSerializer(many=True)
    skills = SkillNeededSerializer(source="skills_needed", many=True)
    shortage = serializers.SerializerMethodField()
    postings = FigureSerializer(many=True)

    class Meta:
        model = Role
        fields = [
            "slug",
            "name",
            "framework",
            "framework_code",
            "framework_url",
            "sectors",
            "skills",
            "shortage",
            "postings",
        ]

    def get_shortage(self, role) -> RoleShortageSerializer:
        return RoleShortageSerializer(self.context["shortages"][role.pk]).data


class RoleInPeriodsSerializer(RoleSerializer):
    """`shortages`: of each period of which anything is loaded, in all sectors and in each, by time."""

    shortages = serializers.SerializerMethodField()

    class Meta(RoleSerializer.Meta):
        fields = [*RoleSerializer.Meta.fields, "shortages"]

    def get_shortages(self, role) -> PeriodShortageSerializer(many=True):
        return PeriodShortageSerializer(self.context["shortages"][role.pk].by_period, many=True).data
