"""Why a course is on a learner's list, or why not, and what would move it: worked out by the code that ranks.

A counterfactual is the list that the learner would get if one thing about them were different. It is made
like every other list, from facts that differ in that one thing.
"""

from dataclasses import dataclass, replace

import numpy as np

from recommender.catalogue.models import Course
from recommender.learners.pathways import next_courses
from recommender.recommendations.facts import read_held_without
from recommender.recommendations.lists import Recommendation, with_names
from recommender.recommendations.models import Run
from recommender.recommendations.next_step import step_first
from recommender.recommendations.packing import Source
from recommender.recommendations.refresh import inputs_of, live_run
from recommender.recommendations.rules import Rule, broken_rules
from recommender.recommendations.scoring import make_lists
from recommender.skills.models import Language, Level, Skill


@dataclass(frozen=True)
class SkillNeeded:
    """A skill that the course asks for, and the learner's level of it."""

    skill: Skill
    needed: Level
    held: Level


@dataclass(frozen=True)
class Obstacle:
    """A hard rule that keeps the course from the learner, with what it asks for and what the learner has.

    needed, have : HKQF levels, or hours a week; None for other rules
    languages : those that the course is taught in
    skills, courses : prerequisites that the learner lacks
    """

    rule: Rule
    needed: float | None = None
    have: float | None = None
    languages: tuple[Language, ...] = ()
    skills: tuple[SkillNeeded, ...] = ()
    courses: tuple[Course, ...] = ()


@dataclass(frozen=True)
class Counterfactual:
    """Where the course would stand without a past course, or with a skill held at a level already.

    is_turned_down : whether the past course is one that the learner said is not for them
    rank, score : None where the course could not be recommended then
    """

    subject: Course | Skill
    level: Level | None
    rank: int | None
    score: float | None
    is_turned_down: bool = False


@dataclass(frozen=True)
class Why:
    """Why a course is, or is not, among the first `limit` of the learner's list as of now.

    run : the run that was learned from; None before the first one
    obstacles : hard rules that keep it off; then there is nothing else to say
    own : the course among everything that the learner may be recommended; None where it is kept off, or
        passed over for its near-copies
    last : the last of the list
    copies : near-copies that it was passed over for
    counterfactuals : what would move it
    """

    course: Course
    run: Run | None
    limit: int
    obstacles: list[Obstacle]
    own: Recommendation | None
    last: Recommendation | None
    copies: list[Recommendation]
    counterfactuals: list[Counterfactual]

    @property
    def is_listed(self):
        return self.own is not None and self.own.rank <= self.limit

    @property
    def is_next_step(self):
        """Whether it is first because it is the next step of a saved pathway."""
        return self.own is not None and self.own.source is Source.PATHWAY


def why(learner, course, *, limit=10):
    """Why a course is or is not on the learner's list. Nothing is written."""
    run = live_run()
    read = inputs_of(run, [learner.pk])
    column = int(np.searchsorted(read.courses.ids, course.pk))
    broken = Rule(int(broken_rules(read.courses, read.learners)[0, column]))
    explained = Why(course, run, limit, [], None, None, [], [])
    steps = next_courses(learner)
    items = _ranked(read, steps)
    rank = _rank(items, course)
    if rank is None and broken:
        return replace(explained, obstacles=[_obstacle(rule, read, course, column) for rule in broken])
    if rank is None:
        return replace(explained, copies=_near_copies(read, items, course))
    last = min(limit, items.size)
    named = _named(items, [rank, last], read.learners)
    return replace(
        explained,
        own=named[rank],
        last=named[last],
        counterfactuals=_counterfactuals(read, steps, column, named[rank]),
    )


def _ranked(read, steps):
    """Everything that the learner may be recommended, in the order of the list."""
    [items] = make_lists(*read, length=read.courses.ids.size)
    return step_first(items, steps, lambda: read)


def _rank(items, course):
    """From 1; None where the course is not among the items."""
    found = np.flatnonzero(items["course"] == course.pk)
    return int(found[0]) + 1 if found.size else None


def _named(items, ranks, learners):
    """Recommendations by rank, of the only one of the learners."""
    turned_down = frozenset(learners.history[learners.strengths < 0, 1].tolist())
    found = {item.course.pk: item for item in with_names(items[[rank - 1 for rank in ranks]], turned_down)}
    return {rank: replace(found[items["course"][rank - 1]], rank=rank) for rank in ranks}


def _near_copies(read, items, course):
    groups = dict(zip(read.fitted.courses.tolist(), read.fitted.near_copies.tolist(), strict=True))
    alike = [
        rank
        for rank, listed in enumerate(items["course"].tolist(), start=1)
        if listed in groups and groups[listed] == groups[course.pk]
    ]
    return list(_named(items, alike, read.learners).values())


def _counterfactuals(read, steps, column, own):
    """What the reasons of a recommendation are worth: the list without each of them."""
    changed = [
        (
            reason,
            None,
            _without(read.learners, read.roles.skills, read.courses.ids, reason.subject.pk),
        )
        for reason in own.by_relevance.reasons
    ]
    for reason in own.by_value.reasons:
        skill = int(np.searchsorted(read.roles.skills, reason.subject.pk))
        level = int(read.courses.raises[column, skill])
        changed.append((reason, Level(level), _holding(read.learners, skill, level)))
    return [_counterfactual(read, steps, own.course, *change) for change in changed]


def _counterfactual(read, steps, course, reason, level, learners):
    items = _ranked(read._replace(learners=learners), steps)
    rank = _rank(items, course)
    score = None if rank is None else float(items["score"][rank - 1])
    return Counterfactual(reason.subject, level, rank, score, reason.is_turned_down)


def _without(learners, skills, course_ids, course):
    """The facts of one learner who has never done anything with a course."""
    kept = learners.history[:, 1] != course
    column = np.searchsorted(course_ids, course)
    masks = {}
    for name in ("completed", "in_learning", "enrolled", "dismissed"):
        masks[name] = getattr(learners, name).copy()
        masks[name][:, column] = False
    pair = np.stack([learners.ids, np.full(learners.ids.size, course)], axis=1)
    held = read_held_without(skills, learners.ids, pair)
    return replace(
        learners, history=learners.history[kept], strengths=learners.strengths[kept], held=held, **masks
    )


def _holding(learners, skill, level):
    """The facts of one learner who holds a skill at a level at least; `skill` is its position."""
    held = learners.held.copy()
    held[:, skill] = np.maximum(held[:, skill], level)
    return replace(learners, held=held)


def _obstacle(rule, read, course, column):
    if rule is Rule.ENTRY_LEVEL:
        return Obstacle(rule, int(read.courses.entry_level[column]), int(read.learners.hkqf_level[0]))
    if rule is Rule.HOURS:
        return Obstacle(rule, float(read.courses.hours_a_week[column]), float(read.learners.hours_a_week[0]))
    if rule is Rule.LANGUAGE:
        return Obstacle(rule, languages=tuple(course.languages.all()))
    if rule is Rule.PREREQUISITE:
        return Obstacle(rule, skills=_skills_lacked(read, column), courses=_courses_lacked(read, column))
    return Obstacle(rule)


def _skills_lacked(read, column):
    held = read.learners.held[0]
    lacked = [
        (skill, level)
        for course, skill, level in read.courses.needs_skill.tolist()
        if course == column and held[skill] < level
    ]
    skills = Skill.objects.in_bulk([int(read.roles.skills[skill]) for skill, _ in lacked])
    return tuple(
        SkillNeeded(skills[int(read.roles.skills[skill])], Level(level), Level(int(held[skill])))
        for skill, level in lacked
    )


def _courses_lacked(read, column):
    lacked = [
        int(read.courses.ids[required])
        for course, required in read.courses.needs_course.tolist()
        if course == column and not read.learners.completed[0, required]
    ]
    return tuple(Course.objects.in_bulk(lacked).values())
