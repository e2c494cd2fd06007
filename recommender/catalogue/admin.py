"""Providers, courses, offerings and subsidies in the admin."""

from itertools import pairwise

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display
from unfold.forms import PaginationInlineFormSet

from recommender.catalogue.fees import FeeBasis
from recommender.catalogue.models import (
    Course,
    CourseSkill,
    Offering,
    Prerequisite,
    Provider,
    SubsidyListing,
    SubsidyRule,
    SubsidyScheme,
    SubsidyTier,
    TaggingRun,
)
from recommender.catalogue.prerequisite_graph import PrerequisiteGraph
from recommender.catalogue.search_index import index
from recommender.catalogue.tagging import Tagging
from recommender.catalogue.tasks import start_tagging
from recommender.skills.inlines import Rows
from recommender.skills.read_only import ReadOnly

NAMES = ("name_en", "name_zh_hant", "name_zh_hans")
DECIDED = {
    CourseSkill.State.CONFIRMED: ngettext_lazy(
        "%(count)d skill confirmed.", "%(count)d skills confirmed.", "count"
    ),
    CourseSkill.State.VETOED: ngettext_lazy("%(count)d skill vetoed.", "%(count)d skills vetoed.", "count"),
}
SKILL_NAMES = tuple(f"skill__{name}" for name in NAMES)


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
    fields = ["skill", "level", "state", "confidence", "basis"]
    readonly_fields = ["state", "confidence"]
    show_change_link = True
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
    fields = [
        "code",
        "starts_on",
        "ends_on",
        "timetable_en",
        "timetable_zh_hant",
        "timetable_zh_hans",
        "mode",
        "district",
        "seats",
        "fee_cents",
        "is_synthetic",
    ]
    list_select_related = ["course"]
    tab = True


class Listings(Rows):
    model = SubsidyListing
    fields = ["scheme", "is_listed", "listed_from", "listed_to", "source_url", "as_of"]
    list_select_related = ["course", "scheme"]
    autocomplete_fields = ["scheme"]
    tab = True


@admin.register(Course)
class CourseAdmin(ModelAdmin):
    list_display = ["code", "title_en", "title_zh_hant", "provider", "status", "hkqf_level", "fee"]
    list_filter = ["status", "discipline", "hkqf_level", "mode", "study_pattern"]
    list_select_related = ["provider"]
    search_fields = ["code", "title_en", "title_zh_hant", "title_zh_hans", "provider__name_en"]
    autocomplete_fields = ["provider", "languages"]
    inlines = [SkillsRaised, Prerequisites, Offerings, Listings]
    actions = ["propose"]
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
                "fields": [("fee_cents", "fee_basis")],
                "description": _("Which subsidy schemes list the course stands in a table of its own."),
            },
        ),
        (_("Source"), {"fields": ["source_url", "as_of", "note"]}),
    ]

    @admin.action(description=_("Propose skills from the texts"), permissions=["propose"])
    def propose(self, request, queryset):
        """The officer sees on the page of the tagging run what becomes of it."""
        with transaction.atomic():
            run = start_tagging(queryset.values_list("pk", flat=True))
            LogEntry.objects.log_actions(request.user.pk, [run], ADDITION, single_object=True)
        self.message_user(request, _("Proposing of skills has been started."), messages.SUCCESS)
        return redirect("admin:catalogue_taggingrun_change", run.pk)

    def has_propose_permission(self, request):
        return request.user.has_perm("catalogue.add_courseskill")

    @display(description=_("fee"), ordering="fee_cents")
    def fee(self, course):
        if course.fee_cents is None:
            return None
        if course.fee_basis != FeeBasis.WHOLE:
            return f"HK${course.fee_cents / 100:,.2f} ({course.get_fee_basis_display()})"
        return f"HK${course.fee_cents / 100:,.2f}" if course.fee_cents else _("Free")


@admin.register(TaggingRun)
class TaggingRunAdmin(ReadOnly, ModelAdmin):
    """What became of the proposing of skills that officers started on the list of courses."""

    list_display = ["number", "badge", "n_courses", "outcome", "created_at", "finished_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["pk", "error"]
    fields = ["status", "n_courses", "outcome", "created_at", "started_at", "finished_at"]

    def has_view_permission(self, request, obj=None):
        """Who may start one sees what became of it."""
        may_start = request.user.has_perm("catalogue.add_courseskill")
        return may_start or super().has_view_permission(request, obj)

    @display(description=_("number"), ordering="pk")
    def number(self, run):
        return str(run)

    @display(
        description=_("status"),
        ordering="status",
        label={
            TaggingRun.Status.RUNNING: "info",
            TaggingRun.Status.DONE: "success",
            TaggingRun.Status.FAILED: "danger",
        },
    )
    def badge(self, run):
        return run.status, run.get_status_display()

    @display(description=_("courses"))
    def n_courses(self, run):
        return len(run.course_ids)

    @display(description=_("outcome"))
    def outcome(self, run):
        if run.status in (TaggingRun.Status.QUEUED, TaggingRun.Status.RUNNING):
            return _("Not known yet: load the page again.")
        return run.error or str(Tagging(**run.result))


class ConfidenceFilter(admin.SimpleListFilter):
    title = _("confidence")
    parameter_name = "confidence"
    RANGES = {
        "high": (_("0.8 and more"), {"confidence__gte": 0.8}),
        "counted": (_("0.5 to 0.8: counts, look at it"), {"confidence__gte": 0.5, "confidence__lt": 0.8}),
        "low": (_("Below 0.5: does not count"), {"confidence__lt": 0.5}),
    }

    def lookups(self, request, model_admin):
        return [(value, label) for value, (label, _condition) in self.RANGES.items()]

    def queryset(self, request, queryset):
        _label, condition = self.RANGES.get(self.value(), ("", {}))
        return queryset.filter(**condition)


@admin.register(CourseSkill)
class CourseSkillAdmin(ModelAdmin):
    """Where officers decide what the tagger has proposed."""

    list_display = ["course", "skill", "badge", "confidence", "level", "basis"]
    list_filter = ["state", ConfidenceFilter, ("skill", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_select_related = ["course", "skill"]
    search_fields = ["course__code", "course__title_en", "course__title_zh_hant", *SKILL_NAMES]
    ordering = [F("confidence").desc(nulls_last=True), "pk"]
    autocomplete_fields = ["course", "skill"]
    fields = ["course", "skill", "level", "state", "confidence", "basis"]
    readonly_fields = ["state", "confidence"]
    actions = ["confirm", "veto"]
    actions_submit_line = ["confirm_this", "veto_this"]

    def get_readonly_fields(self, request, obj=None):
        """A row is about one course and one skill; another pair is another row."""
        return [*self.readonly_fields, *(["course", "skill"] if obj else [])]

    @display(
        description=_("state"),
        ordering="state",
        label={
            CourseSkill.State.CONFIRMED: "success",
            CourseSkill.State.PROPOSED: "info",
            CourseSkill.State.VETOED: "danger",
        },
    )
    def badge(self, raised):
        return raised.state, raised.get_state_display()

    @admin.action(description=_("Confirm"), permissions=["change"])
    def confirm(self, request, queryset):
        self.decide(request, queryset, CourseSkill.State.CONFIRMED)

    @admin.action(description=_("Veto"), permissions=["change"])
    def veto(self, request, queryset):
        self.decide(request, queryset, CourseSkill.State.VETOED)

    @action(description=_("Confirm"), permissions=["change"])
    def confirm_this(self, request, raised):
        self.decide(request, CourseSkill.objects.filter(pk=raised.pk), CourseSkill.State.CONFIRMED)

    @action(description=_("Veto"), permissions=["change"])
    def veto_this(self, request, raised):
        self.decide(request, CourseSkill.objects.filter(pk=raised.pk), CourseSkill.State.VETOED)

    @transaction.atomic
    def decide(self, request, queryset, state):
        """Sets the state of rows and keeps in the history who did."""
        rows = list(queryset.exclude(state=state).select_for_update(of=["self"]))
        CourseSkill.objects.filter(pk__in=[row.pk for row in rows]).update(state=state)
        index(Course.objects.filter(pk__in={row.course_id for row in rows}))
        if rows:
            message = [{"changed": {"fields": ["state"], "to": state}}]
            LogEntry.objects.log_actions(request.user.pk, rows, CHANGE, message)
        self.message_user(request, DECIDED[state] % {"count": len(rows)}, messages.SUCCESS)


@admin.register(Offering)
class OfferingAdmin(ModelAdmin):
    list_display = ["course", "code", "starts_on", "ends_on", "mode", "seats", "is_synthetic"]
    list_filter = ["mode", "district", "is_synthetic", "starts_on"]
    list_select_related = ["course"]
    search_fields = ["code", "course__code", "course__title_en", "course__title_zh_hant"]
    autocomplete_fields = ["course"]
    fields = [
        "course",
        "code",
        ("starts_on", "ends_on"),
        "timetable_en",
        "timetable_zh_hant",
        "timetable_zh_hans",
        ("mode", "district"),
        "seats",
        "fee_cents",
        "is_synthetic",
    ]


@admin.register(SubsidyScheme)
class SubsidySchemeAdmin(ModelAdmin):
    list_display = ["name_en", "name_zh_hant", "run_by", "url"]
    search_fields = ["slug", *NAMES]
    prepopulated_fields = {"slug": ["name_en"]}
    fields = [*NAMES, "slug", "run_by", "url"]


class TierFormSet(PaginationInlineFormSet):
    def clean(self):
        """Refuses tiers that do not add up to the ceiling of their rule, or pay more the later they come.

        The cheapest pathway can be planned only where using up an earlier tier first is never worse.
        """
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms and form.has_changed()]
        kept += [form for form in self.initial_forms if form not in self.deleted_forms and form not in kept]
        if any(self.errors) or not kept or self.instance.ceiling_cents is None:
            return
        in_all = sum(form.cleaned_data["up_to_cents"] for form in kept)
        if in_all != self.instance.ceiling_cents:
            raise ValidationError(
                _("The tiers add up to %(tiers)d cents, the ceiling is %(ceiling)d cents.")
                % {"tiers": in_all, "ceiling": self.instance.ceiling_cents}
            )
        in_order = sorted((form.cleaned_data for form in kept), key=lambda tier: tier["position"])
        for before, tier in pairwise(in_order):
            if tier["percent"] > before["percent"]:
                raise ValidationError(
                    _("A later tier pays no more than the one before: %(after)d%% comes after %(before)d%%.")
                    % {"before": before["percent"], "after": tier["percent"]}
                )


class Tiers(Rows):
    model = SubsidyTier
    formset = TierFormSet
    fields = ["position", "percent", "up_to_cents"]
    list_select_related = ["rule__scheme"]


@admin.register(SubsidyRule)
class SubsidyRuleAdmin(ModelAdmin):
    list_display = ["scheme", "valid_from", "valid_to", "ceiling_cents", "as_of"]
    list_filter = ["scheme"]
    list_select_related = ["scheme"]
    autocomplete_fields = ["scheme"]
    inlines = [Tiers]
    fieldsets = [
        (
            None,
            {
                "fields": ["scheme", ("valid_from", "valid_to"), "ceiling_cents"],
                "description": _("A rule without tiers is known in part only: nothing is computed from it."),
            },
        ),
        (
            _("Conditions"),
            {
                "fields": [
                    "min_age",
                    ("min_attendance_percent", "min_mark_percent"),
                    "claim_within_months",
                    "max_claims",
                    "needs_residence",
                ]
            },
        ),
        (_("Source"), {"fields": ["source_url", "as_of"]}),
    ]


@admin.register(SubsidyListing)
class SubsidyListingAdmin(ModelAdmin):
    list_display = ["course", "scheme", "is_listed", "listed_from", "listed_to", "as_of"]
    list_filter = ["scheme", "is_listed"]
    list_select_related = ["course", "scheme"]
    search_fields = ["course__code", "course__title_en", "course__title_zh_hant"]
    autocomplete_fields = ["course", "scheme"]
    fields = ["course", "scheme", "is_listed", ("listed_from", "listed_to"), "source_url", "as_of"]
