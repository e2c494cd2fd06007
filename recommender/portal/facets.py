"""The catalogue's filters: what may be chosen, how many courses each choice leaves, and which those are.

One pass over the courses that the words of a search find. A choice counts the courses that would be left with
it, everything chosen under the other headings kept. What is chosen of an offering, its place and its start,
must hold of one and the same open offering.
"""

from collections import defaultdict
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
from recommender.portal.skill_facet import SkillFacet
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
SKILL = "skill"
UNSTATED = "unstated"
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
        ids = [row.pk for row in rows]
        by_course = _open_occasions(today)
        following = {course: occasions[0] for course, occasions in by_course.items()}
        back = _money_back(learner, ids, today)
        self.ids = np.array(ids, dtype=np.int64)
        # A row for each open offering, and one for a course that has none.
        occasions = [
            (place, occasion) for place, pk in enumerate(ids) for occasion in by_course.get(pk, (None,))
        ]
        self.place = np.array([place for place, _occasion in occasions], dtype=np.int64)
        self.skills = SkillFacet(self.ids, query.getlist(SKILL))
        self.headings = [
            heading
            for heading in headings(learner, self.skills.chosen)
            if names is None or heading.name in names
        ]
        chosen = {
            heading.name: set(query.getlist(heading.name)) & heading.labels.keys()
            for heading in self.headings
        }
        self.chosen = {name: values for name, values in chosen.items() if values}
        of_courses = {
            "cost": _one_of([_cost(row, following.get(row.pk), back.get(row.pk, 0)) for row in rows]),
            "level": _one_of([str(row.hkqf_level or "") for row in rows]),
            "kind": _one_of([row.provider__kind for row in rows]),
            "mode": _one_of([row.mode for row in rows]),
            "discipline": _one_of([row.discipline for row in rows]),
            "language": self._languages(),
            SKILL: self.skills.members(self.skills.chosen),
        }
        self.members = {name: self._in_rows(members) for name, members in of_courses.items()} | {
            "start": _one_of([_start(occasion, today) for _place, occasion in occasions]),
            "district": _districts(occasions, self._in_rows(of_courses["mode"]), learner),
        }
        nothing = np.zeros(self.place.size, dtype=bool)
        self.kept = {
            name: np.logical_or.reduce([self.members[name].get(value, nothing) for value in values])
            for name, values in self.chosen.items()
        }

    def course_ids(self):
        """Ids of the courses under all choices, in the order of the page."""
        return self.ids[self._courses(self._left(()))].tolist()

    def facets(self):
        """The headings in the order of the page, with the choices that some course under the words has."""
        return [self._facet(heading) for heading in self.headings]

    def _facet(self, heading):
        left = self._left((heading.name,))
        chosen = self.chosen.get(heading.name, ())
        labels, members = heading.labels, self.members[heading.name]
        if heading.name == SKILL:
            skills = self.skills.offered(self._courses(left))
            labels = {skill.slug: skill.name for skill in skills}
            members = self._in_rows(self.skills.members(skills))
        options = [
            Option(value, label, value in chosen, int(np.count_nonzero(self._courses(members[value] & left))))
            for value, label in labels.items()
            if value in members
        ]
        return Facet(heading.name, heading.title, options, is_open=heading.is_short or bool(chosen))

    def _left(self, but):
        masks = [mask for name, mask in self.kept.items() if name not in but]
        return np.logical_and.reduce(masks) if masks else np.ones(self.place.size, dtype=bool)

    def _in_rows(self, members):
        """Members among the courses as members among the rows."""
        return {value: mask[self.place] for value, mask in members.items()}

    def _courses(self, rows):
        """The courses of some rows, both as masks."""
        courses = np.zeros(self.ids.size, dtype=bool)
        courses[self.place[rows]] = True
        return courses

    def _languages(self):
        pairs = np.array(
            Course.languages.through.objects.values_list("course_id", "language_id"), dtype=object
        )
        courses, languages = pairs.reshape(-1, 2).T
        courses = courses.astype(np.int64)
        found = {
            language: np.isin(self.ids, courses[languages == language])
            for language in sorted(set(languages.tolist()))
        }
        unstated = ~np.isin(self.ids, courses)
        return found | {UNSTATED: unstated} if unstated.any() else found


def of_preferred_modes(query, learner):
    """The address of the same search in the learner's preferred modes; "" where there is nothing to offer."""
    if learner is None or not learner.preferred_modes or "mode" in query:
        return ""
    narrowed = query.copy()
    narrowed.pop("page", None)
    narrowed.setlist("mode", learner.preferred_modes)
    return f"?{narrowed.urlencode()}"


def headings(learner, skills=()):
    """The headings in the order of the page; `skills` are chosen."""
    places = _places(learner)
    languages = {language.pk: language.name for language in Language.objects.order_by("name_en")}
    languages[UNSTATED] = _("Not stated")
    levels = {str(level): award for level, award in AWARDS.items()}
    return (
        Heading("cost", _("Cost after subsidy"), COSTS),
        Heading("start", _("When it starts"), STARTS),
        Heading("mode", _("How it is taught"), dict(Mode.choices)),
        Heading("district", _("Where it is taught"), places, is_short=NEAR in places),
        Heading("language", _("Language"), languages),
        Heading(SKILL, _("Skill"), {skill.slug: skill.name for skill in skills}, is_short=False),
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
    """{course id: its offerings that somebody may still join, the next first}."""
    columns = ("course_id", "starts_on", "district", "mode", "fee_cents")
    occasions = Offering.objects.open(on=today).order_by("starts_on", "code")
    by_course = defaultdict(list)
    for occasion in occasions.values_list(*columns, named=True):
        by_course[occasion.course_id].append(occasion)
    return by_course


def _districts(occasions, modes, learner):
    """Rows in each district, and those near the learner; `modes` are members of the courses' modes."""
    is_online = np.array([bool(one) and one.mode == Mode.ONLINE for _place, one in occasions], dtype=bool)
    districts = [one.district if one else "" for _place, one in occasions]
    found = {district: mask & ~is_online for district, mask in _one_of(districts).items()}
    if learner and learner.district:
        nowhere = np.zeros(is_online.size, dtype=bool)
        found[NEAR] = is_online | modes.get(Mode.ONLINE, nowhere) | found.get(learner.district, nowhere)
    return {district: mask for district, mask in found.items() if mask.any()}


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
