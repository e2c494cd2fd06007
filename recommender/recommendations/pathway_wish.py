"""What a learner asks of a pathway, and what can be asked."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommender.engine.pathway_candidates import FAR

# The product's own assumptions: of a learner who states no hours, and of one who states no end.
DEFAULT_HOURS_A_WEEK = 5
HORIZON_DAYS = 730
# The last day that may be asked for, and that a proposed change may name, counted from today.
LATEST_DAYS = FAR
UNKNOWN_NEEDS = gettext_lazy("We do not know yet what this role needs, so that no pathway leads there.")


@dataclass(frozen=True)
class Wish:
    """What a learner asks for and gives: coverage in percent, budget after subsidy, or None for any sum.

    finish_by : the day by which all is finished, which is no day of learning; None for HORIZON_DAYS after
        the start
    languages : codes of those that the learner follows, hkqf_level : 1 to 7; None for those of the profile
    """

    coverage: int
    hours_a_week: int
    budget_cents: int | None
    starts_on: date
    finish_by: date | None = None
    languages: tuple[str, ...] | None = None
    hkqf_level: int | None = None

    @property
    def horizon(self):
        return self.finish_by or self.starts_on + timedelta(days=HORIZON_DAYS)


def wish_of(learner, *, today):
    """What a learner's profile says, to begin with."""
    return Wish(100, learner.hours_a_week or DEFAULT_HOURS_A_WEEK, learner.budget_cents, today)


def states_its_needs(role):
    """Whether it is known of a role what it needs; without that everybody would seem to be there already."""
    return role.skills_needed.filter(importance__gt=0, level__gt=0).exists()


def check_days(start, end, *, today):
    """Raises ValidationError, by field of Wish, where a start or an end (None for none) cannot be planned."""
    latest = today + timedelta(days=HORIZON_DAYS)
    if not today <= start <= latest:
        raise ValidationError({"starts_on": _days(today, latest)})
    first, last = start + timedelta(days=1), today + timedelta(days=LATEST_DAYS)
    if end is not None and not first <= end <= last:
        raise ValidationError({"finish_by": _days(first, last)})


def _days(first, last):
    return _("Give a day from %(first)s to %(last)s.") % {
        "first": first.isoformat(),
        "last": last.isoformat(),
    }
