"""Lists for a block of learners: candidates, hard rules, ranking along the fallback chain, reasons.

The nightly run and the refresh of one learner both come through here, so they cannot disagree.
"""

import numpy as np

from recommender.engine.interactions import encode
from recommender.engine.ranking import top_k
from recommender.recommendations.goals import gap_closed
from recommender.recommendations.packing import ITEM, N_REASONS, Source
from recommender.recommendations.rules import allowed

LIST_LENGTH = 20


def make_lists(fitted, courses, roles, learners):
    """The list of each learner: at most LIST_LENGTH courses, best first.

    Each link of the chain (model, goal, sector, popular) fills what the links before it left open, so a list
    is empty only when the rules allow no course at all.

    Parameters
    ----------
    fitted : Fitted
    courses, roles, learners : CourseFacts of all courses, RoleFacts, LearnerFacts of b learners

    Returns
    -------
    list of b ITEM arrays
    """
    block = _Block(fitted, courses, roles, learners)
    chain = (
        (Source.MODEL, block.model_scores),
        (Source.GOAL, block.goal_scores),
        (Source.SECTOR, block.sector_scores),
        (Source.POPULAR, block.popular_scores),
    )
    for source, scores_of in chain:
        rows = np.flatnonzero(block.n_listed() < np.minimum(LIST_LENGTH, block.n_allowed))
        if rows.size:
            block.fill(source, *scores_of(rows))
    block.explain()
    return [row[row["course"] > 0] for row in block.items]


class _Block:
    """The lists of a block of learners while they are being made."""

    def __init__(self, fitted, courses, roles, learners):
        self.fitted, self.courses, self.roles, self.learners = fitted, courses, roles, learners
        self.allowed = allowed(courses, learners)
        self.n_allowed = self.allowed.sum(axis=1)
        self.items = np.zeros((learners.ids.size, LIST_LENGTH), dtype=ITEM)
        # Courses that came or went since the fit: scores exist for those that both sides know.
        self.known = np.isin(courses.ids, fitted.courses)
        self.place = np.searchsorted(fitted.courses, courses.ids[self.known])
        self.X, self.times = self._history()

    def n_listed(self):
        return np.count_nonzero(self.items["course"], axis=1)

    def model_scores(self, rows):
        """For learners with a history that the model knows. A score of 0 says nothing and is left out."""
        reads = self.fitted.model and self.fitted.model.reads_histories
        rows = rows[((self.X > 0).sum(axis=1) > 0)[rows]] if reads else rows[:0]
        scores = np.full((rows.size, self.courses.ids.size), -np.inf, dtype=np.float32)
        if rows.size:
            learned = self.fitted.model.score_items(self.X[rows], times=self.times[rows])
            scores[:, self.known] = learned[:, self.place]
        scores[scores <= 0] = -np.inf
        return rows, scores

    def goal_scores(self, rows):
        rows = np.array([row for row in rows if self._targets(row)], dtype=np.intp)
        scores = np.zeros((rows.size, self.courses.ids.size))
        for place, row in enumerate(rows):
            scores[place] = self._gap_closed(row).by_course
        return rows, np.where(scores > 0, scores, -np.inf)

    def sector_scores(self, rows):
        rows = rows[np.isin(self.learners.sectors[rows], self.fitted.sectors)]
        sector = np.searchsorted(self.fitted.sectors, self.learners.sectors[rows])
        scores = np.zeros((rows.size, self.courses.ids.size), dtype=np.float32)
        scores[:, self.known] = self.fitted.sector_popularity[sector][:, self.place]
        return rows, np.where(scores > 0, scores, -np.inf)

    def popular_scores(self, rows):
        scores = np.zeros((rows.size, self.courses.ids.size), dtype=np.float32)
        scores[:, self.known] = self.fitted.popularity[self.place]
        return rows, scores

    def fill(self, source, rows, scores):
        """Puts the best allowed courses of a link behind what the rows hold already."""
        if not rows.size:
            return
        listed = self.items["course"][rows]
        scores[~self.allowed[rows]] = -np.inf
        held, slot = np.nonzero(listed)
        scores[held, np.searchsorted(self.courses.ids, listed[held, slot])] = -np.inf
        positions, best = top_k(scores, LIST_LENGTH)
        found = np.zeros(positions.shape, dtype=ITEM)
        taken = positions >= 0
        found["course"][taken] = self.courses.ids[positions[taken]]
        found["score"][taken] = best[taken]
        found["source"][taken] = source
        both = np.concatenate([self.items[rows], found], axis=1)
        order = np.argsort(both["course"] == 0, axis=1, kind="stable")[:, :LIST_LENGTH]
        self.items[rows] = np.take_along_axis(both, order, axis=1)

    def explain(self):
        """Fills the reasons; with `rest` they add up to the score."""
        self._explain_by_history()
        self._explain_by_goal()
        shares = self.items["reasons"]["share"].astype(np.float64).sum(axis=2)
        self.items["rest"] = self.items["score"] - shares

    def _history(self):
        known = np.isin(self.learners.history[:, 1], self.fitted.courses)
        rows, ids = self.learners.history[known].T
        items = np.searchsorted(self.fitted.courses, ids)
        shape = self.learners.ids.size, self.fitted.courses.size
        return encode(rows, items, *shape, weights=self.learners.strengths[known])

    def _gap_closed(self, row):
        return gap_closed(self.courses, self.roles, self._targets(row), self.learners.held[row])

    def _targets(self, row):
        """Target roles that need anything we know of."""
        return [role for role in self.learners.roles[row] if role in self.roles.importance]

    def _explain_by_history(self):
        rows, slots = np.nonzero(self.items["source"] == Source.MODEL)
        if not rows.size:
            return
        explained = np.searchsorted(self.fitted.courses, self.items["course"][rows, slots])
        shares, fallback = self.fitted.model.contributions(self.X[rows], explained, times=self.times[rows])
        # The same sum, to the last digit that can be kept.
        self.items["score"][rows, slots] = shares.sum(axis=1) + fallback
        pair = np.repeat(np.arange(rows.size), np.diff(shares.indptr))
        self._keep_largest(rows, slots, pair, self.fitted.courses[shares.indices], shares.data)

    def _explain_by_goal(self):
        by_goal = self.items["source"] == Source.GOAL
        for row in np.flatnonzero(by_goal.any(axis=1)):
            closed = self._gap_closed(row)
            slots = np.flatnonzero(by_goal[row])
            position = np.searchsorted(self.courses.ids, self.items["course"][row, slots])
            pair_of_course = np.full(self.courses.ids.size, -1)
            pair_of_course[position] = np.arange(slots.size)
            pair = pair_of_course[closed.course]
            of_list = pair >= 0
            skills = self.roles.skills[closed.skill[of_list]]
            self._keep_largest(np.full(slots.size, row), slots, pair[of_list], skills, closed.part[of_list])

    def _keep_largest(self, rows, slots, pair, subjects, shares):
        """Keeps the largest positive shares of each pair (row, slot); `pair` is the pair of each share."""
        order = np.lexsort((-shares, pair))
        pair, subjects, shares = pair[order], subjects[order], shares[order]
        rank = np.arange(pair.size) - np.searchsorted(pair, pair)
        kept = (rank < N_REASONS) & (shares > 0)
        where = rows[pair[kept]], slots[pair[kept]], rank[kept]
        self.items["reasons"]["subject"][where] = subjects[kept]
        self.items["reasons"]["share"][where] = shares[kept]
