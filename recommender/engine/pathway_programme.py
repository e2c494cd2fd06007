"""Pathways on days, as a mixed-integer linear programme.

Time is cut where a dated offering begins or has ended. Dated offerings are taken or not. A course at one's
own pace gets hours of work in each interval, within what the week leaves beside dated offerings; its
prerequisites must be behind the learner when the work begins. Within an interval nothing dated begins or
ends, so who works at one course after the other, prerequisites first, keeps every order that the programme
asks for: hours in intervals are exact, not an approximation by weeks. Only a circle of courses that let each
other begin within one interval escapes; it is found afterwards, cut off, and the programme solved again.
"""

from __future__ import annotations

import numpy as np

from recommender.engine.pathway_problem import Bools, Floats, Ints
from recommender.engine.pathway_selection import Row, Selection

# Of the hours of a course: less is rounding, not work.
TINY = 1e-5


class Programme(Selection):
    """The whole programme, with dates and hours in each interval."""

    def take_all(self) -> None:
        """Every candidate is taken."""
        for column in self.taken:
            self._lower[column] = 1

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

    def _done_by(self, others: Ints, day: int) -> list[int]:
        """Columns that are 1 where one of the candidates is behind the learner on the morning of a day."""
        interval = int(np.searchsorted(self.cuts, day)) - 1
        dated = [self.taken[p] for p in others if self.is_dated[p] and self.ends[p] < day]
        return dated + [self.done[p][interval] for p in others if not self.is_dated[p] and interval >= 0]

    def _done_in(self, others: Ints, interval: int) -> list[int]:
        """Columns that are 1 where work of an interval may follow one of the candidates."""
        dated = [self.taken[p] for p in others if self.is_dated[p] and self.ends[p] < self.cuts[interval]]
        return dated + [self.done[p][interval] for p in others if not self.is_dated[p]]

    def _keep_weeks(self) -> None:
        """In each interval, all hours together fit the week."""
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

    def _behind(self, taken: Ints, x: Floats) -> Floats:
        behind: Floats = self.ends[taken].astype(np.float64) + 1
        for place, own in enumerate(taken.tolist()):
            if own in self.work:
                behind[place] = self._worked_until(own, x)
        return behind

    def _worked_until(self, own: int, x: Floats) -> float:
        """The end of the last interval with work; within one interval who is needed comes first."""
        worked = np.flatnonzero(x[self.work[own]] > TINY * self.total_hours[own])
        return float(self.cuts[worked[-1] + 1])

    def _missed(self, x: Floats) -> list[Row]:
        """Rows that cut off courses which let each other begin within one interval, whichever it is.

        Valid for every pathway: of courses that are all done by the end of an interval, the one that began
        first had each of its needs from outside.
        """
        for interval in range(len(self.cuts) - 1):
            stuck = self._stuck(x, interval)
            inside = [own for own in stuck if own in self.done and x[self.done[own][interval]] > 0.5]
            if inside:
                return [self._from_outside(inside, stuck, every) for every in range(len(self.cuts) - 1)]
        return []

    def _from_outside(self, inside: list[int], stuck: dict[int, int], interval: int) -> Row:
        columns = [self.done[own][interval] for own in inside]
        weights = [-1.0] * len(inside)
        for own in inside:
            others = [p for p in self.providers(stuck[own], self.course[own]) if p not in inside]
            columns += (new := self._done_in(np.array(others, dtype=np.int64), interval))
            weights += [1.0] * len(new)
        return columns, weights, 1.0 - len(inside), np.inf

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
        return bool(self._worked_until(place, x) <= self.cuts[interval])
