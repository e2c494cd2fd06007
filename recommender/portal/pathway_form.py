"""What a learner asks of a pathway."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from recommender.portal.forms import NamedChoices
from recommender.recommendations.pathways import HORIZON_DAYS, UNKNOWN_NEEDS, Wish, states_its_needs
from recommender.workforce.models import Role

MOST_HOURS = 168


class PathwayForm(forms.Form):
    """Filled in from the profile until something is asked."""

    role = NamedChoices(
        Role.objects.all(), to_field_name="slug", label=_("Target role"), empty_label=_("Choose a role")
    )
    coverage = forms.IntegerField(
        label=_("How much of the role, in percent"),
        help_text=_("Of the skill levels that it needs, each weighed by its importance."),
        min_value=1,
        max_value=100,
    )
    hours_a_week = forms.IntegerField(label=_("Hours a week"), min_value=1, max_value=MOST_HOURS)
    budget = forms.DecimalField(
        label=_("Budget after subsidy, in HK$"),
        min_value=0,
        max_value=10_000_000,
        decimal_places=2,
        required=False,
    )
    starts_on = forms.DateField(
        label=_("Start on or after"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, data, *, learner, wish, today):
        self.today = today
        budget = None if wish.budget_cents is None else Decimal(wish.budget_cents) / 100
        initial = {
            "role": learner.target_roles.values_list("slug", flat=True).first(),
            "coverage": wish.coverage,
            "hours_a_week": wish.hours_a_week,
            "budget": budget,
            "starts_on": wish.starts_on,
        }
        # What an address leaves out is as in the profile.
        if data is not None:
            given = {name: value for name, value in initial.items() if name not in data and value is not None}
            data = data.dict() | given
        super().__init__(data, initial=initial)

    def clean_role(self):
        role = self.cleaned_data["role"]
        if not states_its_needs(role):
            raise forms.ValidationError(UNKNOWN_NEEDS)
        return role

    def clean_starts_on(self):
        start, last = self.cleaned_data["starts_on"], self.today + timedelta(days=HORIZON_DAYS)
        if not self.today <= start <= last:
            raise forms.ValidationError(
                _("Give a day from %(first)s to %(last)s.")
                % {"first": self.today.isoformat(), "last": last.isoformat()}
            )
        return start

    def wish(self):
        """What is asked; called after is_valid."""
        asked = self.cleaned_data
        budget = asked["budget"]
        return Wish(
            coverage=asked["coverage"],
            hours_a_week=asked["hours_a_week"],
            budget_cents=None if budget is None else int(budget * 100),
            starts_on=asked["starts_on"],
        )
