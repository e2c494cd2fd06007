"""Which offerings to take, as a mixed-integer linear programme for HiGHS (Huangfu and Hall 2018).

Nothing is put on days yet: every pathway keeps the rows of this programme, but not all that keep them can be
carried out. So its optimum is a bound, near enough to be the pathway itself most of the time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

from recommender.engine.pathway_candidates import (
    ALL_HOURS,
    Candidates,
    goal_columns,
    last_day,
    speaks,
)
from recommender.engine.pathway_problem import UNKNOWN_FEE, Bools, Floats, Ints, Problem, levels_to_gain

# Less than this part of a day is rounding.
MOMENT = 1e-3
# In HK$: less is rounding. Whole percentages of whole cents are ten times as much at least.
TINY_SUM = 1e-5
# What a course of unknown fee adds to the price, in HK$: so little that ten of them weigh less than a cent.
UNKNOWN_FEE_WEIGHT = 5e-4
# Of HiGHS through SciPy.
INFEASIBLE, SOLVER_ERROR = 2, 4
# Columns, their weights, and the bounds of the weighted sum.
Row = tuple[Any, Any, float, float]


class OutOfTimeError(Exception):
    """The solver found neither a pathway nor a proof that there is none: in time, or at all."""


@dataclass(frozen=True)
class Solution:
    """One solution of the programme.

    taken : int64 ndarray, positions of offerings
    behind : float64 ndarray of the same shape, the day on which each is behind the learner: at the latest
        in a Programme, at the earliest in a Selection
    values : the quantities of `Selection.quantities`
    is_proven : whether nothing better exists
    """

    taken: Ints
    behind: Floats
    values: Mapping[str, float]
    is_proven: bool


class Selection:
    """Which offerings are taken; time counts only as hours in all. Limits named in `free` do not hold.

    Quantities that may be minimised: finish (day), net (HK$), spent (net and the stated parts of unknown
    fees), price (net and, among equals, courses of unknown fee), risk (minus the sum of the logarithms of
    the chances), hours (a week), level (HKQF), languages (that the learner does not follow), uncovered (minus
    the importance-weighted levels gained).
    """

    def __init__(self, problem: Problem, found: Candidates, free: Iterable[str] = ()) -> None:
        self.problem, self.found, self.free = problem, found, frozenset(free)
        self.kept = found.kept
        offerings = problem.offerings
        self.is_dated = offerings.is_dated[self.kept]
        self.starts, self.ends = offerings.starts[self.kept], offerings.ends[self.kept]
        self.course = offerings.course[self.kept]
        self.provides = found.needs.provides[self.course]
        self.weekly = problem.offerings.hours[self.kept]
        weeks = np.where(self.is_dated, (self.ends + 1 - self.starts) / 7, 1)
        self.total_hours = self.weekly * weeks
        self.last = last_day(problem, self.free)
        self.most_hours = ALL_HOURS if "hours" in self.free else problem.limits.hours_a_week
        self.reached = found.reached[self.kept]
        # The last day on which each can begin.
        own_days = 7 * self.weekly / self.most_hours
        self.last_begin = np.where(self.is_dated, self.starts, self.last - own_days)
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._integral: list[int] = []
        self._entries: list[Row] = []
        self.quantities: dict[str, tuple[Ints, Floats]] = {}
        self._build()

    def minimise(self, quantity: str, *, below: Mapping[str, float], deadline: float) -> Solution | None:
        """The solution with the quantity smallest and others at most `below`; None where there is none.

        Raises OutOfTimeError when `deadline` (of time.monotonic) comes before any is found.
        """
        objective, extra = self._objective(quantity), self._below(below)
        while True:
            result = self._run(objective, self._entries + extra, deadline)
            if result.status == INFEASIBLE:
                return None
            if result.x is None:
                raise OutOfTimeError(result.message)
            missed = self._missed(result.x)
            if not missed:
                return self._solution(result.x, is_proven=result.status == 0)
            self._entries += missed

    def cut_off(self, together: Ints, unless: Ints) -> None:
        """Forbids to take all of some candidates, by their places, unless one of others is taken too."""
        weights = np.concatenate([np.ones(together.size), -np.ones(unless.size)])
        columns = np.concatenate([self.taken[together], self.taken[unless]])
        self._row(columns, weights, -np.inf, together.size - 1)

    def of_use(self, taken: Ints) -> Ints:
        """Of offerings that are taken, those without which less of the goal or of what others need is met."""
        places = np.searchsorted(self.kept, taken)
        goal = goal_columns(self.problem, self.found.needs)
        reached = self.provides[places][:, goal].any(axis=0)
        for place in places[np.argsort(-self.reached[places])]:
            fewer = places[places != place]
            has_all = (self.provides[fewer][:, goal].any(axis=0) == reached).all()
            if has_all and all(self._is_met(one, fewer) for one in fewer):
                places = fewer
        return self.kept[places]

    def _is_met(self, place: int, taken: Ints) -> bool:
        needs = self.found.needs.of_course[self.course[place]]
        return all(np.isin(self.helpers(place, need), taken).any() for need in needs)

    def bound(
        self, quantity: str, below: Mapping[str, float], deadline: float
    ) -> tuple[float, Floats] | None:
        """A lower bound on the quantity by the linear relaxation, and what taking each candidate adds to it.

        None where even the relaxation has no solution.
        """
        objective, rows = self._objective(quantity), self._entries + self._below(below)
        matrix = _matrix(rows, objective.size)
        lower, upper = np.array([row[2] for row in rows]), np.array([row[3] for row in rows])
        has_lower, has_upper = np.isfinite(lower), np.isfinite(upper)
        result = linprog(
            objective,
            A_ub=vstack([matrix[has_upper], -matrix[has_lower]]),
            b_ub=np.concatenate([upper[has_upper], -lower[has_lower]]),
            bounds=np.column_stack([self._lower, self._upper]),
            method="highs",
            options={"time_limit": _seconds_to(deadline)},
        )
        if result.status == INFEASIBLE:
            return None
        if result.status != 0:
            raise OutOfTimeError(result.message)
        return float(result.fun), np.maximum(0, result.lower.marginals[self.taken])

    def _objective(self, quantity: str) -> Floats:
        columns, weights = self.quantities[quantity]
        objective = np.zeros(len(self._lower))
        np.add.at(objective, columns, weights)
        return objective

    def _below(self, below: Mapping[str, float]) -> list[Row]:
        return [(*self.quantities[name], -np.inf, most) for name, most in below.items()]

    def _run(self, objective: Floats, rows: list[Row], deadline: float) -> Any:
        constraints = LinearConstraint(
            _matrix(rows, objective.size), [row[2] for row in rows], [row[3] for row in rows]
        )
        for presolve in (True, False):
            result = milp(
                objective,
                integrality=np.array(self._integral),
                bounds=Bounds(np.array(self._lower), np.array(self._upper)),
                constraints=constraints,
                options={"time_limit": _seconds_to(deadline), "mip_rel_gap": 0, "presolve": presolve},
            )
            # What presolve leaves is numerically too hard now and then; the whole programme then is not.
            if result.status != SOLVER_ERROR:
                break
        return result

    def _missed(self, x: Floats) -> list[Row]:
        """Rows that every pathway keeps and a solution breaks; none without any."""
        return []

    def _solution(self, x: Floats, *, is_proven: bool) -> Solution:
        taken = np.flatnonzero(x[self.taken] > 0.5)
        values = {name: float(x[columns] @ weights) for name, (columns, weights) in self.quantities.items()}
        if "languages" in self.quantities:
            bits = np.flatnonzero(x[self.more_languages] > 0.5)
            values["language_bits"] = float(sum(1 << int(bit) for bit in bits))
        return Solution(self.kept[taken], self._behind(taken, x), values, is_proven)

    def _behind(self, taken: Ints, x: Floats) -> Floats:
        return self.reached[taken]

    # Building: columns, then rows.

    def _columns(self, n: int, lower: float, upper: float, *, is_integral: bool = False) -> Ints:
        first = len(self._lower)
        self._lower += [lower] * n
        self._upper += [upper] * n
        self._integral += [int(is_integral)] * n
        return np.arange(first, first + n)

    def _row(self, columns: Any, weights: Any, lower: float, upper: float) -> None:
        self._entries.append((columns, weights, lower, upper))

    def _build(self) -> None:
        limits = self.problem.limits
        self.taken = self._columns(self.kept.size, 0, 1, is_integral=True)
        self.hours = self._columns(1, limits.hours_a_week, self.most_hours)[0]
        self.finish = self._columns(1, limits.start, self.last)[0]
        for course in np.unique(self.course).tolist():
            same = self.taken[self.course == course]
            self._row(same, np.ones(same.size), -np.inf, 1)
        self._keep_order()
        self._keep_hours()
        self._keep_weeks()
        self._keep_finish()
        self._price()
        self._reach_goal()
        self._widen_entry()
        self.quantities |= {
            "finish": (np.array([self.finish]), np.ones(1)),
            "hours": (np.array([self.hours]), np.ones(1)),
            "risk": (self.taken, -np.log(self.problem.offerings.chance[self.kept])),
        }

    def _keep_order(self) -> None:
        """What is needed is taken, and can be behind the learner when the last moment to begin has come."""
        met: dict[tuple[int, bytes], int] = {}
        for place in range(self.kept.size):
            for need in self.found.needs.of_course[self.course[place]].tolist():
                others = self.helpers(place, need)
                key = need, others.tobytes()
                if key not in met:
                    met[key] = self._columns(1, 0, 1)[0]
                    self._row([*self.taken[others], met[key]], [*np.ones(others.size), -1], 0, np.inf)
                self._row([met[key], self.taken[place]], [1, -1], 0, np.inf)

    def helpers(self, place: int, need: int) -> Ints:
        """Places of other courses that provide a need in time for a candidate to begin."""
        others = self.providers(need, self.course[place])
        return np.asarray(others[self.reached[others] <= self.last_begin[place] + MOMENT])

    def providers(self, need: int, course: int) -> Ints:
        """Candidates of other courses that provide a need."""
        return np.asarray(np.flatnonzero(self.provides[:, need] & (self.course != course)))

    def _keep_finish(self) -> None:
        """The finish is not before the first day on which each can be done, nor before that of each goal."""
        for place, reached in enumerate(self.reached.tolist()):
            self._row([self.finish, self.taken[place]], [1, -reached], 0, np.inf)

    def _keep_hours(self) -> None:
        """All hours together fit between the start and the finish."""
        start = self.problem.limits.start
        if "hours" in self.free:
            columns, weights, rest = [*self.taken, self.hours], (self.last - start) / 7, 0.0
        else:
            weights = self.problem.limits.hours_a_week / 7
            columns, rest = [*self.taken, self.finish], -start * weights
        self._row(columns, [*self.total_hours, -weights], -np.inf, rest)

    def _keep_weeks(self) -> None:
        """Dated offerings that run on one day fit the hours of a week together."""
        for day in np.unique(self.starts[self.is_dated]):
            runs = np.flatnonzero(self.is_dated & (self.starts <= day) & (self.ends >= day))
            if self.weekly[runs].sum() > self.problem.limits.hours_a_week:
                self._row([*self.taken[runs], self.hours], [*self.weekly[runs], -1], -np.inf, 0)

    def _price(self) -> None:
        """Net cost in HK$: fees less what each tier of the subsidy gives back of the subsidised ones."""
        offerings, limits = self.problem.offerings, self.problem.limits
        fee = np.where(offerings.fee_cents[self.kept] == UNKNOWN_FEE, 0, offerings.fee_cents[self.kept]) / 100
        subsidised = offerings.is_subsidised[self.kept]
        claimed = self._claimed(self.taken[subsidised])
        # The part of the eligible fees that each tier pays for; the best order of tiers is the rule's own.
        parts = [self._columns(1, 0, left / percent)[0] for percent, left in limits.tiers]
        if parts:
            columns = [*parts, *claimed]
            self._row(columns, [*np.ones(len(parts)), *-fee[subsidised]], -np.inf, 0)
        percents = np.array([percent for percent, _ in limits.tiers], dtype=float)
        priced = np.concatenate([self.taken, np.array(parts, dtype=np.int64)])
        net = priced, np.concatenate([fee, -percents / 100])
        unknown = offerings.fee_cents[self.kept] == UNKNOWN_FEE
        price = priced, np.concatenate([fee + UNKNOWN_FEE_WEIGHT * unknown, -percents / 100])
        part = offerings.part_cents[self.kept] / 100
        spent = priced, np.concatenate([fee + part, -percents / 100])
        self.quantities |= {"net": net, "spent": spent, "price": price}
        if limits.budget_cents is not None and "budget" not in self.free:
            # The subsidy is rounded down to a whole cent, so that part of one breaks the budget.
            self._row(*spent, -np.inf, limits.budget_cents / 100 + TINY_SUM)

    def _claimed(self, subsidised: Ints) -> Ints:
        """Columns of what the subsidy is claimed for: at best whole courses, since the dearest come first."""
        most = self.problem.limits.claims
        if most is None:
            return subsidised
        columns = self._columns(subsidised.size, 0, 1)
        for claimed, taken in zip(columns, subsidised, strict=True):
            self._row([taken, claimed], [1, -1], 0, np.inf)
        self._row(columns, np.ones(columns.size), -np.inf, most)
        return columns

    def _reach_goal(self) -> None:
        """Enough of the needed levels is reached."""
        problem, needs = self.problem, self.found.needs
        columns = goal_columns(problem, needs)
        if problem.limits.coverage == 1:
            for column in columns:
                teaches = np.flatnonzero(self.provides[:, column])
                self._row(self.taken[teaches], np.ones(teaches.size), 1, np.inf)
                first = self.found.reached[self.kept[teaches]].min(initial=np.inf)
                self._lower[self.finish] = max(self._lower[self.finish], min(first, self.last))
            return
        reached = self._columns(columns.size, 0, 1)
        for column, level in zip(columns, reached, strict=True):
            teaches = self.taken[self.provides[:, column]]
            self._row([*teaches, level], [*np.ones(teaches.size), -1], 0, np.inf)
        importance = problem.importance[needs.levels[columns, 0]]
        self.quantities["uncovered"] = (reached, -importance)
        self._row(reached, importance, levels_to_gain(problem) - 1e-9, np.inf)

    def _widen_entry(self) -> None:
        """The HKQF level and the languages that the taken courses ask for beyond the learner's own."""
        courses, limits = self.problem.courses, self.problem.limits
        if "level" in self.free:
            level = self._columns(1, limits.hkqf_level, 7)[0]
            self.quantities["level"] = (np.array([level]), np.ones(1))
            for place, entry in enumerate(courses.entry_level[self.course]):
                if entry > limits.hkqf_level:
                    self._row([level, self.taken[place]], [1, -float(entry)], 0, np.inf)
        if "languages" in self.free:
            self.more_languages = self._columns(64, 0, 1, is_integral=True)
            self.quantities["languages"] = (self.more_languages, np.ones(64))
            foreign: Bools = ~speaks(self.problem)[self.course]
            for place in np.flatnonzero(foreign).tolist():
                bits = int(courses.languages[self.course[place]])
                spoken = [self.more_languages[bit] for bit in range(64) if bits >> bit & 1]
                self._row([*spoken, self.taken[place]], [*np.ones(len(spoken)), -1], 0, np.inf)


def _seconds_to(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise OutOfTimeError("no time left")
    return seconds


def _matrix(rows: list[Row], n_columns: int) -> csr_array:
    matrix = csr_array(
        (
            np.concatenate([np.asarray(weights, dtype=float) for _, weights, *_ in rows]),
            np.concatenate([np.asarray(columns, dtype=np.int32) for columns, *_ in rows]),
            np.concatenate([[0], np.cumsum([len(columns) for columns, *_ in rows])]).astype(np.int32),
        ),
        shape=(len(rows), n_columns),
    )
    matrix.sum_duplicates()
    return matrix
