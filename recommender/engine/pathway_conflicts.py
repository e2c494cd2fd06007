"""Why offerings cannot all be taken: few of them that already clash, whatever else a pathway holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from recommender.engine.pathway_candidates import Candidates
from recommender.engine.pathway_problem import Bools, Ints, Problem
from recommender.engine.pathway_programme import Programme
from recommender.engine.pathway_selection import Selection

# What a clash in time depends on.
IN_TIME = ("finish", "hours")


class Timetable(Programme):
    """When given offerings can all be taken, whatever they cost and wherever they lead."""

    def _price(self) -> None:
        """Any price will do."""

    def _reach_goal(self) -> None:
        """Any goal will do."""

    def _widen_entry(self) -> None:
        """Any entry will do."""


class Conflicts:
    """Finds clashes within the same limits; quantities of IN_TIME are at most those of `below`."""

    def __init__(
        self, problem: Problem, found: Candidates, free: Iterable[str], below: Mapping[str, float]
    ) -> None:
        self.problem, self.found, self.free = problem, found, frozenset(free)
        self.below = {name: most for name, most in below.items() if name in IN_TIME}

    def forbid(self, selection: Selection, taken: Ints, deadline: float) -> None:
        """Cuts off of a selection what keeps the offerings `taken`, which clash, from being a pathway.

        A combinatorial Benders cut (Codato and Fischetti 2006): some of the few that clash are given up, or
        another course provides in time what one of them waits for.
        """
        of_use = selection.of_use(taken)
        few = self.few(np.concatenate([np.setdiff1d(taken, of_use), of_use]), deadline)
        waits = self._waits(few, np.setdiff1d(taken, few))
        places = np.searchsorted(selection.kept, few)
        helpers = [
            selection.helpers(place, need) for place in places for need in waits[int(selection.course[place])]
        ]
        unless = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *helpers]))
        selection.cut_off(places, np.setdiff1d(unless, places))

    def few(self, taken: Ints, deadline: float) -> Ints:
        """Of offerings that clash, some that still do, of which none can be left out: the first ones go."""
        few = np.sort(taken)
        for offering in taken:
            fewer = few[few != offering]
            if not self._is_possible(fewer, np.setdiff1d(taken, fewer), deadline):
                few = fewer
        return few

    def _is_possible(self, taken: Ints, left_out: Ints, deadline: float) -> bool:
        """Whether offerings can all be taken when nothing waits for what one that is left out provides."""
        needs = self.found.needs
        of_course = list(needs.of_course)
        for course, waits in self._waits(taken, left_out).items():
            of_course[course] = waits
        found = replace(self.found, kept=taken, needs=replace(needs, of_course=of_course))
        timetable = Timetable(self.problem, found, self.free)
        timetable.take_all()
        return timetable.minimise("finish", below=self.below, deadline=deadline) is not None

    def _waits(self, taken: Ints, left_out: Ints) -> dict[int, Ints]:
        """For each course that is taken, what it needs and only others that are taken provide."""
        needs, course_of = self.found.needs, self.problem.offerings.course
        elsewhere: Bools = np.asarray(needs.provides[course_of[left_out]].any(axis=0))
        waits = {}
        for course in course_of[taken].tolist():
            others = course_of[taken][course_of[taken] != course]
            provided: Bools = np.asarray(needs.provides[others].any(axis=0))
            asked = needs.of_course[course]
            waits[course] = asked[provided[asked] & ~elsewhere[asked]]
        return waits
