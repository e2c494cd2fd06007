"""Figures worked out by hand or from the definitions, and boards whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine.als import ImplicitALS
from recommender.engine.blend import Blend
from recommender.engine.content import ContentNeighbours
from recommender.engine.ease import Ease
from recommender.engine.features import PAIR_DECAY
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from tests.engine.histories import (
    N_ITEMS,
    feature_row,
    matrices,
    training_rows,
    weighted_histories,
)

PLAIN = {"n_pairs": 0, "length_power": 0.0, "recency": 1.0}
PERSONAL = [
    ItemNeighbours(),
    Ease(),
    NextItemRidge(),
    NextItemRidge(decays=(0.5,), n_pairs=0),
    ImplicitALS(),
    ContentNeighbours(np.tile(np.eye(2), (10, 1))),
    Blend(),
    Blend((NextItemRidge(), Ease(), ItemNeighbours(), ImplicitALS(), Popularity())),
]


def test_popularity():
    X = [[1, 1, 0, 0], [1, 0, 0, 1], [1, 0, 0, 0]]
    popularity = Popularity().fit(X)
    np.testing.assert_allclose(popularity.score_items(X)[2], [1, 1 / 3, 0, 1 / 3], rtol=1e-6)
    items, _ = popularity.recommend(X, 2)
    assert items.tolist() == [[3, 2], [1, 2], [1, 3]]


def test_popularity_counts_weights_and_not_what_was_turned_down():
    popularity = Popularity().fit([[2, 0.5, 0], [1, -1, 0], [0, 0, -3], [0, 1, 0]])
    assert popularity.share_.tolist() == [3 / 4, 1.5 / 4, 0]


def test_popularity_halves_what_is_older_by_the_half_life():
    # Times span 8; with a half-life of a quarter of that, ages 8, 2 and 0 weigh 1/16, 1/2 and 1.
    X = csr_array([[1, 1, 0], [0, 2, 1]])
    times = csr_array([[2.0, 8.0, 0.0], [0.0, 10.0, 10.0]])
    popularity = Popularity(half_life=0.25).fit(X, times=times)
    assert popularity.share_.tolist() == [1 / 32, 2.5 / 2, 1 / 2]
    assert Popularity(half_life=0.25).fit(X).share_.tolist() == [1 / 2, 3 / 2, 1 / 2]


def test_popularity_at_one_moment_counts_all_alike():
    X = csr_array([[1, 0], [1, 1]])
    times = csr_array(([7.0, 7.0, 7.0], X.indices, X.indptr), shape=X.shape)
    assert Popularity(half_life=0.1).fit(X, times=times).share_.tolist() == [1, 1 / 2]


def test_next_item_ridge():
    # With decay 1/2 the steps are e0 -> 1 (twice), e0/2 + e1 -> 2 and e3 -> 1.
    # F'F + I holds 1 + 1 + 1/4 + 1 at (0, 0), 1/2 at (0, 1), 1 + 1 at (1, 1) and (3, 3).
    # F'T holds 2 at (0, 1), 1/2 at (0, 2), 1 at (1, 2) and (3, 1).
    # The inverse of ((3.25, 0.5), (0.5, 2)) is ((0.32, -0.08), (-0.08, 0.52)).
    X, times = matrices([[0, 1, 2], [0, 1], [3, 1]], 4)
    model = NextItemRidge(decays=(0.5,), ridge=1.0, **PLAIN).fit(X, times=times)
    expected = [[0, 0.64, 0.08, 0], [0, -0.16, 0.48, 0], [0, 0, 0, 0], [0, 0.5, 0, 0]]
    np.testing.assert_allclose(model.weights_, expected, atol=1e-7)
    # The second user's features are e0/2 + e1.
    np.testing.assert_allclose(model.score_items(X, times=times)[1], [0, 0.16, 0.52, 0], atol=1e-7)
    shares, fallback = model.contributions(X[1:2], [2], times=times[1:2])
    np.testing.assert_allclose(shares.toarray(), [[0.04, 0.48, 0, 0]], atol=1e-7)
    assert fallback.tolist() == [0]
    # As a set, they are e0 + e1.
    np.testing.assert_allclose(model.score_items(X)[1], [0, 0.48, 0.56, 0], atol=1e-7)


def test_next_item_ridge_weighs_steps():
    # A history of 3 items weighs 1/3 per step; the step before the last one half of that.
    X, times = matrices([[0, 1, 2]], 3)
    model = NextItemRidge(decays=(1.0,), n_pairs=0, ridge=1.0, length_power=1.0, recency=0.5)
    model.fit(X, times=times)
    system = np.array([[1 / 6 + 1 / 3 + 1, 1 / 3, 0], [1 / 3, 1 / 3 + 1, 0], [0, 0, 1]])
    cross = np.array([[0, 1 / 6, 1 / 3], [0, 0, 1 / 3], [0, 0, 0]])
    np.testing.assert_allclose(model.weights_, np.linalg.solve(system, cross), atol=1e-7)


def test_next_item_ridge_learns_from_pairs():
    # The only pair before a step is 0 and 1, of ages 1 and 0. Its value is v = PAIR_DECAY; the singles of the
    # steps are e0 -> 1 and e0 + e1 -> 2.
    X, times = matrices([[0, 1, 2]], 3)
    model = NextItemRidge(
        decays=(1.0,), n_pairs=5, ridge=1.0, pair_ridge=3.0, length_power=0.0, recency=1.0
    ).fit(X, times=times)
    assert model.pairs_.tolist() == [0 * 3 + 1]
    v = PAIR_DECAY
    system = np.array([[2 + 1, 1, 0, v], [1, 1 + 1, 0, v], [0, 0, 1, 0], [v, v, 0, v * v + 3]])
    cross = np.array([[0, 1, 1], [0, 0, 1], [0, 0, 0], [0, 0, v]])
    weights = np.linalg.solve(system, cross)
    np.testing.assert_allclose(model.weights_, weights, atol=1e-7)
    # A pair's share is halved between its items: of 1, 0 the pair has ages 1 and 0 too.
    X, times = matrices([[1, 0]], 3)
    shares, _ = model.contributions(X, [2], times=times)
    half = v * weights[3, 2] / 2
    np.testing.assert_allclose(
        shares.toarray()[0], [weights[0, 2] + half, weights[1, 2] + half, 0], rtol=1e-6
    )
    np.testing.assert_allclose(model.score_items(X, times=times)[0, 2], shares.sum(), rtol=1e-6)


POWERS = st.tuples(st.floats(0.0, 1.5), st.floats(0.3, 1.0))


@settings(deadline=None)
@given(
    weighted_histories(),
    st.lists(st.floats(0.3, 1.0), min_size=1, max_size=3),
    st.tuples(st.floats(0.5, 50), st.floats(0.5, 50)),
    POWERS,
    st.sampled_from([0, 4, N_ITEMS**2]),
)
def test_next_item_ridge_is_the_regression_of_its_definition(histories, decays, ridges, powers, n_pairs):
    X, times = matrices(histories)
    model = NextItemRidge(tuple(decays), n_pairs, *ridges, *powers).fit(X, times=times)
    pairs = model.pairs_.tolist()
    F, W, T = training_rows(histories, N_ITEMS, decays, pairs, *powers)
    R = np.diag([ridges[0]] * (N_ITEMS * len(decays)) + [ridges[1]] * len(pairs))
    weights = np.linalg.solve(F.T @ W @ F + R, F.T @ W @ T)
    scale = max(1.0, np.abs(weights).max())
    np.testing.assert_allclose(model.weights_, weights, rtol=0, atol=1e-5 * scale)
    features = np.array([feature_row(history, N_ITEMS, decays, pairs) for history in histories])
    scores = features @ weights
    bound = 1e-5 * scale * max(1.0, np.abs(features).sum(axis=1).max())
    np.testing.assert_allclose(model.score_items(X, times=times), scores, rtol=0, atol=bound)


def test_next_item_ridge_without_order_is_ease():
    X = [[1, 1, 0, 0], [1, 1, 2, 0], [0, 0.5, 1, -1]]
    model = NextItemRidge(ridge=3.0, length_power=0.25).fit(X)
    ease = Ease(ridge=3.0, length_power=0.25, popularity_ridge=0.0, popularity_power=0.0).fit(X)
    np.testing.assert_array_equal(model.weights_, ease.weights_)
    np.testing.assert_array_equal(model.score_items(X), ease.score_items(X))
    assert model.pairs_.size == 0
    # What is then scored in order has no decay.
    X, times = matrices([[0, 1, 2]], 4)
    np.testing.assert_array_equal(model.score_items(X, times=times), model.score_items(X))


@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])
@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: type(model).__name__)
def test_the_item_missing_from_a_checkerboard_comes_first(model, ordered):
    """User u holds every second item but u itself, in the order u + 2, u + 4, ... around the board."""
    size = 20
    histories = [[(user + step) % size for step in range(2, size, 2)] for user in range(size)]
    X, times = matrices(histories, size)
    times = times if ordered else None
    items, _ = model.fit(X, times=times).recommend(X, 1, times=times)
    assert items[:, 0].tolist() == list(range(size))


def test_popularity_fills_the_checkerboard_of_a_majority():
    X = np.zeros((4, 4))
    X[:3, [0, 2]] = 1
    X[3, [1, 3]] = 1
    X[0, 2] = 0
    items, _ = Popularity().fit(X).recommend(csr_array(X), 1)
    assert items[0, 0] == 2


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Popularity(half_life=0.0), "half_life must be > 0 or None, got 0.0"),
        (Popularity(half_life=float("nan")), "half_life must be > 0 or None, got nan"),
        (NextItemRidge(decays=()), r"decays must hold numbers in \(0, 1\], got \(\)"),
        (NextItemRidge(decays=(0.5, 0.0)), r"decays must hold numbers in \(0, 1\], got \(0.5, 0.0\)"),
        (NextItemRidge(decays=(1.5,)), r"decays must hold numbers in \(0, 1\], got \(1.5,\)"),
        (NextItemRidge(n_pairs=-1), "n_pairs must be >= 0, got -1"),
        (NextItemRidge(ridge=0.0), "ridge must be > 0, got 0.0"),
        (NextItemRidge(pair_ridge=0.0), "pair_ridge must be > 0, got 0.0"),
        (NextItemRidge(length_power=-0.5), "length_power must be >= 0, got -0.5"),
        (NextItemRidge(recency=float("nan")), r"recency must be in \(0, 1\], got nan"),
    ],
)
def test_hyperparameters_out_of_bounds_are_refused(model, message):
    with pytest.raises(ValueError, match=message):
        model.fit([[1, 1], [1, 0]])
