"""Sectors, roles, the skills they need, and demand figures in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from recommender.skills.inlines import Rows
from recommender.workforce.models import Demand, Role, RoleSkill, Sector

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
    fields = ["sector", "measure", "description", "value", "unit", "period", "source_url", "source_date"]
    autocomplete_fields = ["sector"]
    list_select_related = ["sector"]
    tab = True


@admin.register(Role)
class RoleAdmin(ModelAdmin):
    list_display = ["name_en", "name_zh_hant", "framework", "framework_code"]
    list_filter = ["sectors", "framework"]
    search_fields = ["slug", *NAMES, "framework_code"]
    prepopulated_fields = {"slug": ["name_en"]}
    autocomplete_fields = ["sectors"]
    inlines = [SkillsNeeded, DemandFigures]
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
    ]
    list_filter = ["measure", "sector", "role"]
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
        (_("Source"), {"fields": ["source_url", "source_date", "note"]}),
    ]
