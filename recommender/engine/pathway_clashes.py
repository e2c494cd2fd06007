"""Why offerings cannot all be taken: few of them that already clash, whatever else a pathway holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Clash:
    """Offerings that cannot all be taken in time.

    taken : int64 ndarray, positions of offerings
    waits : (position of an offering, column of what it needs and only others of them provide)
    """

    taken: Ints
    waits: list[tuple[int, int]]

    def forbid(self, selection: Selection) -> None:
        """Keeps a selection from them, where they are all candidates of it.

        A combinatorial Benders cut (Codato and Fischetti 2006): some of them are given up, or another course
        provides in time what one of them waits for.
        """
        if not np.isin(self.taken, selection.kept).all():
            return
        place_of = dict(zip(selection.kept.tolist(), range(selection.kept.size), strict=True))
        places = np.array([place_of[one] for one in self.taken.tolist()], dtype=np.int64)
        helpers = [selection.helpers(place_of[one], need) for one, need in self.waits]
        unless = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *helpers]))
        selection.cut_off(places, np.setdiff1d(unless, places))


def clash_of(
    problem: Problem,
    found: Candidates,
    free: Iterable[str],
    taken: Ints,
    below: Mapping[str, float],
    deadline: float,
) -> Clash | None:
    """Of offerings that clash, some that still do, of which none can be left out: the first ones go.

    None where it is not time that keeps them from being taken.

    Quantities of IN_TIME are at most those of `below`; limits named in `free` do not hold. Raises
    OutOfTimeError when `deadline` comes before.
    """
    most = {name: value for name, value in below.items() if name in IN_TIME}

    def is_possible(few: Ints, left_out: Ints) -> bool:
        """Whether offerings can all be taken when nothing waits for what one that is left out provides."""
        of_course = list(found.needs.of_course)
        for course, waits in _waits(problem, found, few, left_out).items():
            of_course[course] = waits
        alone = replace(found, kept=few, needs=replace(found.needs, of_course=of_course))
        timetable = Timetable(problem, alone, free)
        timetable.take_all()
        return timetable.minimise("finish", below=most, deadline=deadline) is not None

    few = np.sort(taken)
    if is_possible(few, taken[:0]):
        return None
    for offering in taken:
        fewer = few[few != offering]
        if not is_possible(fewer, np.setdiff1d(taken, fewer)):
            few = fewer
    waits = _waits(problem, found, few, np.setdiff1d(taken, few))
    course_of = problem.offerings.course
    return Clash(few, [(one, need) for one in few.tolist() for need in waits[int(course_of[one])].tolist()])


def _waits(problem: Problem, found: Candidates, taken: Ints, left_out: Ints) -> dict[int, Ints]:
    """For each course that is taken, what it needs and only others that are taken provide."""
    needs, course_of = found.needs, problem.offerings.course
    elsewhere: Bools = np.asarray(needs.provides[course_of[left_out]].any(axis=0))
    waits = {}
    for course in course_of[taken].tolist():
        others = course_of[taken][course_of[taken] != course]
        provided: Bools = np.asarray(needs.provides[others].any(axis=0))
        asked = needs.of_course[course]
        waits[course] = asked[provided[asked] & ~elsewhere[asked]]
    return waits
