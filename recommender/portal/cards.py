"""What a page says about a course, prepared for a reader: templates only lay it out."""

import math
from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from recommender.catalogue.models import Course, CourseSkill, Offering, Prerequisite
from recommender.learners.costs import NetCost, net_costs
from recommender.learners.models import Enrolment
from recommender.learners.services import next_statuses
from recommender.portal.needs import Need, needs_of
from recommender.recommendations.facts import hours_a_week, weeks_between
from recommender.skills.hkqf import AWARDS
from recommender.skills.models import Level, Skill

N_SKILLS = 5
NEARNESS = {True: 0, False: 1}


@dataclass(frozen=True)
class SkillStep:
    """A skill that a course raises; a step forward when the goal needs it and the reader is not there yet.

    A proposed one was read from the course's text, and nobody has confirmed it.
    """

    skill: Skill
    before: Level
    after: Level
    is_forward: bool
    is_proposed: bool


@dataclass(frozen=True)
class Card:
    """`hours_a_week` of the course, None where nothing says so; `has_hours` a week has the reader,
    and `budget_cents`.

    `is_language_open` where the reader named languages and the source does not say the course's.
    """

    course: Course
    languages: list
    is_language_open: bool
    offerings: list
    skills: list[SkillStep]
    hkqf: str
    weeks: int | None
    hours_a_week: float | None
    has_hours: int | None
    budget_cents: int | None
    needs: list[Need]
    status: str
    status_label: str
    is_dismissed: bool
    next_statuses: frozenset
    cost: NetCost

    @property
    def is_assumed(self):
        """Whether the hours a week are the product's assumption, since the source does not say them."""
        return not self.course.notional_hours

    @property
    def next_offering(self):
        return next_offering(self.course)

    @property
    def main_skills(self):
        return self.skills[:N_SKILLS]

    @property
    def n_more_skills(self):
        return len(self.skills[N_SKILLS:])

    @property
    def is_too_much(self):
        """Whether it asks for more hours a week than the reader has."""
        return bool(self.hours_a_week and self.has_hours and self.hours_a_week > self.has_hours)

    @property
    def is_time_unknown(self):
        """Whether nothing says if it fits into the hours that the reader has."""
        return bool(self.has_hours and not self.hours_a_week and not self.weeks)

    @property
    def n_needs_met(self):
        return sum(need.is_met is True for need in self.needs)

    @property
    def can_save(self):
        return Enrolment.Status.SAVED in self.next_statuses

    @property
    def can_enrol(self):
        return Enrolment.Status.ENROLLED in self.next_statuses

    @property
    def can_complete(self):
        return Enrolment.Status.COMPLETED in self.next_statuses

    @property
    def can_drop(self):
        return self.status == Enrolment.Status.ENROLLED


def load(courses):
    """Loads what cards show, four queries however many courses, whose providers are loaded already."""
    prefetch_related_objects(
        courses,
        "languages",
        Prefetch("offerings", Offering.objects.open(on=timezone.localdate()), to_attr="open_offerings"),
        Prefetch("skills_raised", CourseSkill.objects.counted().select_related("skill"), to_attr="steps"),
        Prefetch(
            "prerequisites", Prerequisite.objects.select_related("skill", "required_course"), to_attr="asked"
        ),
    )


def cards_of(courses, standing, *, learner=None):
    """A card for each course, in the same order; the cost is that of the next open offering."""
    courses = list(courses)
    load(courses)
    occasions = [(course, next_offering(course)) for course in courses]
    costs = net_costs(learner, occasions, today=timezone.localdate())
    names_languages = learner is not None and learner.languages.exists()
    return [
        card_of(course, standing, learner, cost, names_languages)
        for course, cost in zip(courses, costs, strict=True)
    ]


def next_offering(course):
    return course.open_offerings[0] if course.open_offerings else None


def card_of(course, standing, learner, cost, names_languages):
    has_hours = learner.hours_a_week if learner else None
    status = standing.statuses.get(course.pk)
    languages = list(course.languages.all())
    return Card(
        course=course,
        languages=languages,
        is_language_open=names_languages and not languages,
        offerings=course.open_offerings,
        skills=steps_of(course, standing),
        hkqf=AWARDS.get(course.hkqf_level, ""),
        weeks=weeks_of(course, has_hours),
        hours_a_week=hours_of(course),
        has_hours=has_hours,
        budget_cents=learner.budget_cents if learner else None,
        needs=needs_of(course.asked, standing if learner else None),
        status=status or "",
        status_label=Enrolment.Status(status).label if status else "",
        is_dismissed=course.pk in standing.dismissed,
        next_statuses=frozenset(next_statuses(course, status)),
        cost=cost,
    )


def steps_of(course, standing):
    """The skills of a course, those that bring the reader's goal nearer first."""
    steps = [step_of(raised, standing) for raised in course.steps]
    return sorted(steps, key=lambda step: NEARNESS[step.is_forward])


def step_of(raised, standing):
    before = standing.held.get(raised.skill_id, 0)
    return SkillStep(
        skill=raised.skill,
        before=Level(before),
        after=Level(raised.level),
        is_forward=before < min(raised.level, standing.needed.get(raised.skill_id, 0)),
        is_proposed=raised.state == CourseSkill.State.PROPOSED,
    )


def hours_of(course):
    """Hours a week that a course asks for, by the rule that keeps lists within a learner's week."""
    weeks = [weeks_between(offering.starts_on, offering.ends_on) for offering in course.open_offerings]
    return hours_a_week(course.study_pattern, course.notional_hours, max(weeks, default=None)) or None


def weeks_of(course, has_hours):
    """Weeks that a course takes at the reader's pace, or None where either is unknown."""
    if not course.notional_hours or not has_hours:
        return None
    return math.ceil(course.notional_hours / has_hours)
