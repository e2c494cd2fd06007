"""Providers, courses and offerings in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet

from recommender.catalogue.models import Course, CourseSkill, Offering, Prerequisite, Provider
from recommender.catalogue.prerequisite_graph import PrerequisiteGraph
from recommender.skills.inlines import Rows

NAMES = ("name_en", "name_zh_hant", "name_zh_hans")


@admin.register(Provider)
class ProviderAdmin(ModelAdmin):
    list_display = ["name_en", "name_zh_hant", "kind", "url"]
    list_filter = ["kind"]
    search_fields = ["code", *NAMES]
    prepopulated_fields = {"code": ["name_en"]}
    fields = [*NAMES, "code", "kind", "url"]


class SkillsRaised(Rows):
    model = CourseSkill
    verbose_name_plural = _("skills raised")
    fields = ["skill", "level", "basis"]
    autocomplete_fields = ["skill"]
    list_select_related = ["course", "skill"]
    tab = True


class PrerequisiteFormSet(PaginationInlineFormSet):
    def clean(self):
        """Refuses courses that would require each other in a circle, on the row that closes it."""
        super().clean()
        if any(self.errors) or not self.instance.pk:
            return
        graph = PrerequisiteGraph()
        # What the form says takes the place of what is stored.
        graph.required[self.instance.pk].clear()
        for form in self.forms:
            required = form.cleaned_data.get("required_course")
            if required and form not in self.deleted_forms:
                pair = {"course_id": self.instance.pk, "required_course_id": required.pk}
                if fault := graph.fault(pair):
                    form.add_error(*fault)


class Prerequisites(Rows):
    model = Prerequisite
    formset = PrerequisiteFormSet
    fk_name = "course"
    fields = ["skill", "level", "required_course"]
    autocomplete_fields = ["skill", "required_course"]
    list_select_related = ["course", "skill", "required_course"]
    tab = True


class Offerings(Rows):
    model = Offering
    fields = ["code", "starts_on", "ends_on", "timetable", "mode", "seats", "is_synthetic"]
    list_select_related = ["course"]
    tab = True


@admin.register(Course)
class CourseAdmin(ModelAdmin):
    list_display = ["code", "title_en", "title_zh_hant", "provider", "status", "hkqf_level", "fee"]
    list_filter = ["status", "discipline", "hkqf_level", "mode", "study_pattern", "is_cef_registered"]
    list_select_related = ["provider"]
    search_fields = ["code", "title_en", "title_zh_hant", "title_zh_hans", "provider__name_en"]
    autocomplete_fields = ["provider", "languages"]
    inlines = [SkillsRaised, Prerequisites, Offerings]
    fieldsets = [
        (
            None,
            {
                "fields": ["code", "provider", "status", "title_en", "title_zh_hant", "title_zh_hans"],
                "description": _("Only active courses are shown and recommended. One title is needed."),
            },
        ),
        (_("Description"), {"fields": ["description_en", "description_zh_hant", "description_zh_hans"]}),
        (
            _("Level and entry"),
            {
                "fields": ["award", ("hkqf_level", "hkqf_basis"), "entry_hkqf_level", "entry_text"],
                "description": _("An HKQF level needs a basis: the source states it, or the award does."),
            },
        ),
        (_("Study"), {"fields": ["discipline", "mode", "study_pattern", "notional_hours", "languages"]}),
        (
            _("Fee and funding"),
            {
                "fields": ["fee_cents", "is_cef_registered", ("cef_from", "cef_to")],
                "description": _("Dates are for courses registered with the Continuing Education Fund."),
            },
        ),
        (_("Source"), {"fields": ["source_url", "as_of", "note"]}),
    ]

    @display(description=_("fee"), ordering="fee_cents")
    def fee(self, course):
        if course.fee_cents is None:
            return None
        return f"HK${course.fee_cents / 100:,.2f}" if course.fee_cents else _("Free")


@admin.register(Offering)
class OfferingAdmin(ModelAdmin):
    list_display = ["course", "code", "starts_on", "ends_on", "mode", "seats", "is_synthetic"]
    list_filter = ["mode", "is_synthetic", "starts_on"]
    list_select_related = ["course"]
    search_fields = ["code", "course__code", "course__title_en", "course__title_zh_hant"]
    autocomplete_fields = ["course"]
    fields = ["course", "code", ("starts_on", "ends_on"), "timetable", "mode", "seats", "is_synthetic"]
