"""Lists for a block of learners: hard rules, shortage-aware ranking along the fallback chain, reasons.

The nightly run and the refresh of one learner both come through here, so they cannot disagree.
"""

from dataclasses import dataclass

import numpy as np

from recommender.engine.interactions import encode
from recommender.engine.shortage_ranking import BY_FALLBACK, BY_SCORE, Fallback, Weights, rank
from recommender.engine.value import Needs, Raises, Targets
from recommender.recommendations.packing import ITEM, N_PAST_NAMED, Demand, Source
from recommender.recommendations.rules import allowed

LIST_LENGTH = 20


@dataclass(frozen=True)
class Weighing:
    """How relevance and value are weighed against each other.

    shortage_weight : float in [0, 1], w in score = (1 - w) * relevance + w * value
    shortage : float64 ndarray (n_skills,), in [0, 1], nan where unknown
    """

    shortage_weight: float
    shortage: np.ndarray


def make_lists(fitted, courses, roles, learners, weighing, *, length=LIST_LENGTH):
    """The list of each learner: at most `length` courses, best first.

    Each link of the chain (model and goal by score, goal, sector, popular) fills what the links before it
    left open, so a list is empty only when the rules allow no course at all.

    Parameters
    ----------
    fitted : Fitted
    courses, roles, learners : CourseFacts of all courses, RoleFacts, LearnerFacts of b learners
    weighing : Weighing, of the skills of `roles`

    Returns
    -------
    list of b ITEM arrays
    """
    histories = _Histories(fitted, courses, learners)
    ranked = rank(
        histories.relevance(),
        allowed(courses, learners),
        targets_of(roles, learners.held, learners.roles),
        needs_of(roles),
        Raises.of(courses.raises),
        Weights.of(weighing.shortage),
        histories.fallback(learners.sectors),
        w=weighing.shortage_weight,
        k=length,
        copies=histories.near_copies(),
    )
    items = _items(ranked, courses.ids, roles.skills)
    histories.explain(items, ranked.relevance_unit)
    return [row[row["course"] > 0] for row in items]


def needs_of(roles):
    """What roles need, as the engine reads it, in the order of their ids."""
    ids = sorted(roles.importance)
    shape = len(ids), roles.skills.size
    importance = np.array([roles.importance[role] for role in ids]).reshape(shape)
    return Needs.of(importance, np.array([roles.level[role] for role in ids], dtype=np.int64).reshape(shape))


def targets_of(roles, held, wanted):
    """Levels held and roles wanted, as the engine reads them; a role that needs nothing known is left out."""
    row = {role: place for place, role in enumerate(sorted(roles.importance))}
    return Targets.of(held, [[row[role] for role in some if role in row] for some in wanted])


def _items(ranked, courses, skills):
    """Lists as ITEM arrays of shape (b, length), the past courses still missing."""
    items = np.zeros(ranked.courses.shape, dtype=ITEM)
    listed = ranked.courses >= 0
    items["course"][listed] = courses[ranked.courses[listed]]
    items["source"] = _sources(ranked)
    items["demand"] = _demand(ranked.known)
    for name in ("score", "relevance", "value", "gap_closed"):
        items[name] = getattr(ranked, name)
    named = ranked.skills >= 0
    items["skills"]["subject"][named] = skills[ranked.skills[named]]
    items["skills"]["share"] = ranked.shares
    # What the kept digits of the named shares lack belongs to the rest.
    items["skills_rest"] = ranked.shares.sum(axis=2) + ranked.skills_rest - _sum(items["skills"])
    return items


def _sources(ranked):
    sources = np.where(ranked.relevance > 0, Source.MODEL, Source.GOAL)
    of_links = {0: 0, BY_FALLBACK: Source.SECTOR, BY_FALLBACK + 1: Source.POPULAR}
    for link, source in of_links.items():
        sources[ranked.links == link] = source
    sources[(ranked.links > BY_SCORE) & (ranked.links < BY_FALLBACK)] = Source.GOAL
    return sources


def _demand(known):
    kinds = [np.isnan(known), known == 0, known < 1 - 1e-9]
    return np.select(kinds, [Demand.NONE, Demand.UNKNOWN, Demand.PARTLY], Demand.KNOWN)


def _sum(reasons):
    return reasons["share"].astype(np.float64).sum(axis=-1)


def relevance_of(fitted, courses, learners):
    """Raw scores (b, n) of the model; 0 for learners without a history that it knows."""
    return _Histories(fitted, courses, learners).relevance()


class _Histories:
    """What was learned from everybody's history, for the courses of today and a block of learners."""

    def __init__(self, fitted, courses, learners):
        self.fitted, self.ids = fitted, courses.ids
        # Courses that came or went since the fit: scores exist for those that both sides know.
        self.known = np.isin(courses.ids, fitted.courses)
        self.place = np.searchsorted(fitted.courses, courses.ids[self.known])
        known = np.isin(learners.history[:, 1], fitted.courses)
        rows, ids = learners.history[known].T
        shape = learners.ids.size, fitted.courses.size
        strengths = learners.strengths[known]
        self.X, self.times = encode(rows, np.searchsorted(fitted.courses, ids), *shape, weights=strengths)

    def relevance(self):
        """Raw scores (b, n), 0 for learners without a history that the model knows."""
        scores = np.zeros((self.X.shape[0], self.ids.size), dtype=np.float32)
        if self.fitted.model and self.fitted.model.reads_histories:
            rows = np.flatnonzero((self.X > 0).sum(axis=1) > 0)
            if rows.size:
                learned = self.fitted.model.score_items(self.X[rows], times=self.times[rows])
                scores[np.ix_(rows, self.known)] = learned[:, self.place]
        return scores

    def fallback(self, sectors):
        """Popularity in the learner's sector, then with everybody; the latter lists any course."""
        is_known = np.isin(sectors, self.fitted.sectors)
        own = np.where(is_known, np.searchsorted(self.fitted.sectors, sectors), -1)
        everybody = np.full(sectors.size, self.fitted.sectors.size)
        scores = np.zeros((self.fitted.sectors.size + 1, self.ids.size), dtype=np.float32)
        scores[:-1, self.known] = self.fitted.sector_popularity[:, self.place]
        scores[:-1][scores[:-1] <= 0] = -np.inf
        scores[-1, self.known] = self.fitted.popularity[self.place]
        return Fallback(scores, np.stack([own, everybody], axis=1))

    def near_copies(self):
        """The group of near-copies of each course; one that came since the fit has none."""
        groups = np.arange(self.ids.size)
        fitted = self.fitted.near_copies[self.place]
        _, first, same = np.unique(fitted, return_index=True, return_inverse=True)
        groups[self.known] = np.flatnonzero(self.known)[first[same]]
        return groups

    def explain(self, items, units):
        """Fills in the past courses whose shares, with the rest, add up to the part of relevance.

        units : float64 ndarray (b,), what a raw score is multiplied with to become that part
        """
        rows, slots = np.nonzero(items["source"] == Source.MODEL)
        if rows.size:
            self._name_past(items, units, rows, slots)
        of_value = _sum(items["skills"]) + items["skills_rest"]
        items["past_rest"] = items["score"] - of_value - _sum(items["past"])

    def _name_past(self, items, units, rows, slots):
        explained = np.searchsorted(self.fitted.courses, items["course"][rows, slots])
        shares, _ = self.fitted.model.contributions(self.X[rows], explained, times=self.times[rows])
        pair = np.repeat(np.arange(rows.size), np.diff(shares.indptr))
        parts = shares.data * units[rows[pair]]
        largest = np.lexsort((-parts, pair))
        pair, parts, past = pair[largest], parts[largest], self.fitted.courses[shares.indices[largest]]
        order = np.arange(pair.size) - np.searchsorted(pair, pair)
        named = (order < N_PAST_NAMED) & (parts > 0)
        at = rows[pair[named]], slots[pair[named]], order[named]
        items["past"]["subject"][at] = past[named]
        items["past"]["share"][at] = parts[named]
