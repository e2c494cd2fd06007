"""Pathways as a mixed-integer linear programme, solved exactly by HiGHS (Huangfu and Hall 2018).

Time is cut where a dated offering begins or has ended. Dated offerings are taken or not. A course at one's
own pace gets hours of work in each interval, within what the week leaves beside dated offerings; its
prerequisites must be behind the learner when the work begins. Within an interval nothing dated begins or
ends, so who works at one course after the other, prerequisites first, keeps every order that the programme
asks for: hours in intervals are exact, not an approximation by weeks. Only a circle of courses that let each
other begin within one interval escapes; it is found afterwards, cut off, and the programme solved again.
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
from recommender.engine.pathway_problem import UNKNOWN_FEE, Bools, Floats, Ints, Problem

# Of the hours of a course: less is rounding, not work.
TINY = 1e-5
# In HK$: less is rounding. Whole percentages of whole cents are ten times as much at least.
TINY_SUM = 1e-5
# What a course of unknown fee adds to the price, in HK$: so little that ten of them weigh less than a cent.
UNKNOWN_FEE_WEIGHT = 5e-4
# Columns, their weights, and the bounds of the weighted sum.
Row = tuple[Any, Any, float, float]


class OutOfTimeError(Exception):
    """The solver found neither a pathway nor a proof that there is none."""


@dataclass(frozen=True)
class Solution:
    """One solution of the programme.

    taken : int64 ndarray, positions of offerings
    behind : float64 ndarray of the same shape, the day on which each is behind the learner at the latest
    values : the quantities of `Programme.quantities`
    is_proven : whether nothing better exists
    """

    taken: Ints
    behind: Floats
    values: Mapping[str, float]
    is_proven: bool


class Selection:
    """Which offerings are taken; time counts only as hours in all. Limits named in `free` do not hold.

    Quantities that may be minimised: finish (day), net (HK$), price (net and, among equals,
    courses of unknown fee), risk (minus the sum of the logarithms of the chances), hours (a week), level
    (HKQF), languages (that the learner does not follow), uncovered (minus the importance-weighted levels
    gained).
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
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._integral: list[int] = []
        self._entries: list[Row] = []
        self.quantities: dict[str, tuple[Ints, Floats]] = {}
        self._build()

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
        if result.status == 2:
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
        """What is needed is taken, whenever."""
        place_of = {}
        for place in range(self.kept.size):
            for need in self.found.needs.of_course[self.course[place]].tolist():
                if need not in place_of:
                    others = self.taken[self.provides[:, need]]
                    place_of[need] = self._columns(1, 0, 1)[0]
                    self._row([*others, place_of[need]], [*np.ones(others.size), -1], 0, np.inf)
                self._row([place_of[need], self.taken[place]], [1, -1], 0, np.inf)

    def _keep_finish(self) -> None:
        """The finish is not before the first day on which each can be done, nor before that of each goal."""
        for place, reached in enumerate(self.found.reached[self.kept].tolist()):
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
        self.quantities |= {"net": net, "price": price}
        if limits.budget_cents is not None and "budget" not in self.free:
            # The subsidy is rounded down to a whole cent, so that part of one breaks the budget.
            self._row(*net, -np.inf, limits.budget_cents / 100 + TINY_SUM)

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


class Programme(Selection):
    """The whole programme, with dates and hours in each interval."""

    def minimise(self, quantity: str, *, below: Mapping[str, float], deadline: float) -> Solution | None:
        """The solution with the quantity smallest and others at most `below`; None where there is none.

        Raises OutOfTimeError when `deadline` (of time.monotonic) comes before any is found.
        """
        objective, extra = self._objective(quantity), self._below(below)
        while True:
            result = self._run(objective, self._entries + extra, deadline)
            if result.status == 2:
                return None
            if result.x is None:
                raise OutOfTimeError(result.message)
            circle = self._circle(result.x)
            if circle is None:
                return self._solution(result.x, is_proven=result.status == 0)
            self._entries.append(circle)

    def _run(self, objective: Floats, rows: list[Row], deadline: float) -> Any:
        return milp(
            objective,
            integrality=np.array(self._integral),
            bounds=Bounds(np.array(self._lower), np.array(self._upper)),
            constraints=LinearConstraint(
                _matrix(rows, objective.size), [row[2] for row in rows], [row[3] for row in rows]
            ),
            options={"time_limit": _seconds_to(deadline), "mip_rel_gap": 0},
        )

    def _build(self) -> None:
        self.own = np.flatnonzero(~self.is_dated)
        self.cuts = self._cuts()
        self.weeks = np.diff(self.cuts) / 7
        super()._build()

    def _cuts(self) -> Ints:
        inner = np.concatenate([self.starts[self.is_dated], self.ends[self.is_dated] + 1])
        cuts = np.unique(np.concatenate([[self.problem.limits.start, self.last], inner]))
        return cuts[(cuts >= self.problem.limits.start) & (cuts <= self.last)]

    def _unlockers(self) -> list[int]:
        """Courses at one's own pace that another candidate needs."""
        asked = np.zeros(self.provides.shape[1], dtype=np.bool_)
        for course in np.unique(self.course):
            asked[self.found.needs.of_course[course]] = True
        return [own for own in self.own.tolist() if self.provides[own, asked].any()]

    def _keep_order(self) -> None:
        """Nothing begins before what it needs is behind the learner."""
        n_intervals = len(self.weeks)
        self.is_busy = self._columns(n_intervals if self.own.size else 0, 0, 1, is_integral=True)
        self.work = {own: self._columns(n_intervals, 0, self.total_hours[own]) for own in self.own.tolist()}
        self.done = {own: self._columns(n_intervals, 0, 1, is_integral=True) for own in self._unlockers()}
        for own, columns in self.work.items():
            # All the work of a course, or none.
            self._row([*columns, self.taken[own]], [*np.ones(columns.size), -self.total_hours[own]], 0, 0)
        for own, columns in self.done.items():
            for interval, done in enumerate(columns):
                before = self.work[own][: interval + 1]
                self._row([*before, done], [*np.ones(before.size), -self.total_hours[own]], 0, np.inf)
            self._row([columns[-1], self.taken[own]], [1, -1], -np.inf, 0)
        for place in range(self.kept.size):
            for need in self.found.needs.of_course[self.course[place]]:
                self._keep_need(place, int(need))

    def _keep_need(self, place: int, need: int) -> None:
        others = self.providers(need, self.course[place])
        if self.is_dated[place]:
            before = self._done_by(others, self.starts[place])
            self._row([*before, self.taken[place]], [*np.ones(len(before)), -1], 0, np.inf)
            return
        self._row([*self.taken[others], self.taken[place]], [*np.ones(others.size), -1], 0, np.inf)
        for interval, work in enumerate(self.work[place]):
            before = self._done_in(others, interval)
            hours = self.total_hours[place]
            self._row([*before, work], [*np.full(len(before), hours), -1], 0, np.inf)

    def providers(self, need: int, course: int) -> Ints:
        """Candidates of other courses that provide a need."""
        return np.flatnonzero(self.provides[:, need] & (self.course != course))

    def _done_by(self, others: Ints, day: int) -> list[int]:
        """Columns that are 1 where one of the candidates is behind the learner on the morning of a day."""
        interval = int(np.searchsorted(self.cuts, day)) - 1
        dated = [self.taken[p] for p in others if self.is_dated[p] and self.ends[p] < day]
        return dated + [self.done[p][interval] for p in others if not self.is_dated[p] and interval >= 0]

    def _done_in(self, others: Ints, interval: int) -> list[int]:
        """Columns that are 1 where work of an interval may follow one of the candidates."""
        dated = [self.taken[p] for p in others if self.is_dated[p] and self.ends[p] < self.cuts[interval]]
        return dated + [self.done[p][interval] for p in others if not self.is_dated[p]]

    def _keep_hours(self) -> None:
        """In each interval, all hours together fit the week."""
        super()._keep_hours()
        for interval, weeks in enumerate(self.weeks):
            runs = self.is_dated & (self.starts <= self.cuts[interval]) & (self.ends >= self.cuts[interval])
            work = [columns[interval] for columns in self.work.values()]
            columns = [*self.taken[runs], *work, self.hours]
            weights = [*self.weekly[runs], *np.full(len(work), 1 / weeks), -1]
            if len(columns) > 2 or "hours" in self.free:
                self._row(columns, weights, -np.inf, 0)
            if work:
                busy = [*work, self.is_busy[interval]]
                self._row(busy, [*np.ones(len(work)), -weeks * self.most_hours], -np.inf, 0)

    def _keep_finish(self) -> None:
        """The finish is not before the end of anything.

        In the interval of the finish no dated offering that is taken runs, since all of them have ended by
        then, so that work goes on at the full hours a week. Where the hours are free, the horizon, which is
        the last cut, stands in for the finish.
        """
        super()._keep_finish()
        if "hours" in self.free:
            return
        for interval, busy in enumerate(self.is_busy):
            work = [columns[interval] for columns in self.work.values()]
            days = np.full(len(work), -7 / self.problem.limits.hours_a_week)
            self._row([self.finish, busy, *work], [1, -float(self.cuts[interval]), *days], 0, np.inf)

    # Reading a solution.

    def _solution(self, x: Floats, *, is_proven: bool) -> Solution:
        taken = np.flatnonzero(x[self.taken] > 0.5)
        behind: Floats = self.ends[taken].astype(np.float64) + 1
        for place, own in enumerate(taken.tolist()):
            if own in self.work:
                behind[place] = self._behind(own, x)
        values = {name: float(x[columns] @ weights) for name, (columns, weights) in self.quantities.items()}
        if "languages" in self.free:
            bits = np.flatnonzero(x[self.more_languages] > 0.5)
            values["language_bits"] = float(sum(1 << int(bit) for bit in bits))
        return Solution(self.kept[taken], behind, values, is_proven)

    def _behind(self, own: int, x: Floats) -> float:
        """The end of the last interval with work; within one interval who is needed comes first."""
        worked = np.flatnonzero(x[self.work[own]] > TINY * self.total_hours[own])
        return float(self.cuts[worked[-1] + 1])

    def _circle(self, x: Floats) -> Row | None:
        """A row that cuts off courses which let each other begin within one interval; None without any.

        Valid for every pathway: of courses that are all done by the end of the interval, the one that began
        first had each of its needs from outside.
        """
        for interval in range(len(self.cuts) - 1):
            stuck = self._stuck(x, interval)
            inside = [own for own in stuck if own in self.done and x[self.done[own][interval]] > 0.5]
            if inside:
                columns = [self.done[own][interval] for own in inside]
                weights = [-1.0] * len(inside)
                for own in inside:
                    others = [p for p in self.providers(stuck[own], self.course[own]) if p not in inside]
                    columns += (new := self._done_in(np.array(others, dtype=np.int64), interval))
                    weights += [1.0] * len(new)
                return columns, weights, 1.0 - len(inside), np.inf
        return None

    def _stuck(self, x: Floats, interval: int) -> dict[int, int]:
        """Courses worked at in an interval that cannot have begun, each with a need that is not met."""
        working = [
            own for own in self.own.tolist() if x[self.work[own][interval]] > TINY * self.total_hours[own]
        ]
        taken = np.flatnonzero(x[self.taken] > 0.5).tolist()
        over = [place for place in taken if self._is_over(place, x, interval)]
        met: Bools = np.asarray(self.provides[over].any(axis=0))
        while True:
            ready = [own for own in working if met[self.found.needs.of_course[self.course[own]]].all()]
            if not ready:
                break
            for own in ready:
                if own in self.done and x[self.done[own][interval]] > 0.5:
                    met = np.asarray(met | self.provides[own])
            working = [own for own in working if own not in ready]
        unmet = {own: self.found.needs.of_course[self.course[own]] for own in working}
        return {own: int(needs[~met[needs]][0]) for own, needs in unmet.items()}

    def _is_over(self, place: int, x: Floats, interval: int) -> bool:
        """Whether a candidate was behind the learner before an interval began."""
        if self.is_dated[place]:
            return bool(self.ends[place] < self.cuts[interval])
        return bool(self._behind(place, x) <= self.cuts[interval])


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


def levels_to_gain(problem: Problem) -> float:
    """Importance-weighted levels still to gain for the coverage that is asked for; more than 0 when any."""
    whole = problem.importance @ problem.needed
    has = problem.importance @ np.minimum(problem.held, problem.needed)
    return float(problem.limits.coverage * whole - has)
