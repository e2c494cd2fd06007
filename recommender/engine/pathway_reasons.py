"""Why there is no pathway, and the smallest change of the limits with which there would be one."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recommender.engine.pathway_candidates import (
    ALL_HOURS,
    Needs,
    earliest,
    goal_columns,
    needs_of,
    within_limits,
)
from recommender.engine.pathway_problem import Bools, Limits, Problem, least_cents
from recommender.engine.pathway_search import ROUNDING, Search
from recommender.engine.pathway_selection import OutOfTimeError, Solution

# Limits that can be given up, and the quantity that says how much of each is needed at least.
QUANTITIES = {
    "hours": "hours",
    "budget": "spent",
    "languages": "languages",
    "level": "level",
    "horizon": "finish",
}
FIELDS = {"hours": "hours_a_week", "budget": "budget_cents", "level": "hkqf_level"}
CHANGEABLE = (*QUANTITIES, "start")
EVERY_LIMIT = frozenset(QUANTITIES)
# Of the time; the rest is for how much of the goal is within the limits.
SHARE_OF_CHANGES = 0.75
# Of the time, where nobody teaches all of the goal: until it is known how much is within the limits, and how
# much without them; the rest is for the changes.
UNTIL_WITHIN, UNTIL_HIGHEST = 0.4, 0.6


@dataclass(frozen=True)
class Untaught:
    """A level of a skill that the goal, or a course on the way there, needs and that cannot be had.

    best : the highest level that can be had; what is held where that is higher
    has_ended : whether courses teach the level, but none of them can be begun in time any more
    """

    skill: int
    level: int
    best: int
    has_ended: bool


@dataclass(frozen=True)
class Change:
    """A limit with its value now and the smallest change that is enough.

    Values are of the fields of Limits: hours a week in whole hours, budget in cents, languages as a bit set,
    HKQF level, horizon and start as days.
    """

    limit: str
    before: int
    after: int


@dataclass(frozen=True)
class Reasons:
    """Why there is no pathway.

    untaught : what nobody teaches; with any of it, no change of the limits helps to reach all of the goal
    circles : lists of courses that need each other first
    changes : each one alone is enough for `coverage_changed`; of several limits together only where no
        smaller number is
    coverage : the largest share of the goal that is within the limits
    coverage_changed : the share that the changes are for: what is asked for, or where nobody teaches all of
        that, the largest that is possible when every limit is given up
    is_proven : false where time ran out before everything was tried
    """

    untaught: Sequence[Untaught]
    circles: Sequence[Sequence[int]]
    changes: Sequence[Sequence[Change]]
    coverage: float
    coverage_changed: float
    is_proven: bool


def why_none(problem: Problem, *, seconds: float = 5.0) -> Reasons:
    """The reasons of a problem without a pathway; what is not found in the time is left out."""
    began = time.monotonic()
    untaught, circles = _missing_links(problem)
    if untaught or circles:
        return replace(_of_a_part(problem, began, seconds), untaught=untaught, circles=circles)
    changes, is_proven = _changes(problem, began + seconds * SHARE_OF_CHANGES)
    coverage, is_best = _coverage(problem, (), began + seconds)
    return Reasons([], [], changes, coverage, problem.limits.coverage, is_proven and is_best)


def _of_a_part(problem: Problem, began: float, seconds: float) -> Reasons:
    """The reasons where no change of the limits teaches all of the goal, which a part may do without."""
    within, is_best = _coverage(problem, (), began + seconds * UNTIL_WITHIN)
    from_now = replace(problem, limits=replace(problem.limits, start=0))
    highest, is_highest = _coverage(from_now, EVERY_LIMIT, began + seconds * UNTIL_HIGHEST)
    share, is_proven = min(highest, problem.limits.coverage), is_best and is_highest
    if share <= within + ROUNDING:
        return Reasons([], [], [], within, share, is_proven)
    # Rounding may have added to the share.
    part = replace(problem, limits=replace(problem.limits, coverage=share - ROUNDING))
    changes, is_every = _changes(part, began + seconds)
    return Reasons([], [], changes, within, share, is_proven and is_every)


def _changes(problem: Problem, deadline: float) -> tuple[list[list[Change]], bool]:
    """The smallest changes, the least one first, and whether all were tried."""
    changes: list[list[Change]] = []
    is_proven = True
    for size in (1, 2):
        for limits in itertools.combinations(CHANGEABLE, size):
            try:
                found = _changed(problem, limits, deadline)
            except OutOfTimeError:
                is_proven = False
                continue
            if found:
                changes.append(found)
        if changes:
            break
    if not changes:
        changes, is_proven = _all_but_few(problem, deadline, is_proven=is_proven)
    return sorted(changes, key=_size), is_proven


def _changed(problem: Problem, limits: Sequence[str], deadline: float) -> list[Change] | None:
    """The smallest change of the first limit when the others are given up, then of the second, and so on."""
    changes = []
    for place, limit in enumerate(limits):
        after = _smallest(problem, limit, limits[place + 1 :], deadline)
        if after is None:
            return None
        before = _value(problem.limits, limit)
        problem = replace(problem, limits=_with(problem.limits, limit, after))
        if after != before:
            changes.append(Change(limit, before, after))
    return changes if len(changes) == len(limits) else None


def _smallest(problem: Problem, limit: str, also_free: Iterable[str], deadline: float) -> int | None:
    """The value of a limit nearest to the one that holds; None where no value is enough."""
    free = EVERY_LIMIT & {limit, *also_free}
    if "start" in also_free:
        problem = replace(problem, limits=replace(problem.limits, start=0))
    if limit == "start":
        return _latest_start(problem, free, deadline)
    if limit == "budget" and problem.limits.budget_cents is None:
        return None
    solution = Search(problem, free).minimise(QUANTITIES[limit], deadline=deadline)
    return None if solution is None else _read(problem, limit, solution)


def _read(problem: Problem, limit: str, solution: Solution) -> int:
    value = solution.values[QUANTITIES[limit]]
    if limit == "languages":
        return problem.limits.languages | int(solution.values["language_bits"])
    if limit == "budget":
        return max(problem.limits.budget_cents or 0, least_cents(problem, solution.taken.tolist()))
    return math.ceil(value - ROUNDING)


def _latest_start(problem: Problem, free: frozenset[str], deadline: float) -> int | None:
    """The latest earlier start from which there is a pathway; an earlier one never has fewer."""

    def works(start: int) -> bool:
        earlier = replace(problem, limits=replace(problem.limits, start=start))
        return Search(earlier, free).minimise("finish", deadline=deadline) is not None

    if problem.limits.start == 0 or not works(0):
        return None
    return _last_true(works, 0, problem.limits.start)


def _last_true(works: Callable[[int], bool], true: int, false: int) -> int:
    while false - true > 1:
        middle = (true + false) // 2
        true, false = (middle, false) if works(middle) else (true, middle)
    return true


def _all_but_few(problem: Problem, deadline: float, *, is_proven: bool) -> tuple[list[list[Change]], bool]:
    """Changes of three limits or more: of all of them, less those that turn out to be unnecessary."""
    limits = [limit for limit in CHANGEABLE if _is_set(problem.limits, limit)]
    try:
        for limit in tuple(limits):
            fewer = [other for other in limits if other != limit]
            if fewer and _smallest(problem, fewer[0], fewer[1:], deadline) is not None:
                limits = fewer
        found = _changed(problem, limits, deadline)
    except OutOfTimeError:
        return [], False
    return [found] if found else [], is_proven


def _is_set(limits: Limits, limit: str) -> bool:
    """Whether a limit is one at all: any budget, any language and a start today hold nobody up."""
    if limit == "budget":
        return limits.budget_cents is not None
    return limit not in ("languages", "start") or _value(limits, limit) != 0


def _coverage(problem: Problem, free: Iterable[str], deadline: float) -> tuple[float, bool]:
    """The largest share of the goal when limits named in `free` do not hold, and whether it is proven."""
    whole = float(problem.importance @ problem.needed)
    has = float(problem.importance @ np.minimum(problem.held, problem.needed))
    any_share = replace(problem, limits=replace(problem.limits, coverage=ROUNDING))
    try:
        solution = Search(any_share, free).minimise("uncovered", deadline=deadline)
    except OutOfTimeError:
        return has / whole, False
    if solution is None:
        return has / whole, True
    return (has - solution.values["uncovered"]) / whole, solution.is_proven


def _missing_links(problem: Problem) -> tuple[list[Untaught], list[list[int]]]:
    """What cannot be had whatever the limits, followed back from the goal."""
    needs, fits = needs_of(problem), within_limits(problem, EVERY_LIMIT)
    if problem.limits.start > 0:
        fits |= within_limits(replace(problem, limits=replace(problem.limits, start=0)), EVERY_LIMIT)
    offered = np.zeros(problem.courses.n, dtype=np.bool_)
    offered[problem.offerings.course[fits]] = True
    reached = np.zeros(problem.courses.n, dtype=np.bool_)
    done = np.isfinite(earliest(replace(problem, limits=replace(problem.limits, start=0)), fits, ALL_HOURS))
    reached[problem.offerings.course[done]] = True
    untaught: dict[int, Untaught | None] = {}
    circles: dict[frozenset[int], list[int]] = {}
    for goal in goal_columns(problem, needs):
        skill, level = needs.levels[goal]
        if level == problem.needed[skill]:
            _follow(problem, needs, int(goal), offered, reached, untaught, circles)
    return [found for found in untaught.values() if found], list(circles.values())


def _follow(
    problem: Problem,
    needs: Needs,
    need: int,
    offered: Bools,
    reached: Bools,
    untaught: dict[int, Untaught | None],
    circles: dict[frozenset[int], list[int]],
) -> None:
    """From a need back along courses that cannot begin, to what nobody provides or to where it began."""
    path: list[int] = []
    while not (needs.provides[:, need] & reached).any():
        providers = np.flatnonzero(needs.provides[:, need] & offered)
        if not providers.size:
            untaught[need] = _untaught(problem, needs, need, reached)
            return
        again = [course for course in providers.tolist() if course in path]
        course = again[0] if again else int(providers[0])
        if again:
            circle = path[path.index(course) :]
            circles[frozenset(circle)] = circle
            return
        path.append(course)
        lacking = [one for one in needs.of_course[course] if not (needs.provides[:, one] & reached).any()]
        if not lacking:
            # All it needs can be had, but not before its last date.
            untaught[need] = _untaught(problem, needs, need, reached)
            return
        need = int(lacking[0])


def _untaught(problem: Problem, needs: Needs, need: int, reached: Bools) -> Untaught | None:
    """None where the need is a course that cannot be begun: its own levels say more."""
    if need >= len(needs.levels):
        return None
    skill, level = needs.levels[need].tolist()
    taught = problem.courses.raises[:, [skill]].toarray()[:, 0]
    best = int(max(taught[reached].max(initial=0), problem.held[skill]))
    return Untaught(skill, level, best, has_ended=bool(taught.max(initial=0) >= level))


def _value(limits: Limits, limit: str) -> int:
    value = getattr(limits, FIELDS.get(limit, limit))
    return math.floor(value) if value is not None else 0


def _with(limits: Limits, limit: str, value: int) -> Limits:
    field: dict[str, Any] = {FIELDS.get(limit, limit): value}
    return replace(limits, **field)


def _size(changes: Sequence[Change]) -> tuple[int, float]:
    """Changes in the order of how much of what was there they add."""
    sizes = [
        float((change.after ^ change.before).bit_count())
        if change.limit == "languages"
        else abs(change.after - change.before) / max(change.before, 1)
        for change in changes
    ]
    return len(changes), sum(sizes)
