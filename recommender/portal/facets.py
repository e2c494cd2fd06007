"""The catalogue's filters: what may be chosen, how many courses each choice leaves, and which those are.

One pass over the courses that the words of a search find. A choice counts the courses that would be left with
it, everything chosen under the other headings kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.catalogue.districts import District
from recommender.catalogue.fees import fee_of
from recommender.catalogue.models import Course, Mode, Offering, Provider, SubsidyListing
from recommender.learners.costs import net_costs
from recommender.portal.cards import next_offering
from recommender.skills.hkqf import AWARDS
from recommender.skills.models import Discipline, Language

COSTS = {
    "free": _("Free"),
    "5000": _("Up to HK$5,000"),
    "15000": _("Up to HK$15,000"),
    "more": _("More than HK$15,000"),
    "unstated": _("Whole fee not known"),
}
STARTS = {
    "1": _("Within a month"),
    "3": _("Within three months"),
    "later": _("Later"),
    "undated": _("No date stated"),
}
MONTH = timedelta(days=31)
NEAR = "near"
COLUMNS = ("pk", "hkqf_level", "provider__kind", "mode", "discipline", "fee_cents", "fee_basis")


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
    learner : Learner whose claims count in what a course costs, and whose district is one choice, or None
    names : names of the headings to offer; all of them by default
    """

    def __init__(self, courses, query, learner=None, names=None):
        rows = list(courses.values_list(*COLUMNS, named=True))
        today = timezone.localdate()
        occasions = _open_occasions(today)
        following = {occasion.course_id: occasion for occasion in reversed(occasions)}
        ids = [row.pk for row in rows]
        back = _money_back(learner, ids, today)
        self.ids = np.array(ids, dtype=np.int64)
        self.headings = [heading for heading in headings(learner) if names is None or heading.name in names]
        chosen = {
            heading.name: set(query.getlist(heading.name)) & heading.labels.keys()
            for heading in self.headings
        }
        self.chosen = {name: values for name, values in chosen.items() if values}
        self.members = {
            "cost": _one_of([_cost(row, following.get(row.pk), back.get(row.pk, 0)) for row in rows]),
            "start": _one_of([_start(following.get(pk), today) for pk in ids]),
            "level": _one_of([str(row.hkqf_level or "") for row in rows]),
            "kind": _one_of([row.provider__kind for row in rows]),
            "mode": _one_of([row.mode for row in rows]),
            "discipline": _one_of([row.discipline for row in rows]),
            "language": self._languages(),
            "district": self._districts(
                occasions, [row.pk for row in rows if row.mode == Mode.ONLINE], learner
            ),
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
        pairs = np.array(
            Course.languages.through.objects.values_list("course_id", "language_id"), dtype=object
        )
        courses, languages = pairs.reshape(-1, 2).T
        courses = courses.astype(np.int64)
        return {
            language: np.isin(self.ids, courses[languages == language])
            for language in sorted(set(languages.tolist()))
        }

    def _districts(self, occasions, online, learner):
        """Courses with an open offering in each district, and those near the learner; `online` are ids."""
        courses = {}
        for occasion in occasions:
            if occasion.mode == Mode.ONLINE:
                online.append(occasion.course_id)
            elif occasion.district:
                courses.setdefault(occasion.district, []).append(occasion.course_id)
        if learner and learner.district:
            courses[NEAR] = online + courses.get(learner.district, [])
        members = {district: np.isin(self.ids, ids) for district, ids in courses.items()}
        return {district: mask for district, mask in members.items() if mask.any()}


def of_preferred_modes(query, learner):
    """The address of the same search in the learner's preferred modes; "" where there is nothing to offer."""
    if learner is None or not learner.preferred_modes or "mode" in query:
        return ""
    narrowed = query.copy()
    narrowed.pop("page", None)
    narrowed.setlist("mode", learner.preferred_modes)
    return f"?{narrowed.urlencode()}"


def headings(learner):
    """The headings in the order of the page."""
    places = _places(learner)
    languages = {language.pk: language.name for language in Language.objects.order_by("name_en")}
    levels = {str(level): award for level, award in AWARDS.items()}
    return (
        Heading("cost", _("Cost after subsidy"), COSTS),
        Heading("start", _("When it starts"), STARTS),
        Heading("mode", _("How it is taught"), dict(Mode.choices)),
        Heading("district", _("Where it is taught"), places, is_short=NEAR in places),
        Heading("language", _("Language"), languages),
        Heading("kind", _("Provider"), dict(Provider.Kind.choices)),
        Heading("level", _("Level (HKQF)"), levels, is_short=False),
        Heading("discipline", _("Subject"), dict(Discipline.choices), is_short=False),
    )


def _places(learner):
    """{value: label}, the learner's own district first where they named one."""
    if learner is None or not learner.district:
        return dict(District.choices)
    near = _("In %(district)s or online") % {"district": learner.get_district_display()}
    return {NEAR: near, **dict(District.choices)}


def _open_occasions(today):
    """Offerings that somebody may still join, the next first."""
    columns = ("course_id", "starts_on", "district", "mode", "fee_cents")
    return list(
        Offering.objects.open(on=today).order_by("starts_on", "code").values_list(*columns, named=True)
    )


def _one_of(values):
    """{value: bool ndarray of the courses that have it}."""
    places = {value: place for place, value in enumerate(dict.fromkeys(values))}
    place_of_course = np.array([places[value] for value in values], dtype=np.int32)
    return {value: place_of_course == place for value, place in places.items() if value}


def _money_back(learner, ids, today):
    """{course id: cents that come back after passing} of those of the courses that a scheme lists."""
    listed = set(SubsidyListing.objects.filter(is_listed=True).values_list("course", flat=True)).intersection(
        ids
    )
    prefetch = Prefetch("offerings", Offering.objects.open(on=today), to_attr="open_offerings")
    courses = Course.objects.filter(pk__in=listed).prefetch_related(prefetch)
    occasions = [(course, next_offering(course)) for course in courses] if listed else []
    costs = net_costs(learner, occasions, today=today) if occasions else []
    return {
        course.pk: cost.back_if_passed or 0
        for (course, _offering), cost in zip(occasions, costs, strict=True)
    }


def _cost(course, occasion, back_cents):
    whole_fee = fee_of(course, occasion).whole_cents
    if whole_fee is None:
        return "unstated"
    if not whole_fee:
        return "free"
    net = whole_fee - back_cents
    return next((name for name, most in (("5000", 500_000), ("15000", 1_500_000)) if net <= most), "more")


def _start(occasion, today):
    if occasion is None:
        return "undated"
    months = ((name, today + count * MONTH) for name, count in (("1", 1), ("3", 3)))
    return next((name for name, last in months if occasion.starts_on <= last), "later")
