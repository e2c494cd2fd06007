"""What a learner asks of a pathway."""

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommender.portal.forms import NamedChoices, NamedMultipleChoices
from recommender.recommendations.pathway_wish import UNKNOWN_NEEDS, Wish, check_days, states_its_needs
from recommender.skills.hkqf import AWARDS
from recommender.skills.models import Language
from recommender.workforce.models import Role

MOST_HOURS = 168
MOST_DOLLARS = 10_000_000


def saying(message, *kinds):
    """The same message for each kind of mistake."""
    return dict.fromkeys(kinds, message)


@dataclass(frozen=True)
class Slider:
    """What a slider beside a number field runs over, and how its value is said.

    one, many : with %(n)s for the value; none : of an empty field, empty where it has to be filled in
    """

    least: int
    most: int
    step: int
    one: str
    many: str
    none: str = ""


class WhatIfDay(forms.DateField):
    """A day that a plan rests on."""

    def __init__(self, **kwargs):
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            error_messages=saying(
                gettext_lazy("Give a day as year, month and day, such as 2027-03-31."), "invalid", "required"
            ),
            **kwargs,
        )


class PathwayForm(forms.Form):
    """Filled in from the profile until something is asked; it changes nothing in the profile."""

    role = NamedChoices(
        Role.objects.all(),
        to_field_name="slug",
        label=gettext_lazy("Target role"),
        empty_label=gettext_lazy("Choose a role"),
        error_messages=saying(
            gettext_lazy("Choose one of the roles on the list."), "required", "invalid_choice"
        ),
    )
    hours_a_week = forms.IntegerField(
        label=gettext_lazy("Hours a week"),
        min_value=1,
        max_value=MOST_HOURS,
        error_messages=saying(
            gettext_lazy("Give whole hours from 1 to 168."), "required", "invalid", "min_value", "max_value"
        ),
    )
    budget = forms.DecimalField(
        label=gettext_lazy("Budget after subsidy, in HK$"),
        help_text=gettext_lazy("Leave it empty for any sum."),
        min_value=0,
        max_value=MOST_DOLLARS,
        decimal_places=2,
        required=False,
        error_messages=saying(
            gettext_lazy(
                "Give a sum from 0 to 10,000,000 with two decimals at most, or nothing for any sum."
            ),
            *("invalid", "min_value", "max_value", "max_decimal_places"),
        ),
    )
    starts_on = WhatIfDay(label=gettext_lazy("Start on or after"))
    finish_by = WhatIfDay(
        label=gettext_lazy("Have finished by"),
        help_text=gettext_lazy("Leave it empty for two years after the start."),
        required=False,
    )
    coverage = forms.IntegerField(
        label=gettext_lazy("How much of the role, in percent"),
        help_text=gettext_lazy(
            "Of the skill levels that it needs, each weighed by its importance. Leave it empty for as much as"
            " is possible."
        ),
        min_value=1,
        max_value=100,
        required=False,
        error_messages=saying(
            gettext_lazy("Give a whole percentage from 1 to 100, or nothing for as much as is possible."),
            *("invalid", "min_value", "max_value"),
        ),
    )
    languages = NamedMultipleChoices(
        Language.objects.order_by("name_en"),
        label=gettext_lazy("Languages you can follow a course in"),
        help_text=gettext_lazy("None chosen means those of your profile."),
        required=False,
        error_messages=saying(
            gettext_lazy("Choose languages on the list."),
            "invalid_choice",
            "invalid_pk_value",
            "invalid_list",
        ),
    )
    hkqf_level = forms.TypedChoiceField(
        label=gettext_lazy("Highest qualification"),
        choices={"": gettext_lazy("As in my profile"), **AWARDS},
        coerce=int,
        empty_value=None,
        required=False,
        error_messages=saying(
            gettext_lazy("Choose one of the qualifications on the list."), "invalid_choice"
        ),
    )

    def __init__(self, data, *, learner, wish, today):
        self.today = today
        initial = {
            "role": learner.target_roles.values_list("slug", flat=True).first(),
            "hours_a_week": wish.hours_a_week,
            "budget": None if wish.budget_cents is None else dollars(wish.budget_cents),
            "starts_on": wish.starts_on,
            "languages": list(learner.languages.values_list("pk", flat=True)),
            "hkqf_level": learner.hkqf_level,
        }
        # What an address leaves out is as in the profile.
        if data is not None:
            data = data.copy()
            for name, value in initial.items():
                if name not in data and value is not None:
                    data.setlist(name, value if isinstance(value, list) else [value])
        super().__init__(data, initial=initial)

    def clean_role(self):
        role = self.cleaned_data["role"]
        if not states_its_needs(role):
            raise forms.ValidationError(UNKNOWN_NEEDS)
        return role

    def clean(self):
        if "starts_on" in self.cleaned_data:
            check_days(self.cleaned_data["starts_on"], self.cleaned_data.get("finish_by"), today=self.today)

    def wish(self):
        """What is asked; called after is_valid. Without a coverage, it begins with all of the role."""
        asked = self.cleaned_data
        budget = asked["budget"]
        return Wish(
            coverage=asked["coverage"] or 100,
            hours_a_week=asked["hours_a_week"],
            budget_cents=None if budget is None else int(budget * 100),
            starts_on=asked["starts_on"],
            finish_by=asked["finish_by"],
            languages=tuple(language.pk for language in asked["languages"]) or None,
            hkqf_level=asked["hkqf_level"],
        )

    @property
    def takes_less(self):
        """Whether a part of the role will do; called after is_valid."""
        return self.cleaned_data["coverage"] is None

    @property
    def is_as_in_profile(self):
        """Whether languages and qualification are those of the profile."""
        return not (self.is_bound and {"languages", "hkqf_level"} & set(self.changed_data))

    @property
    def hours_slider(self):
        one, many = (ngettext("%(n)s hour a week", "%(n)s hours a week", n) for n in (1, 2))
        return Slider(least=1, most=40, step=1, one=one, many=many)

    @property
    def budget_slider(self):
        return Slider(least=0, most=400_000, step=500, one="HK$%(n)s", many="HK$%(n)s", none=_("Any sum"))


def dollars(cents):
    return Decimal(cents) / 100
