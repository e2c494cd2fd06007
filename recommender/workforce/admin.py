"""Sectors, roles, the skills they need, demand, supply and shortage in the admin."""

from django import forms
from django.contrib import admin
from django.contrib.admin.models import DELETION, LogEntry
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from recommender.skills.inlines import Rows
from recommender.skills.read_only import ReadOnly
from recommender.workforce.figures import loaded_periods
from recommender.workforce.models import (
    Demand,
    Graduates,
    Role,
    RoleSkill,
    RoleSupply,
    Sector,
    ShortageOverride,
)
from recommender.workforce.reports import figure, periods_table
from recommender.workforce.shortage import role_shortages

NAMES = ("name_en", "name_zh_hant", "name_zh_hans")


@admin.register(Sector)
class SectorAdmin(ModelAdmin):
    list_display = NAMES
    search_fields = ["slug", *NAMES]
    prepopulated_fields = {"slug": ["name_en"]}
    fields = [*NAMES, "slug"]


class SkillsNeeded(Rows):
    model = RoleSkill
    verbose_name_plural = _("skills needed")
    fields = ["skill", "importance", "level", "source"]
    autocomplete_fields = ["skill"]
    list_select_related = ["role", "skill"]
    tab = True


class DemandFigures(Rows):
    model = Demand
    fields = [
        "sector",
        "measure",
        "description",
        "value",
        "unit",
        "period",
        "source_url",
        "source_date",
        "is_synthetic",
    ]
    autocomplete_fields = ["sector"]
    list_select_related = ["sector"]
    tab = True


@admin.register(Role)
class RoleAdmin(ModelAdmin):
    list_display = ["name_en", "name_zh_hant", "openings", "supply", "shortage", "framework_code"]
    list_filter = ["sectors", "framework"]
    search_fields = ["slug", *NAMES, "framework_code"]
    prepopulated_fields = {"slug": ["name_en"]}
    autocomplete_fields = ["sectors"]
    inlines = [SkillsNeeded, DemandFigures]
    change_form_outer_after_template = "admin/workforce/role/periods.html"
    fieldsets = [
        (None, {"fields": [*NAMES, "slug", "sectors"]}),
        (
            _("Framework"),
            {
                "fields": ["framework", "framework_code", "framework_url", "note"],
                "description": _("The occupation of a published framework that this role is nearest to."),
            },
        ),
    ]

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        found = role_shortages(only=[role.pk for role in changelist.result_list])
        for role in changelist.result_list:
            role.found = found[role.pk]
        return changelist

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        if obj:
            context["periods"] = periods_table(role_shortages(only=[obj.pk])[obj.pk])
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @display(description=_("openings"))
    def openings(self, role):
        return gettext("unknown") if role.found.openings is None else f"{role.found.openings:,.0f}"

    @display(description=_("supply"))
    def supply(self, role):
        return gettext("not counted") if role.found.n_supply is None else f"{role.found.n_supply:,}"

    @display(description=_("shortage"))
    def shortage(self, role):
        return figure(role.found.shortage)


@admin.register(Demand)
class DemandAdmin(ModelAdmin):
    list_display = [
        "description",
        "measure",
        "value",
        "unit",
        "period",
        "role",
        "skill",
        "sector",
        "source_date",
        "is_synthetic",
    ]
    list_filter = ["measure", "is_synthetic", "sector", "role"]
    list_select_related = ["role", "skill", "sector"]
    search_fields = ["description", "role__name_en", "role__name_zh_hant", "sector__name_en", "source_url"]
    autocomplete_fields = ["role", "skill", "sector"]
    fieldsets = [
        (
            _("Whose demand"),
            {
                "fields": ["role", "skill", "sector"],
                "description": _("A role or a skill, not both. With none of the three: the whole market."),
            },
        ),
        (
            _("Figure"),
            {
                "fields": ["measure", "description", "value", "unit", "period"],
                "description": _("Figures of different measures are never added up."),
            },
        ),
        (_("Source"), {"fields": ["source_url", "source_date", "is_synthetic", "note"]}),
    ]


@admin.register(Graduates)
class GraduatesAdmin(ModelAdmin):
    list_display = ["role", "sector", "period", "count", "source_url", "source_date", "is_synthetic"]
    list_filter = ["is_synthetic", "sector", "role"]
    list_select_related = ["role", "sector"]
    search_fields = ["role__name_en", "role__name_zh_hant", "sector__name_en", "period", "source_url"]
    autocomplete_fields = ["role", "sector"]
    fieldsets = [
        (None, {"fields": ["role", "sector", "period", "count"]}),
        (_("Source"), {"fields": ["source_url", "source_date", "is_synthetic", "note"]}),
    ]


@admin.register(RoleSupply)
class RoleSupplyAdmin(ReadOnly, ModelAdmin):
    """Counted by each run and by `count_supply`, the last count of each month kept; nobody writes it."""

    list_display = [
        "role",
        "sector",
        "n_meeting",
        "n_synthetic_meeting",
        "n_expected",
        "n_synthetic_expected",
        "counted_at",
    ]
    list_filter = ["counted_at", "sector", "role"]
    list_select_related = ["role", "sector"]
    search_fields = ["role__name_en", "role__name_zh_hant", "sector__name_en"]


class OverrideForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        """Names the periods loaded for the role, once it is known."""
        super().__init__(*args, **kwargs)
        # Who may only look has no fields.
        if "role" in self.fields and (role := self._role()):
            words = {"role": role, "loaded": ", ".join(loaded_periods(role.pk)) or gettext("none")}
            self.fields["period"].help_text = (
                _("Periods loaded for “%(role)s”: %(loaded)s. Empty: of the latest openings.") % words
            )

    def _role(self):
        try:
            return self.fields["role"].clean(self["role"].value())
        except ValidationError:
            return None

    def clean(self):
        """Refuses a period of which nothing is loaded: its figure would stand beside nothing, nor be seen."""
        super().clean()
        role, period = self.cleaned_data.get("role"), self.cleaned_data.get("period")
        if not role or not period:
            return
        loaded = loaded_periods(role.pk)
        if not loaded:
            self.add_error("period", _("Nothing is loaded for “%(role)s”: leave it empty.") % {"role": role})
        elif period not in loaded:
            words = {"role": role, "period": period, "loaded": ", ".join(loaded)}
            self.add_error(
                "period",
                _(
                    "Nothing is loaded for “%(role)s” in “%(period)s”. Periods loaded for it: %(loaded)s. "
                    "Name one of these, or leave it empty for the latest openings."
                )
                % words,
            )


@admin.register(ShortageOverride)
class ShortageOverrideAdmin(ModelAdmin):
    """Who overrode a figure, when, what it was and why stays in the audit, also once it is deleted."""

    form = OverrideForm
    list_display = ["role", "sector", "period", "shortage", "computed", "reason", "made_by", "made_at"]
    list_filter = ["sector", "role"]
    list_select_related = ["role", "sector", "made_by"]
    search_fields = ["role__name_en", "role__name_zh_hant", "sector__name_en", "period", "reason"]
    autocomplete_fields = ["role", "sector"]
    fields = ["role", "sector", "period", "shortage", "computed", "reason", "made_by", "made_at"]
    readonly_fields = ["computed", "made_by", "made_at"]

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        found = role_shortages(only={override.role_id for override in changelist.result_list})
        for override in changelist.result_list:
            override.found = found[override.role_id]
        return changelist

    @display(description=_("computed from what was counted"))
    def computed(self, override):
        return figure(computed_beside(override)) if override.pk else None

    def save_model(self, request, obj, form, change):
        obj.made_by = request.user
        super().save_model(request, obj, form, change)

    def log_deletions(self, request, queryset):
        for override in queryset:
            words = {"old": figure(override.shortage), "reason": override.reason}
            message = gettext("Shortage no longer overridden: %(old)s. Its reason was: %(reason)s") % words
            LogEntry.objects.log_actions(request.user.pk, [override], DELETION, message, single_object=True)

    def construct_change_message(self, request, form, formsets, add=False):
        override = form.instance
        words = {"new": figure(override.shortage), "reason": override.reason}
        if add:
            words["old"] = figure(computed_beside(override))
            return gettext("Shortage computed: %(old)s, overridden: %(new)s. Reason: %(reason)s") % words
        words["old"] = figure(form.initial["shortage"])
        return gettext("Shortage overridden: %(new)s, before: %(old)s. Reason: %(reason)s") % words


def computed_beside(override):
    """What the shortage would be without the override; read anew where no list has read it for all."""
    if not hasattr(override, "found"):
        override.found = role_shortages(only=[override.role_id])[override.role_id]
    return override.found.within(override.period).of(override.sector_id).computed
