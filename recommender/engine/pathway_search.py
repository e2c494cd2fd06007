"""Finds the best solution of a pathway problem exactly, looking closely only at offerings that can matter.

The linear relaxation without dates says what the objective is at least, and how much taking each offering
adds to that (its reduced cost). The programme with dates is solved for the few most promising offerings;
what then still could do better, or as well, is everything whose bound does not exceed that solution, and
the programme is solved again for those. So nothing is lost (reduced-cost fixing: Dantzig, Fulkerson and
Johnson 1954).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from recommender.engine.pathway_candidates import Candidates, candidates, undominated
from recommender.engine.pathway_model import TINY_SUM, OutOfTimeError, Programme, Selection, Solution
from recommender.engine.pathway_problem import Bools, Ints, Problem

PROMISING = 60
# More offerings than these at once would take longer than anybody waits; what is found is then not proven.
MOST = 180
# How far a quantity that was decided before may give way to rounding: days, HK$.
SLACK = {"finish": 1e-4, "net": TINY_SUM, "price": 2e-4}
ROUNDING = 1e-6


class Search:
    """The solutions of one problem; limits named in `free` do not hold."""

    def __init__(self, problem: Problem, free: Iterable[str] = ()) -> None:
        self.problem, self.free = problem, frozenset(free)
        self.found = candidates(problem, self.free)
        # Offerings of solutions found so far, which keep later programmes solvable.
        self.known: Ints = np.zeros(0, dtype=np.int64)

    def minimise(
        self, *quantities: str, deadline: float, below: Mapping[str, float] | None = None
    ) -> Solution | None:
        """The solution with the first quantity smallest, then the second, and so on; None without any.

        Raises OutOfTimeError when `deadline` (of time.monotonic) comes before any is found.
        """
        most, kept, best = dict(below or {}), self.found.kept, None
        for quantity in quantities:
            try:
                solution, kept = self._smallest(quantity, kept, most, deadline)
            except OutOfTimeError:
                if best is None:
                    raise
                return replace(best, is_proven=False)
            if solution is None:
                return best
            best = replace(solution, is_proven=solution.is_proven and (best is None or best.is_proven))
            most[quantity] = best.values[quantity] + SLACK.get(quantity, ROUNDING)
        return best

    def _smallest(
        self, quantity: str, kept: Ints, most: Mapping[str, float], deadline: float
    ) -> tuple[Solution | None, Ints]:
        """The best solution from the offerings `kept`, and those that one as good can hold."""
        kept = kept[self.found.reached[kept] <= most.get("finish", np.inf)]
        selection = Selection(self.problem, self._only(kept), self.free)
        relaxed = selection.bound(quantity, most, deadline)
        if relaxed is None:
            return None, kept
        bound, added = relaxed
        order, n = kept[np.argsort(added, kind="stable")], PROMISING
        while True:
            promising = np.union1d(order[:n], self.known[np.isin(self.known, kept)])
            solution = self._solve(quantity, promising, most, deadline)
            if solution is not None or n >= kept.size:
                break
            n *= 3
        if solution is None:
            return None, kept
        value = solution.values[quantity] + SLACK.get(quantity, ROUNDING)
        can_matter = (bound + added <= value) & self._in_time(kept, quantity, value)
        is_best = solution.values[quantity] <= bound + SLACK.get(quantity, ROUNDING)
        is_all = bool(np.isin(kept[can_matter], promising).all())
        if solution.is_proven and not is_best and not is_all:
            matters = order[np.isin(order, kept[can_matter])]
            few = np.union1d(matters[:MOST], self.known[np.isin(self.known, matters)])
            try:
                solution = self._solve(quantity, few, {**most, quantity: value}, deadline) or solution
            except OutOfTimeError:
                solution = replace(solution, is_proven=False)
            if matters.size > few.size:
                solution = replace(solution, is_proven=False)
        return solution, kept[can_matter]

    def _in_time(self, kept: Ints, quantity: str, value: float) -> Bools:
        return np.asarray(self.found.reached[kept] <= (value if quantity == "finish" else np.inf))

    def _solve(
        self, quantity: str, kept: Ints, most: Mapping[str, float], deadline: float
    ) -> Solution | None:
        few = undominated(self.problem, self._only(kept))
        problem = self.problem
        if "finish" in most and "horizon" not in self.free:
            horizon = min(problem.limits.horizon, math.ceil(most["finish"]))
            problem = replace(problem, limits=replace(problem.limits, horizon=horizon))
        solution = Programme(problem, few, self.free).minimise(quantity, below=most, deadline=deadline)
        if solution is not None:
            self.known = np.union1d(self.known, solution.taken)
        return solution

    def _only(self, kept: Ints) -> Candidates:
        return replace(self.found, kept=kept)
