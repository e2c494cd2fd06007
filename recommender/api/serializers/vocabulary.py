"""Skills, and the roles that need them."""

from rest_framework import serializers

from recommender.api.serializers.trilingual import TrilingualField
from recommender.skills.models import Skill
from recommender.workforce.models import Role, RoleSkill, Sector


class SkillNameSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = Skill
        fields = ["slug", "name"]


class SkillSerializer(serializers.ModelSerializer):
    name = TrilingualField()
    aliases = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Skill
        fields = ["slug", "name", "discipline", "framework", "framework_code", "framework_url", "aliases"]


class SectorSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = Sector
        fields = ["slug", "name"]


class SkillNeededSerializer(serializers.ModelSerializer):
    skill = SkillNameSerializer()

    class Meta:
        model = RoleSkill
        fields = ["skill", "importance", "level"]


class RoleSerializer(serializers.ModelSerializer):
    name = TrilingualField()
    sectors = SectorSerializer(many=True)
    skills = SkillNeededSerializer(source="skills_needed", many=True)

    class Meta:
        model = Role
        fields = ["slug", "name", "framework", "framework_code", "framework_url", "sectors", "skills"]
