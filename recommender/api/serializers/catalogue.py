"""Providers and courses, short in lists and whole on their own."""

from rest_framework import serializers

from recommender.api.serializers.costs import (
    NetCostSerializer,
    SubsidyListingSerializer,
    cost_of_next_start,
)
from recommender.api.serializers.trilingual import TrilingualField
from recommender.api.serializers.vocabulary import SkillNameSerializer
from recommender.catalogue.models import Course, CourseSkill, Offering, Prerequisite, Provider
from recommender.recommendations.similar import similar_courses


class ProviderNameSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = Provider
        fields = ["code", "name"]


class ProviderSerializer(serializers.ModelSerializer):
    name = TrilingualField()

    class Meta:
        model = Provider
        fields = ["code", "name", "kind", "url"]


class CourseTitleSerializer(serializers.ModelSerializer):
    title = TrilingualField()

    class Meta:
        model = Course
        fields = ["code", "title"]


class CourseBriefSerializer(serializers.ModelSerializer):
    title = TrilingualField()
    provider = ProviderNameSerializer()

    class Meta:
        model = Course
        fields = [
            "code",
            "title",
            "provider",
            "status",
            "discipline",
            "hkqf_level",
            "mode",
            "study_pattern",
            "notional_hours",
            "fee_cents",
            "fee_basis",
        ]


class SkillRaisedSerializer(serializers.ModelSerializer):
    """Confirmed by people, or proposed from the course's text with this confidence."""

    skill = SkillNameSerializer()

    class Meta:
        model = CourseSkill
        fields = ["skill", "level", "basis", "state", "confidence"]


class PrerequisiteSerializer(serializers.ModelSerializer):
    """Either a skill at a level or a course; the other is null."""

    skill = SkillNameSerializer(allow_null=True)
    course = CourseTitleSerializer(source="required_course", allow_null=True)

    class Meta:
        model = Prerequisite
        fields = ["skill", "level", "course"]


class OfferingSerializer(serializers.ModelSerializer):
    """`fee_cents` is null where it is the fee of the course, and for what `fee_basis` there says."""

    timetable = TrilingualField()

    class Meta:
        model = Offering
        fields = [
            "code",
            "starts_on",
            "ends_on",
            "timetable",
            "mode",
            "district",
            "seats",
            "fee_cents",
            "is_synthetic",
        ]


class CourseSerializer(CourseBriefSerializer):
    description = TrilingualField()
    languages = serializers.SlugRelatedField("code", many=True, read_only=True)
    skills = SkillRaisedSerializer(source="skills_raised", many=True)
    prerequisites = PrerequisiteSerializer(many=True)
    offerings = OfferingSerializer(many=True)
    subsidy_listings = SubsidyListingSerializer(many=True)
    cost = serializers.SerializerMethodField()
    similar = serializers.SerializerMethodField()

    class Meta:
        model = Course
        fields = [
            *CourseBriefSerializer.Meta.fields,
            "description",
            "languages",
            "award",
            "hkqf_basis",
            "entry_hkqf_level",
            "entry_text",
            "subsidy_listings",
            "cost",
            "similar",
            "skills",
            "prerequisites",
            "offerings",
            "source_url",
            "as_of",
        ]

    def get_cost(self, course) -> NetCostSerializer:
        """For somebody who has claimed nothing before; /me/costs/ reckons with one's own claims."""
        return cost_of_next_start(None, course)

    def get_similar(self, course) -> CourseBriefSerializer(many=True):
        """The most alike in title, description and skills; none before the first run."""
        return CourseBriefSerializer(similar_courses(course), many=True, context=self.context).data
