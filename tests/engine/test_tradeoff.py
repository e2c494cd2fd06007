"""The curve of accuracy against gap closed, and the weight that it chooses."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.engine.ease import Ease
from recommender.engine.metrics import ndcg_at_k
from recommender.engine.shortage_ranking import Weights
from recommender.engine.tradeoff import Judged, Point, largest_weight, tradeoff
from recommender.engine.value import Needs, Raises, Targets

N_LEARNERS, N_COURSES, N_SKILLS = 60, 12, 5


@pytest.fixture
def world():
    random = np.random.default_rng(3)
    X = csr_array((random.random((N_LEARNERS, N_COURSES)) < 0.3).astype(np.float32))
    test = csr_array((random.random(X.shape) < 0.15) & (X.toarray() == 0)).astype(np.float32)
    judged = np.diff(test.indptr) > 0
    X, test = X[judged], test[judged]
    held = random.integers(0, 2, (X.shape[0], N_SKILLS))
    raises = random.integers(0, 6, (N_COURSES, N_SKILLS)) * (random.random((N_COURSES, N_SKILLS)) < 0.3)
    goals = (
        Targets.of(held, [[0]] * X.shape[0]),
        Needs.of(np.ones((1, N_SKILLS)), np.full((1, N_SKILLS), 4)),
        Raises.of(raises),
        Weights.of(np.full(N_SKILLS, np.nan)),
    )
    return Ease(ridge=1.0).fit(X), X, test, goals


def blocks(world, size=N_LEARNERS, allowed=None):
    """Each learner may be listed what they do not hold, or what `allowed` says."""
    _, X, test, (targets, *_) = world
    allowed = X.toarray() == 0 if allowed is None else allowed
    for start in range(0, X.shape[0], size):
        rows = slice(start, start + size)
        of_rows = Targets.of(targets.held[rows], [[0]] * targets.held[rows].shape[0])
        yield Judged(X[rows], None, test[rows], allowed[rows], of_rows)


def curve(world, ws=(0, 0.5, 1), k=3, **options):
    model, *_, (_, *goals) = world
    return tradeoff(model, blocks(world, **options), *goals, k=k, copies=np.arange(N_COURSES), ws=ws).points


def test_at_no_weight_the_accuracy_is_that_of_the_model(world):
    model, X, test, _ = world
    scores = np.where(X.toarray() > 0, -np.inf, model.score_items(X))
    lists, _ = model.recommend(X, 3)
    lists[np.take_along_axis(scores, lists, axis=1) <= 0] = -1
    assert curve(world)[0].ndcg == pytest.approx(ndcg_at_k(lists, test, 3).mean())


def test_more_weight_closes_more_of_the_gap(world):
    closed = [point.gap_closed for point in curve(world, ws=(0, 0.25, 0.5, 0.75, 1))]
    assert closed == sorted(closed)
    assert closed[-1] > 1.2 * closed[0]


def test_blocks_of_learners_make_no_difference(world):
    np.testing.assert_allclose(curve(world, size=5), curve(world))


def test_what_is_not_allowed_is_on_no_list_but_what_was_held_out_is(world):
    _, X, test, _ = world
    nothing = np.zeros(X.shape, dtype=bool)
    only_held_out = curve(world, allowed=test.toarray() > 0, k=N_COURSES)
    assert curve(world, allowed=nothing, k=N_COURSES) == only_held_out
    # What was held out is all that is listed, where the model or a gap says anything of it.
    assert only_held_out[1].ndcg > 0.9 > curve(world, k=N_COURSES)[1].ndcg


def test_nobody_has_no_curve(world):
    model, *_, (_, *goals) = world
    assert tradeoff(model, [], *goals, k=3, copies=np.arange(N_COURSES)) == (0, [])


def test_the_largest_weight_that_costs_no_more():
    points = [Point(0.0, 0.200, 0.1), Point(0.1, 0.205, 0.2), Point(0.2, 0.194, 0.3), Point(0.3, 0.19, 0.4)]
    assert largest_weight(points, 0.03) == 0.1
    assert largest_weight(points, 0.06) == 0.2
    assert largest_weight(points, 0.08) == 0.3
    assert largest_weight([Point(0.0, 0.0, 0.1), Point(1.0, 0.0, 0.2)], 0.03) is None
    assert largest_weight([], 0.03) is None
