"""The catalogue's filters: what may be chosen, how many courses each choice leaves, and which those are.

One pass over the courses that the words of a search find. A choice counts the courses that would be left with
it, everything chosen under the other headings kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.models import Course, Mode, Offering, Provider, SubsidyListing
from recommender.learners.costs import net_costs
from recommender.skills.hkqf import AWARDS
from recommender.skills.models import Discipline, Language

COSTS = {
    "free": _("Free"),
    "5000": _("Up to HK$5,000"),
    "15000": _("Up to HK$15,000"),
    "more": _("More than HK$15,000"),
    "unstated": _("Fee not stated"),
}
STARTS = {
    "1": _("Within a month"),
    "3": _("Within three months"),
    "later": _("Later"),
    "undated": _("No date stated"),
}
MONTH = timedelta(days=31)
COLUMNS = ("pk", "fee_cents", "hkqf_level", "provider__kind", "mode", "discipline")


@dataclass(frozen=True)
class Option:
    """One choice under a heading, and how many courses it leaves."""

    value: str
    label: str
    is_chosen: bool
    n_courses: int


@dataclass(frozen=True)
class Facet:
    """A heading with its choices; a long one is open only when in use."""

    name: str
    title: str
    options: list[Option]
    is_open: bool


class Heading(NamedTuple):
    """labels : {value: label} of all choices there are"""

    name: str
    title: str
    labels: dict
    is_short: bool = True


class Facets:
    """Counts and choices over a queryset of courses.

    Parameters
    ----------
    courses : queryset of what the words find, in the order of the page
    query : QueryDict of the address; a value that is not on offer is ignored, so that old addresses work
    learner : Learner whose claims count in what a course costs, or None
    names : names of the headings to offer; all of them by default
    """

    def __init__(self, courses, query, learner=None, names=None):
        rows = list(courses.values_list(*COLUMNS))
        today = timezone.localdate()
        starts = _next_starts(today)
        back = _money_back(learner, courses, today)
        self.ids = np.array([row[0] for row in rows], dtype=np.int64)
        self.headings = [heading for heading in headings() if names is None or heading.name in names]
        chosen = {
            heading.name: set(query.getlist(heading.name)) & heading.labels.keys()
            for heading in self.headings
        }
        self.chosen = {name: values for name, values in chosen.items() if values}
        self.members = {
            "cost": _one_of([_cost(row[1], back.get(row[0], 0)) for row in rows]),
            "start": _one_of([_start(starts.get(row[0]), today) for row in rows]),
            "level": _one_of([str(row[2] or "") for row in rows]),
            "kind": _one_of([row[3] for row in rows]),
            "mode": _one_of([row[4] for row in rows]),
            "discipline": _one_of([row[5] for row in rows]),
            "language": self._languages(),
        }
        nothing = np.zeros(self.ids.size, dtype=bool)
        self.kept = {
            name: np.logical_or.reduce([self.members[name].get(value, nothing) for value in values])
            for name, values in self.chosen.items()
        }

    def course_ids(self):
        """Ids of the courses under all choices, in the order of the page."""
        return self.ids[self._left(())].tolist()

    def facets(self):
        """The headings in the order of the page, with the choices that some course under the words has."""
        return [self._facet(heading) for heading in self.headings]

    def _facet(self, heading):
        left = self._left((heading.name,))
        chosen = self.chosen.get(heading.name, ())
        members = self.members[heading.name]
        options = [
            Option(value, label, value in chosen, int(np.count_nonzero(members[value] & left)))
            for value, label in heading.labels.items()
            if value in members
        ]
        return Facet(heading.name, heading.title, options, is_open=heading.is_short or bool(chosen))

    def _left(self, but):
        masks = [mask for name, mask in self.kept.items() if name not in but]
        return np.logical_and.reduce(masks) if masks else np.ones(self.ids.size, dtype=bool)

    def _languages(self):
        taught = Course.languages.through.objects.filter(course__status=Course.Status.ACTIVE)
        pairs = list(taught.values_list("course_id", "language_id"))
        courses = np.array([course for course, _language in pairs], dtype=np.int64)
        languages = np.array([language for _course, language in pairs], dtype=object)
        return {
            language: np.isin(self.ids, courses[languages == language])
            for language in sorted(set(languages.tolist()))
        }


def headings():
    """The headings in the order of the page."""
    languages = {language.pk: language.name for language in Language.objects.order_by("name_en")}
    levels = {str(level): award for level, award in AWARDS.items()}
    return (
        Heading("cost", _("Cost after subsidy"), COSTS),
        Heading("start", _("When it starts"), STARTS),
        Heading("mode", _("How it is taught"), dict(Mode.choices)),
        Heading("language", _("Language"), languages),
        Heading("kind", _("Provider"), dict(Provider.Kind.choices)),
        Heading("level", _("Level (HKQF)"), levels, is_short=False),
        Heading("discipline", _("Subject"), dict(Discipline.choices), is_short=False),
    )


def _next_starts(today):
    """{course id: first day of the next offering that somebody may still join}."""
    return dict(
        Offering.objects.open(on=today).order_by().values_list("course").annotate(first=Min("starts_on"))
    )


def _one_of(values):
    """{value: bool ndarray of the courses that have it}."""
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    place_of_course = np.array([places[value] for value in values], dtype=np.int32)
    return {value: place_of_course == place for value, place in places.items() if value}


def _money_back(learner, courses, today):
    """{course id: cents that come back after passing} of the courses that a scheme lists."""
    listed = SubsidyListing.objects.filter(is_listed=True).values("course")
    occasions = [(course, None) for course in courses.filter(pk__in=listed).only("fee_cents")]
    costs = net_costs(learner, occasions, today=today) if occasions else []
    return {
        course.pk: cost.back_if_passed or 0
        for (course, _offering), cost in zip(occasions, costs, strict=True)
    }


def _cost(fee_cents, back_cents):
    if fee_cents is None:
        return "unstated"
    if not fee_cents:
        return "free"
    net = fee_cents - back_cents
    return next((name for name, most in (("5000", 500_000), ("15000", 1_500_000)) if net <= most), "more")


def _start(day, today):
    if day is None:
        return "undated"
    return next((name for name, months in (("1", 1), ("3", 3)) if day <= today + months * MONTH), "later")
