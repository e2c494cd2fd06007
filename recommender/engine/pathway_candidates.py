"""Which offerings can be part of a pathway at all, so that the exact model stays small.

An offering stays when it fits the limits, can be reached in time from what is held, and leads to the goal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from recommender.engine.pathway_problem import Bools, Floats, Ints, Problem

# Hours of a week, and the day beyond which nothing is planned where the horizon is free.
ALL_HOURS = 168.0
FAR = 3650


@dataclass(frozen=True)
class Needs:
    """What must be in place before a course starts, as columns of what offerings provide.

    levels : int64 ndarray of shape (n_levels, 2): skill, level; what is needed and not held
    provides : bool ndarray of shape (n_courses, n_levels + n_courses): a level, or the course itself
    of_course : list of n_courses arrays of columns of `provides`
    """

    levels: Ints
    provides: Bools
    of_course: list[Ints]


@dataclass(frozen=True)
class Candidates:
    """kept : int64 ndarray, positions of offerings, ascending.

    reached : float64 ndarray of shape (n_offerings,), the first day on which each can be behind the learner
    """

    kept: Ints
    needs: Needs
    reached: Floats


def candidates(problem: Problem, free: Iterable[str] = ()) -> Candidates:
    """The offerings worth modelling when the limits named in `free` do not hold.

    `free` may name hours, budget, level, languages, horizon.
    """
    free = frozenset(free)
    needs = needs_of(problem)
    fits = within_limits(problem, free)
    reached = earliest(problem, fits, ALL_HOURS if "hours" in free else problem.limits.hours_a_week)
    fits &= reached <= last_day(problem, free)
    fits &= leads_to_goal(problem, needs, fits)[problem.offerings.course]
    kept = np.flatnonzero(fits)
    return Candidates(kept, needs, reached)


def last_day(problem: Problem, free: Iterable[str] = ()) -> int:
    return FAR if "horizon" in free else problem.limits.horizon


def speaks(problem: Problem) -> Bools:
    """Courses in a language that the learner follows, or where one side's languages are unknown."""
    languages, mine = problem.courses.languages, np.uint64(problem.limits.languages)
    return np.asarray((languages & mine != 0) | (languages == 0) | (mine == 0))


def within_limits(problem: Problem, free: frozenset[str]) -> Bools:
    """Offerings that fit the limits when taken alone; budget apart, which no offering breaks for sure."""
    courses, offerings, limits = problem.courses, problem.offerings, problem.limits
    may = ~problem.completed
    if "languages" not in free:
        may = may & speaks(problem)
    if "level" not in free:
        may = may & (courses.entry_level <= limits.hkqf_level)
    hours = ALL_HOURS if "hours" in free else limits.hours_a_week
    in_time = (offerings.starts >= limits.start) & (offerings.ends < last_day(problem, free))
    in_time &= offerings.starts <= offerings.ends
    in_time &= problem.offerings.hours <= hours
    return np.asarray(may[offerings.course] & (~offerings.is_dated | in_time))


def needs_of(problem: Problem) -> Needs:
    """The levels and courses that the goal and the courses ask for and that are not in place yet."""
    courses = problem.courses
    pairs = {(int(s), int(level)) for s in problem.missing for level in _wanted_levels(problem, s)}
    rows = [row for row in courses.needs_skill.tolist() if row[2] > problem.held[row[1]]]
    pairs |= {(skill, level) for _, skill, level in rows}
    levels = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    column = {pair: place for place, pair in enumerate(map(tuple, levels.tolist()))}
    of_course: list[list[int]] = [[] for _ in range(courses.n)]
    for course, skill, level in rows:
        of_course[course].append(column[skill, level])
    for course, required in courses.needs_course.tolist():
        if not problem.completed[required]:
            of_course[course].append(len(levels) + required)
    provides = courses.raises[:, levels[:, 0]].toarray() >= levels[:, 1]
    provides = np.hstack([provides, np.eye(courses.n, dtype=np.bool_)])
    return Needs(levels, provides, [np.unique(np.array(row, dtype=np.int64)) for row in of_course])


def _wanted_levels(problem: Problem, skill: int) -> range:
    """Levels of a needed skill that count: all of those that are missing, or the needed one alone."""
    needed = int(problem.needed[skill])
    return range(needed if problem.limits.coverage == 1 else int(problem.held[skill]) + 1, needed + 1)


def goal_columns(problem: Problem, needs: Needs) -> Ints:
    """Columns of `provides` that stand for the goal."""
    wanted = {(int(s), level) for s in problem.missing for level in _wanted_levels(problem, s)}
    is_goal = [tuple(pair) in wanted for pair in needs.levels.tolist()]
    return np.flatnonzero(np.array(is_goal, dtype=np.bool_))


def earliest(problem: Problem, fits: Bools, hours_a_week: float) -> Floats:
    """The first day on which each offering can be behind the learner, inf where never."""
    courses, offerings, start = problem.courses, problem.offerings, float(problem.limits.start)
    own_days = 7 * np.where(offerings.is_dated, 0, offerings.hours) / hours_a_week
    raises = courses.raises.tocoo()
    (raised_by, skill), level = raises.coords, raises.data.astype(np.int64)
    held_from = np.where(np.arange(6) <= problem.held[:, None], start, np.inf)
    done = np.where(problem.completed, start, np.inf)
    while True:
        ready = np.full(courses.n, start)
        np.maximum.at(ready, courses.needs_skill[:, 0], held_from[tuple(courses.needs_skill[:, 1:].T)])
        np.maximum.at(ready, courses.needs_course[:, 0], done[courses.needs_course[:, 1]])
        begins = ready[offerings.course]
        dated = np.where(offerings.starts >= begins, offerings.ends + 1.0, np.inf)
        finished = np.where(offerings.is_dated, dated, begins + own_days)
        finished = np.where(fits, finished, np.inf)
        before = done.copy()
        np.minimum.at(done, offerings.course, finished)
        for reached in range(1, 6):
            enough = level >= reached
            np.minimum.at(held_from[:, reached], skill[enough], done[raised_by[enough]])
        if (before == done).all():
            return np.asarray(finished)


def leads_to_goal(problem: Problem, needs: Needs, fits: Bools) -> Bools:
    """Courses that raise a missing skill, or are needed for one that does."""
    courses = np.zeros(problem.courses.n, dtype=np.bool_)
    courses[problem.offerings.course[fits]] = True
    wanted: Bools = np.zeros(needs.provides.shape[1], dtype=np.bool_)
    wanted[goal_columns(problem, needs)] = True
    leads: Bools = np.zeros_like(courses)
    while True:
        found = courses & ~leads & needs.provides[:, wanted].any(axis=1)
        if not found.any():
            return leads
        leads = np.asarray(leads | found)
        for course in np.flatnonzero(found):
            wanted[needs.of_course[course]] = True
