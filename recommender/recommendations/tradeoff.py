"""The curve that every run draws: accuracy given up against gap closed, for each weight of the shortage."""

import numpy as np

from recommender.catalogue.models import CourseSkill
from recommender.engine.shortage_ranking import Weights
from recommender.engine.tradeoff import WEIGHTS, largest_weight, tradeoff
from recommender.engine.value import Raises, whole_gaps
from recommender.learners.held import read_raises, rows_array
from recommender.learners.models import Learner
from recommender.recommendations.facts import read_roles, read_standings, read_vocabulary
from recommender.recommendations.models import RankingSettings
from recommender.recommendations.scoring import needs_of, targets_of
from recommender.workforce.shortage import skill_shortages

# Learners by whom the curve is drawn: enough that a hundredth of the NDCG shows.
MOST_LEARNERS = 20_000
LEARNERS_A_BLOCK = 2_000
# The share of NDCG that closing gaps may cost, where no officer has said otherwise.
MOST_GIVEN_UP = 0.03


def draw(model, split, training, alike, *, k, weight=None):
    """The curve as JSON; None where nobody with something held out has a gap to a target role.

    What the held-out course taught does not count as held. `points` are those of `engine.tradeoff`, `chosen`
    is the largest weight that gives up at most MOST_GIVEN_UP of the NDCG.

    Parameters
    ----------
    model : fitted to `split.X`
    split : Split of `training`
    training : Training
    alike : int64 ndarray (n_items,), groups of near-copies
    k : int, length of the lists
    weight : float, optional, a weight that the curve shall show besides the usual ones
    """
    vocabulary, users = read_vocabulary(), _with_targets(split, training)
    roles = read_roles(vocabulary)
    held, wanted = _standings(vocabulary, split, training, users)
    needs = needs_of(roles)
    has_gap = whole_gaps(targets_of(roles, held, wanted), needs) > 0
    users, wanted = users[has_gap], [some for some, has in zip(wanted, has_gap, strict=True) if has]
    if not users.size:
        return None
    points = tradeoff(
        model,
        split.X[users],
        split.test[users],
        targets_of(roles, held[has_gap], wanted),
        needs,
        Raises.of(read_raises(vocabulary.skills, training.courses, CourseSkill.objects.counted())),
        Weights.of(skill_shortages(vocabulary.skills).share),
        k=k,
        copies=alike,
        times=split.times[users],
        ws=sorted({*WEIGHTS, *([] if weight is None else [weight])}),
    )
    return {
        "n_learners": users.size,
        "k": k,
        "most_given_up": MOST_GIVEN_UP,
        "points": [{name: round(value, 6) for name, value in point._asdict().items()} for point in points],
        "chosen": largest_weight(points, MOST_GIVEN_UP),
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


def gap_closed_at(curve, by_officer):
    """The gap closed per recommendation by lists with the weight in force; None where there is no curve."""
    at = {point["w"]: point["gap_closed"] for point in curve["points"]} if curve else {}
    return at.get(round(weight_in_force(curve, by_officer), 6))


def _with_targets(split, training):
    """Rows of learners with something held out and a target role; a sample of them where they are many."""
    wanting = rows_array(Learner.target_roles.through.objects.all(), "learner_id")[:, 0]
    judged = np.diff(split.test.indptr) > 0
    users = np.flatnonzero(judged & np.isin(training.users, wanting))
    if users.size > MOST_LEARNERS:
        users = np.sort(np.random.default_rng(0).choice(users, MOST_LEARNERS, replace=False))
    return users


def _standings(vocabulary, split, training, users):
    held, wanted = [np.zeros((0, vocabulary.skills.size), dtype=np.uint8)], []
    for start in range(0, users.size, LEARNERS_A_BLOCK):
        some = users[start : start + LEARNERS_A_BLOCK]
        row, course = split.test[some].nonzero()
        without = np.stack([training.users[some][row], training.courses[course]], axis=1)
        held_by_some, wanted_by_some = read_standings(vocabulary, training.users[some], without)
        held.append(held_by_some)
        wanted += wanted_by_some
    return np.concatenate(held), wanted
