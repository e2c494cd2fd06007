"""Rows inside an admin page, however many, for the same number of queries."""

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from recommender.skills.models import Level


class ChosenAutocomplete(AutocompleteSelect):
    """Shows the chosen object that the row has loaded; Django's own would ask the database once a row."""

    chosen = None

    def optgroups(self, name, value, attrs=None):
        if self.chosen is None or value != [str(self.chosen.pk)]:
            return super().optgroups(name, value, attrs)
        return [(None, [self.create_option(name, self.chosen.pk, str(self.chosen), True, 0)], 0)]


class RowForm(forms.ModelForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, ChosenAutocomplete):
                widget.chosen = getattr(self.instance, name, None)


class Rows(TabularInline):
    """A table of rows. `list_select_related` names what their texts and choices are made of."""

    form = RowForm
    extra = 0
    hide_title = True
    list_select_related = ()

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*self.list_select_related)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = ChosenAutocomplete(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        """Whoever needs, raises or holds a skill does so at a level above none."""
        if db_field.name == "level":
            kwargs["choices"] = [("", _("Choose")), *(row for row in Level.choices if row[0] > Level.NONE)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)
