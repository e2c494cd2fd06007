"""Finds the best solution of a pathway problem exactly: branch and check (Thorsteinsson 2001).

The selection without days says what the objective is at least, and which offerings to take for that. What it
takes is put on days; where that is impossible, the few offerings that clash are forbidden together, and the
selection is solved again. The most promising offerings come first: what they lead to says what cannot matter
any more, which is everything whose bound in the linear relaxation exceeds it (reduced-cost fixing: Dantzig,
Fulkerson and Johnson 1954).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from recommender.engine.pathway_candidates import Candidates, candidates
from recommender.engine.pathway_clashes import Clash, clash_of
from recommender.engine.pathway_problem import Ints, Problem
from recommender.engine.pathway_programme import Programme
from recommender.engine.pathway_selection import MOMENT, TINY_SUM, OutOfTimeError, Selection, Solution

# The most promising offerings looked at first, and then; and how many clashes are worth forbidding there.
PROMISING = ((60, 5), (300, 20), (800, 20))
# So few offerings are put on days all at once after so many clashes.
FEW, MANY_CLASHES = 80, 8
# Quantities that count in whole steps, and how far one may be above a step by rounding.
WHOLE = {"finish": MOMENT, "hours": 1e-6, "level": 1e-6, "languages": 1e-6}
# How far others that were decided before may give way to rounding: HK$.
SLACK = {"net": TINY_SUM, "spent": TINY_SUM, "price": 2e-4}
ROUNDING = 1e-5


class Search:
    """The solutions of one problem; limits named in `free` do not hold."""

    def __init__(self, problem: Problem, free: Iterable[str] = ()) -> None:
        self.problem, self.free = problem, frozenset(free)
        self.found = candidates(problem, self.free)
        self.solutions: list[Solution] = []

    def minimise(self, *quantities: str, deadline: float) -> Solution | None:
        """The solution with the first quantity smallest, then the second, and so on; None without any.

        Raises OutOfTimeError when `deadline` (of time.monotonic) comes before any is found.
        """
        most: dict[str, float] = {}
        kept, best = self.found.kept, None
        for quantity in quantities:
            try:
                solution, kept = self._smallest(quantity, kept, most, deadline)
            except OutOfTimeError:
                if best is None:
                    raise
                return replace(best, is_proven=False)
            if solution is None:
                return best
            self.solutions.append(solution)
            best = replace(solution, is_proven=solution.is_proven and (best is None or best.is_proven))
            most[quantity] = as_good(quantity, best)
        return best

    def _smallest(
        self, quantity: str, kept: Ints, most: Mapping[str, float], deadline: float
    ) -> tuple[Solution | None, Ints]:
        """The best solution from the offerings `kept`, and those that one as good can hold."""
        kept = kept[self.found.reached[kept] <= most.get("finish", np.inf)]
        relaxed = Selection(self.problem, self._only(kept), self.free).bound(quantity, most, deadline)
        if relaxed is None:
            return None, kept
        bound, added = relaxed
        order = np.argsort(added, kind="stable")
        best = self._known(quantity, kept, most, deadline)
        clashes: list[Clash] = []
        for n, worth in (*PROMISING, (kept.size, math.inf)):
            matters = order if best is None else order[bound + added[order] <= better(quantity, best)]
            is_all = matters.size <= n
            few = self._only(np.sort(kept[matters[:n]]))
            allowed = math.inf if is_all else len(clashes) + worth
            best = self._best(quantity, few, most, best, clashes, allowed, deadline)
            if is_all:
                break
        if best is None:
            return None, kept
        return best, kept[bound + added <= as_good(quantity, best)]

    def _known(
        self, quantity: str, kept: Ints, most: Mapping[str, float], deadline: float
    ) -> Solution | None:
        """The best of the solutions found for other quantities, where one serves."""
        serving = [one.taken for one in self.solutions if np.isin(one.taken, kept).all()]
        timed = [self._on_days(quantity, taken, most, deadline) for taken in serving]
        return min((one for one in timed if one), key=lambda one: one.values[quantity], default=None)

    def _best(
        self,
        quantity: str,
        found: Candidates,
        most: Mapping[str, float],
        best: Solution | None,
        clashes: list[Clash],
        allowed: float,
        deadline: float,
    ) -> Solution | None:
        """The best solution from the offerings of `found`, or the one that is known where none is better.

        Clashes that come up are added to those that are known. Where there are more than are allowed, or time
        runs out, the best one so far; raises OutOfTimeError where there is none when time runs out.
        """
        selection = Selection(self.problem, found, self.free)
        for known in clashes:
            known.forbid(selection)
        try:
            while len(clashes) <= allowed:
                below = dict(most) if best is None else {**most, quantity: better(quantity, best)}
                if found.kept.size <= FEW and len(clashes) >= MANY_CLASHES:
                    programme = Programme(self._within(below), found, self.free)
                    return programme.minimise(quantity, below=below, deadline=deadline) or _proven(best)
                chosen = selection.minimise(quantity, below=below, deadline=deadline)
                if chosen is None:
                    return _proven(best)
                timed = self._carried_out(quantity, selection, chosen.taken, below, deadline)
                if timed is None:
                    clash = self._clash(selection, chosen.taken, below, deadline)
                    if clash is None:
                        break
                    clash.forbid(selection)
                    clashes.append(clash)
                    continue
                best = timed
                if chosen.is_proven and chosen.values[quantity] > better(quantity, best):
                    return _proven(best)
        except OutOfTimeError:
            if best is None:
                raise
        return best and replace(best, is_proven=False)

    def _clash(
        self, selection: Selection, taken: Ints, most: Mapping[str, float], deadline: float
    ) -> Clash | None:
        of_use = selection.of_use(taken)
        taken = np.concatenate([np.setdiff1d(taken, of_use), of_use])
        return clash_of(self._within(most), self.found, self.free, taken, most, deadline)

    def _carried_out(
        self, quantity: str, selection: Selection, taken: Ints, most: Mapping[str, float], deadline: float
    ) -> Solution | None:
        """What a selection takes, put on days: without what is of no use, or else with it."""
        useful = selection.of_use(taken)
        solution = self._on_days(quantity, useful, most, deadline)
        if solution is None and useful.size < taken.size:
            return self._on_days(quantity, taken, most, deadline)
        return solution

    def _on_days(
        self, quantity: str, taken: Ints, most: Mapping[str, float], deadline: float
    ) -> Solution | None:
        """The best solution that takes just these offerings."""
        programme = Programme(self._within(most), self._only(taken), self.free)
        programme.take_all()
        return programme.minimise(quantity, below=most, deadline=deadline)

    def _within(self, most: Mapping[str, float]) -> Problem:
        """The problem with the horizon that a finish decided before leaves, so that days are fewer."""
        if "finish" not in most or "horizon" in self.free:
            return self.problem
        limits = self.problem.limits
        horizon = min(limits.horizon, math.ceil(most["finish"]))
        return replace(self.problem, limits=replace(limits, horizon=horizon))

    def _only(self, kept: Ints) -> Candidates:
        return replace(self.found, kept=kept)


def _proven(solution: Solution | None) -> Solution | None:
    return solution and replace(solution, is_proven=True)


def as_good(quantity: str, solution: Solution) -> float:
    """The most that a quantity may be in a solution that is as good."""
    value = solution.values[quantity]
    if quantity in WHOLE:
        return math.ceil(value - WHOLE[quantity]) + WHOLE[quantity]
    return value + SLACK.get(quantity, ROUNDING)


def better(quantity: str, solution: Solution) -> float:
    """The most that a quantity may be in a solution that is better."""
    value = solution.values[quantity]
    if quantity in WHOLE:
        return math.ceil(value - WHOLE[quantity]) - 1 + WHOLE[quantity]
    return value - SLACK.get(quantity, ROUNDING)
