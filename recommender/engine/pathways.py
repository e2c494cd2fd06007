"""Ways from the skills that somebody holds to a role: the fastest, the cheapest, the likeliest to finish."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from recommender.engine.pathway_candidates import Needs, goal_columns
from recommender.engine.pathway_problem import (
    UNKNOWN_FEE,
    Bools,
    Floats,
    Ints,
    Problem,
    claimed,
    cost_cents,
    levels_to_gain,
)
from recommender.engine.pathway_search import Search
from recommender.engine.pathway_selection import MOMENT, OutOfTimeError, Solution

# What is minimised, then what decides between equals. An unknown fee is no low fee, so that of pathways of
# the same stated cost the one with fewer unknown fees is the cheapest.
OBJECTIVES: dict[str, tuple[str, ...]] = {
    "fastest": ("finish", "net"),
    "cheapest": ("price", "finish"),
    "surest": ("risk", "finish"),
}
# Hours a week.
TINY_PACE = 1e-9


@dataclass(frozen=True)
class Spell:
    """Learning at a steady pace: from and to are days with fractions, `hours` are a week."""

    start: float
    end: float
    hours: float


@dataclass(frozen=True)
class Step:
    """An offering on a pathway: its position, its first and last day, and when it is worked at.

    is_claimed : whether the subsidy is claimed for it
    """

    offering: int
    course: int
    starts: int
    ends: int
    spells: Sequence[Spell]
    is_claimed: bool


@dataclass(frozen=True)
class Pathway:
    """Steps in the order in which they begin.

    finish : the day by which all is finished, which is no day of learning
    fee_cents, back_cents, net_cents : known fees, what the subsidy gives back, what remains
    n_unknown_fees : steps whose fees are in none of these
    chance : of finishing every step, the product of their chances
    reached : int64 ndarray of shape (n_skills,), levels held at the end
    covered : share of the needed levels, weighed by importance, that are held at the end
    is_proven : whether no better pathway exists; false where the time ran out
    """

    steps: Sequence[Step]
    finish: int
    fee_cents: int
    back_cents: int
    net_cents: int
    n_unknown_fees: int
    chance: float
    reached: Ints
    covered: float
    is_proven: bool


def find_pathways(problem: Problem, *, seconds: float = 5.0) -> dict[str, Pathway]:
    """The best pathway for each of OBJECTIVES, all with the same limits; empty where there is none.

    Each is exact unless `is_proven` says otherwise. The time is shared: what one objective leaves is the
    next one's, and what all leave is for those that are not proven yet. Raises OutOfTimeError where neither
    a pathway nor the proof that none exists was found.
    """
    if is_reached(problem):
        nothing = _pathway(problem, [], {}, is_proven=True)
        return dict.fromkeys(OBJECTIVES, nothing)
    search = Search(problem)
    deadline = time.monotonic() + seconds
    found: dict[str, Solution] = {}
    for place, (name, quantities) in enumerate(OBJECTIVES.items(), start=1):
        share = seconds * (1 - place / len(OBJECTIVES))
        try:
            solution = search.minimise(*quantities, deadline=deadline - share)
        except OutOfTimeError:
            if not found:
                raise
            # All have the same limits, so that what serves one serves the others.
            solution = replace(next(iter(found.values())), is_proven=False)
        if solution is None:
            return {}
        found[name] = solution
    for name in [name for name, solution in found.items() if not solution.is_proven]:
        with suppress(OutOfTimeError):
            again = search.minimise(*OBJECTIVES[name], deadline=deadline)
            found[name] = again if again and again.is_proven else found[name]
    return {name: timed(problem, search.found.needs, solution) for name, solution in found.items()}


def is_reached(problem: Problem) -> bool:
    """Whether what is held covers enough already."""
    return problem.missing.size == 0 or levels_to_gain(problem) <= 0


def chance_of_finishing(relevance: ArrayLike, load: ArrayLike) -> Floats:
    """Chance that a learner finishes a course, an assumption of ours: no figures on dropping out are at hand.

    Half of those finish whom nothing draws to a course, 95% of those whom it suits best; a course that fills
    the whole week loses a fifth of either.

    Parameters
    ----------
    relevance : array in [0, 1]
    load : array in [0, 1], hours a week of the course in those of the learner
    """
    relevance, load = np.clip(relevance, 0, 1), np.clip(load, 0, 1)
    return np.asarray((0.5 + 0.45 * relevance) * (1 - 0.2 * load), dtype=np.float64)


def timed(problem: Problem, needs: Needs, solution: Solution) -> Pathway:
    """A pathway of a solution, without what it can do without, every step as early as it can be."""
    taken = solution.taken.tolist()
    latest = dict(zip(taken, solution.behind.tolist(), strict=True))
    fee = problem.offerings.fee_cents
    for offering in sorted(taken, key=lambda one: (-fee[one], -latest[one])):
        fewer = [one for one in taken if one != offering]
        if _covers(problem, needs, fewer) and _spells(problem, needs, fewer, latest) is not None:
            taken = fewer
    spells = _spells(problem, needs, taken, latest)
    if spells is None:
        raise RuntimeError(f"The solution {solution} cannot be carried out.")
    return _pathway(problem, taken, spells, is_proven=solution.is_proven)


def _covers(problem: Problem, needs: Needs, taken: list[int]) -> bool:
    courses = problem.offerings.course[taken]
    columns = goal_columns(problem, needs)
    has = needs.provides[courses][:, columns].any(axis=0)
    if problem.limits.coverage == 1:
        return bool(has.all())
    gained = problem.importance[needs.levels[columns, 0]] @ has
    return bool(gained >= levels_to_gain(problem) - 1e-6)


def _spells(
    problem: Problem, needs: Needs, taken: list[int], latest: dict[int, float]
) -> dict[int, list[Spell]] | None:
    """When each offering is worked at; None where one would begin before what it needs is done.

    Courses at one's own pace share the hours left by dated ones, the earliest deadline first, which meets all
    deadlines whenever any order does (Jackson 1955, preemptive form: Horn 1974).
    """
    offerings, limits, weekly = problem.offerings, problem.limits, problem.offerings.hours
    dated = [one for one in taken if offerings.is_dated[one]]
    starts, ends = offerings.starts, offerings.ends + 1
    done = {one: float(ends[one]) for one in dated}
    spells = {one: [Spell(float(starts[one]), float(ends[one]), float(weekly[one]))] for one in dated}
    cuts = sorted({int(day) for one in dated for day in (starts[one], ends[one])})
    remaining = {one: float(offerings.hours[one]) for one in taken if one not in done}

    def may_begin(one: int, day: float) -> bool:
        over = [other for other, end in done.items() if end <= day + MOMENT and other != one]
        provided: Bools = np.asarray(needs.provides[offerings.course[over]].any(axis=0))
        return bool(provided[needs.of_course[offerings.course[one]]].all())

    now = float(limits.start)
    while remaining:
        running = [one for one in dated if starts[one] <= now < ends[one]]
        pace = limits.hours_a_week - float(weekly[running].sum())
        following = next((day for day in cuts if day > now), math.inf)
        ready = [one for one in remaining if may_begin(one, now)] if pace > TINY_PACE else []
        if not ready:
            if following == math.inf:
                return None
            now = float(following)
            continue
        one = min(ready, key=lambda each: latest[each])
        end = min(now + 7 * remaining[one] / pace, following)
        _append(spells.setdefault(one, []), Spell(now, end, pace))
        remaining[one] -= (end - now) * pace / 7
        if end < following or remaining[one] < MOMENT:
            done[one] = end
            del remaining[one]
        now = end
    return spells if all(may_begin(one, starts[one]) for one in dated) else None


def _append(spells: list[Spell], spell: Spell) -> None:
    if spells and spells[-1].end == spell.start and spells[-1].hours == spell.hours:
        spell = Spell(spells.pop().start, spell.end, spell.hours)
    spells.append(spell)


def _pathway(
    problem: Problem, taken: list[int], spells: dict[int, list[Spell]], *, is_proven: bool
) -> Pathway:
    offerings, claims = problem.offerings, claimed(problem, taken)
    steps = [
        Step(
            offering=one,
            course=int(offerings.course[one]),
            starts=math.floor(spells[one][0].start + MOMENT),
            ends=math.ceil(spells[one][-1].end - MOMENT) - 1,
            spells=spells[one],
            is_claimed=one in claims,
        )
        for one in taken
    ]
    fee, back = cost_cents(problem, taken)
    gained = problem.courses.raises[offerings.course[taken]].toarray().max(axis=0, initial=0)
    reached = np.maximum(problem.held, gained)
    whole = float(problem.importance @ problem.needed)
    has = float(problem.importance @ np.minimum(reached, problem.needed))
    return Pathway(
        steps=sorted(steps, key=lambda step: (step.spells[0].start, step.ends)),
        finish=max((step.ends + 1 for step in steps), default=problem.limits.start),
        fee_cents=fee,
        back_cents=back,
        net_cents=fee - back,
        n_unknown_fees=int((offerings.fee_cents[taken] == UNKNOWN_FEE).sum()),
        chance=float(np.prod(offerings.chance[taken])),
        reached=reached,
        covered=has / whole if whole else 1.0,
        is_proven=is_proven,
    )
