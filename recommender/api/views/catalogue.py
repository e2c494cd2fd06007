"""The catalogue, open to everybody: courses and who offers them."""

import django_filters
from django.db.models import Prefetch
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.viewsets import ReadOnlyModelViewSet

from recommender.api.serializers.catalogue import CourseBriefSerializer, CourseSerializer, ProviderSerializer
from recommender.catalogue.districts import District
from recommender.catalogue.models import Course, CourseSkill, Mode, Offering, Provider
from recommender.skills.models import Discipline

HKQF_LEVELS = [(level, level) for level in range(1, 8)]
# Codes hold dots, colons and the like; only what would end the address or break the database is kept out.
CODE_IN_ADDRESS = r"[^/\x00]+"


class CourseFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(
        method="filter_search", label="Every word is found in the titles, code, provider or skills."
    )
    provider = django_filters.CharFilter("provider__code", label="Code of the provider.")
    discipline = django_filters.ChoiceFilter(choices=Discipline)
    hkqf_level = django_filters.TypedChoiceFilter(choices=HKQF_LEVELS, coerce=int)
    mode = django_filters.ChoiceFilter(choices=Mode)
    district = django_filters.ChoiceFilter(
        choices=District, method="filter_district", label="Where an open offering is taught."
    )
    language = django_filters.CharFilter("languages__code", label="BCP 47 code of a language of teaching.")
    skill = django_filters.CharFilter(method="filter_skill", label="Slug of a skill that it raises.")
    free = django_filters.BooleanFilter(
        method="filter_free", label="Free at the next start, or known not to be."
    )

    class Meta:
        model = Course
        fields = []

    def filter_search(self, courses, name, text):
        return courses.search(text).order_by("distance", "code")

    def filter_skill(self, courses, name, slug):
        raised = CourseSkill.objects.counted().filter(skill__slug=slug)
        return courses.filter(pk__in=raised.values("course"))

    def filter_district(self, courses, name, value: str):
        offerings = Offering.objects.open(on=timezone.localdate()).filter(district=value)
        return courses.filter(pk__in=offerings.values("course"))

    def filter_free(self, courses, name, is_free):
        courses = courses.priced(on=timezone.localdate())
        return courses.filter(whole_fee=0) if is_free else courses.filter(fee_now__gt=0)


class CourseViewSet(ReadOnlyModelViewSet):
    """Active courses; a closed one is still found by its code."""

    permission_classes = [AllowAny]
    lookup_field = "code"
    lookup_value_regex = CODE_IN_ADDRESS
    filterset_class = CourseFilter
    queryset = Course.objects.published().select_related("provider")

    def get_queryset(self):
        if self.action == "list":
            return super().get_queryset().active()
        return (
            super()
            .get_queryset()
            .prefetch_related(
                "languages",
                Prefetch("skills_raised", CourseSkill.objects.counted().select_related("skill")),
                "prerequisites__skill",
                "prerequisites__required_course",
                "offerings",
                "subsidy_listings__scheme",
            )
        )

    def get_serializer_class(self):
        return CourseBriefSerializer if self.action == "list" else CourseSerializer


class ProviderViewSet(ReadOnlyModelViewSet):
    permission_classes = [AllowAny]
    lookup_field = "code"
    queryset = Provider.objects.all()
    serializer_class = ProviderSerializer
    filterset_fields = ["kind"]
