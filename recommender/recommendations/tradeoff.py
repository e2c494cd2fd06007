"""The curve that every run draws: accuracy given up against gap closed, for each weight of the shortage."""

import numpy as np
from django.utils import timezone

from recommender.catalogue.models import CourseSkill
from recommender.engine.popularity import Popularity
from recommender.engine.shortage_ranking import Weights
from recommender.engine.tradeoff import WEIGHTS, Judged, largest_weight, tradeoff
from recommender.engine.value import Raises, whole_gaps
from recommender.learners.held import read_raises, rows_array
from recommender.learners.models import Learner
from recommender.recommendations.facts import (
    learners_a_block,
    read_courses,
    read_learners,
    read_roles,
    read_vocabulary,
)
from recommender.recommendations.models import RankingSettings
from recommender.recommendations.rules import allowed
from recommender.recommendations.scoring import needs_of, targets_of
from recommender.workforce.shortage import skill_shortages

# Learners by whom the curve is drawn: enough that a hundredth of the NDCG shows.
MOST_LEARNERS = 20_000
# The share of NDCG that closing gaps may cost, where no officer has said otherwise.
MOST_GIVEN_UP = 0.03


def draw(model, split, training, alike, *, k, weight=None):
    """The curve as JSON; None where nobody with something held out has a gap to a target role.

    The lists keep the hard rules, as if the held-out course had never been taken. `points` are those of
    `engine.tradeoff`, `popularity` is the NDCG of popularity by the same learners under the same rules,
    `chosen` is the largest weight that gives up at most MOST_GIVEN_UP of the NDCG.

    Parameters
    ----------
    model : fitted to `split.X`
    split : Split of `training`
    training : Training
    alike : int64 ndarray (n_items,), groups of near-copies
    k : int, length of the lists
    weight : float, optional, a weight that the curve shall show besides the usual ones
    """
    judging = _Judging(split, training)
    about_courses = (
        judging.needs,
        Raises.of(read_raises(judging.skills, training.courses, CourseSkill.objects.counted())),
        Weights.of(skill_shortages(judging.skills).share),
    )
    ws = sorted({*WEIGHTS, *([] if weight is None else [weight])})
    curve = tradeoff(model, judging.blocks(), *about_courses, k=k, copies=alike, ws=ws)
    if not curve.n_learners:
        return None
    popularity = Popularity().fit(split.X)
    [popular] = tradeoff(popularity, judging.blocks(), *about_courses, k=k, copies=alike, ws=[0.0]).points
    return {
        "n_learners": curve.n_learners,
        "k": k,
        "most_given_up": MOST_GIVEN_UP,
        "points": [
            {name: round(value, 6) for name, value in point._asdict().items()} for point in curve.points
        ],
        "popularity": round(popular.ndcg, 6),
        "chosen": largest_weight(curve.points, MOST_GIVEN_UP),
    }


def officers_weight():
    """What an officer has set the weight to; None where it is left to the curve."""
    return RankingSettings.objects.values_list("shortage_weight", flat=True).first()


def weight_in_force(curve, by_officer):
    """w, from 0 to 1: the officer's, or what the curve chooses.

    Without a curve, or with one that has no accuracy to give up, nothing says what closing gaps would cost:
    relevance alone, 0.
    """
    if by_officer is not None:
        return by_officer
    return curve["chosen"] or 0.0 if curve else 0.0


def point_in_force(curve, by_officer):
    """The point of the curve at the weight in force; None where there is no curve."""
    at = {point["w"]: point for point in curve["points"]} if curve else {}
    return at.get(round(weight_in_force(curve, by_officer), 6))


class _Judging:
    """Learners by whom the curve is drawn, block by block, so that memory does not grow with them."""

    def __init__(self, split, training):
        self.split, self.training = split, training
        self.vocabulary = read_vocabulary()
        self.skills = self.vocabulary.skills
        self.courses = read_courses(self.vocabulary, on=timezone.localdate())
        self.roles = read_roles(self.vocabulary)
        self.needs = needs_of(self.roles)
        self.users = _with_targets(split, training)

    def blocks(self):
        """Those who lack something for a target role, about the courses of the training."""
        size = learners_a_block(self.courses)
        for start in range(0, self.users.size, size):
            users, learners = self._as_before(self.users[start : start + size])
            targets = targets_of(self.roles, learners.held, learners.roles)
            lack = np.flatnonzero(whole_gaps(targets, self.needs) > 0)
            if lack.size:
                yield Judged(
                    self.split.X[users[lack]],
                    self.split.times[users[lack]],
                    self.split.test[users[lack]],
                    self._allowed(learners)[lack],
                    targets_of(self.roles, learners.held[lack], [learners.roles[row] for row in lack]),
                )

    def _as_before(self, users):
        """The rows whose learners still exist, and facts as if what is held out had never been."""
        ids = self.training.users[users]
        row, course = self.split.test[users].nonzero()
        held_out = zip(ids[row].tolist(), self.training.courses[course].tolist(), strict=True)
        learners = read_learners(self.vocabulary, self.courses, ids.tolist(), without=held_out)
        return users[np.isin(ids, learners.ids)], learners

    def _allowed(self, learners):
        """What the hard rules allow of the courses of the training; nothing of one that is gone since."""
        courses = self.training.courses
        known = np.isin(courses, self.courses.ids)
        may = np.zeros((learners.ids.size, courses.size), dtype=bool)
        place = np.searchsorted(self.courses.ids, courses[known])
        may[:, known] = allowed(self.courses, learners)[:, place]
        return may


def _with_targets(split, training):
    """Rows of learners with something held out and a target role; a sample of them where they are many."""
    wanting = rows_array(Learner.target_roles.through.objects.all(), "learner_id")[:, 0]
    judged = np.diff(split.test.indptr) > 0
    users = np.flatnonzero(judged & np.isin(training.users, wanting))
    if users.size > MOST_LEARNERS:
        users = np.sort(np.random.default_rng(0).choice(users, MOST_LEARNERS, replace=False))
    return users
