"""Skills and languages in the admin."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from recommender.skills.models import Language, Skill

NAMES = ("name_en", "name_zh_hant", "name_zh_hans")


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return [line.strip() for line in super().to_python(value).splitlines() if line.strip()]

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


class SkillForm(forms.ModelForm):
    aliases = LinesField(label=_("Other names"), required=False, help_text=_("One a line, in any language."))


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    form = SkillForm
    list_display = ["name_en", "name_zh_hant", "discipline", "framework", "framework_code"]
    list_filter = ["discipline", "framework"]
    search_fields = ["slug", *NAMES, "framework_code"]
    prepopulated_fields = {"slug": ["name_en"]}
    fieldsets = [
        (None, {"fields": [*NAMES, "slug", "discipline", "aliases"]}),
        (
            _("Framework"),
            {
                "fields": ["framework", "framework_code", "framework_url"],
                "description": _("Where a published framework has this skill: its code and address there."),
            },
        ),
    ]


@admin.register(Language)
class LanguageAdmin(ModelAdmin):
    list_display = ["code", *NAMES]
    search_fields = ["code", *NAMES]
    fields = ["code", *NAMES]

    def get_readonly_fields(self, request, obj=None):
        """A language's code is its key: another code would be another language."""
        return ["code"] if obj else []
