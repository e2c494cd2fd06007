"""A learner's own profile, out and in."""

from django.db import transaction
from rest_framework import serializers

from recommender.api.serializers.chosen import ChosenField
from recommender.api.serializers.days import DayField
from recommender.api.serializers.vocabulary import SkillNameSerializer
from recommender.catalogue.models import Mode
from recommender.learners import consents, services
from recommender.learners.models import Learner, SkillHeld
from recommender.skills.models import Language
from recommender.workforce.models import Role, Sector

MOST_CENTS = 10**12


class SkillHeldSerializer(serializers.ModelSerializer):
    skill = SkillNameSerializer()

    class Meta:
        model = SkillHeld
        fields = ["skill", "level", "evidence"]


class ProfileSerializer(serializers.ModelSerializer):
    email = serializers.EmailField(source="user.email")
    languages = serializers.SlugRelatedField("code", many=True, read_only=True)
    target_roles = serializers.SlugRelatedField("slug", many=True, read_only=True)
    sector = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    present_role = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    preferred_modes = serializers.ListField(child=serializers.ChoiceField(Mode.choices))
    skills_held = SkillHeldSerializer(many=True)

    class Meta:
        model = Learner
        fields = [
            "email",
            "display_name",
            "languages",
            "hours_a_week",
            "budget_cents",
            "preferred_modes",
            "district",
            "born_on",
            "hkqf_level",
            "target_roles",
            "sector",
            "present_role",
            "studies",
            "skills_held",
            "consents_to_profiling",
            "profiling_decided_at",
        ]


class ProfileChangeSerializer(serializers.ModelSerializer):
    """What a learner may say of themselves; fields left out stay as they are."""

    languages = ChosenField("code", many=True, queryset=Language.objects.all())
    hours_a_week = serializers.IntegerField(min_value=0, max_value=168, allow_null=True)
    budget_cents = serializers.IntegerField(min_value=0, max_value=MOST_CENTS, allow_null=True)
    preferred_modes = serializers.ListField(child=serializers.ChoiceField(Mode.choices))
    born_on = DayField(allow_null=True)
    hkqf_level = serializers.IntegerField(min_value=1, max_value=7, allow_null=True)
    target_roles = ChosenField("slug", many=True, queryset=Role.objects.all())
    sector = ChosenField("slug", queryset=Sector.objects.all(), allow_null=True)
    present_role = ChosenField("slug", queryset=Role.objects.all(), allow_null=True)
    consents_to_profiling = serializers.BooleanField()

    class Meta:
        model = Learner
        fields = [
            "display_name",
            "languages",
            "hours_a_week",
            "budget_cents",
            "preferred_modes",
            "district",
            "born_on",
            "hkqf_level",
            "target_roles",
            "sector",
            "present_role",
            "studies",
            "consents_to_profiling",
        ]

    @transaction.atomic
    def update(self, learner, changes):
        is_given = changes.pop("consents_to_profiling", None)
        learner = super().update(learner, changes)
        if is_given is not None:
            consents.decide(learner, consents.Purpose.PROFILING, is_given)
        services.touch(learner)
        return learner
