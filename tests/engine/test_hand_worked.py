"""Figures worked out by hand, and boards whose answer is known."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from tests.engine.histories import matrices


def test_popularity():
    X = [[1, 1, 0, 0], [1, 0, 0, 1], [1, 0, 0, 0]]
    popularity = Popularity().fit(X)
    np.testing.assert_allclose(popularity.score_items(X)[2], [1, 1 / 3, 0, 1 / 3], rtol=1e-6)
    items, _ = popularity.recommend(X, 2)
    assert items.tolist() == [[3, 2], [1, 2], [1, 3]]


def test_neighbours():
    # Item 0 is held by 3 users, 1 by 2, 2 by 1 and 3 by nobody.
    # Items 0 and 1 are held together by 2 users, 0 and 2 by 1, 1 and 2 by 1.
    X = [[1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 0, 0]]
    s01, s02, s12 = 2 / (6**0.5 + 1), 1 / (3**0.5 + 1), 1 / (2**0.5 + 1)
    model = ItemNeighbours(shrinkage=1.0).fit(X)
    np.testing.assert_allclose(
        model.weights_, [[0, s01, s02, 0], [s01, 0, s12, 0], [s02, s12, 0, 0], [0, 0, 0, 0]], rtol=1e-6
    )
    np.testing.assert_allclose(model.score_items(X)[0], [s01, s01, s02 + s12, 0], rtol=1e-6)


def test_neighbours_without_shrinkage_give_nothing_to_an_item_that_nobody_holds():
    assert ItemNeighbours(shrinkage=0.0).fit([[1, 0], [1, 0]]).weights_.tolist() == [[0, 0], [0, 0]]


def test_next_item_ridge():
    # With decay 1/2 the steps are e0 -> 1 (twice), e0/2 + e1 -> 2 and e3 -> 1.
    # F'F + I holds 1 + 1 + 1/4 + 1 at (0, 0), 1/2 at (0, 1), 1 + 1 at (1, 1) and (3, 3).
    # F'T holds 2 at (0, 1), 1/2 at (0, 2), 1 at (1, 2) and (3, 1).
    # The inverse of ((3.25, 0.5), (0.5, 2)) is ((0.32, -0.08), (-0.08, 0.52)).
    X, times = matrices([[0, 1, 2], [0, 1], [3, 1]], 4)
    model = NextItemRidge(decay=0.5, ridge=1.0, length_power=0.0, recency=1.0).fit(X, times=times)
    expected = [[0, 0.64, 0.08, 0], [0, -0.16, 0.48, 0], [0, 0, 0, 0], [0, 0.5, 0, 0]]
    np.testing.assert_allclose(model.weights_, expected, atol=1e-7)
    # The second user's features are e0/2 + e1.
    np.testing.assert_allclose(model.score_items(X, times=times)[1], [0, 0.16, 0.52, 0], atol=1e-7)
    shares = model.contributions(X[1:2], [2], times=times[1:2])
    np.testing.assert_allclose(shares.toarray(), [[0.04, 0.48, 0, 0]], atol=1e-7)
    # As a set, they are e0 + e1.
    np.testing.assert_allclose(model.score_items(X)[1], [0, 0.48, 0.56, 0], atol=1e-7)


def test_next_item_ridge_weighs_steps():
    # A history of 3 items weighs 1/3 per step; the step before the last one half of that.
    X, times = matrices([[0, 1, 2]], 3)
    model = NextItemRidge(decay=1.0, ridge=1.0, length_power=1.0, recency=0.5).fit(X, times=times)
    system = np.array([[1 / 6 + 1 / 3 + 1, 1 / 3, 0], [1 / 3, 1 / 3 + 1, 0], [0, 0, 1]])
    cross = np.array([[0, 1 / 6, 1 / 3], [0, 0, 1 / 3], [0, 0, 0]])
    np.testing.assert_allclose(model.weights_, np.linalg.solve(system, cross), atol=1e-7)


def test_next_item_ridge_without_order():
    # X'X + I holds ((3, 2), (2, 3)) for items 0 and 1; its inverse is ((0.6, -0.4), (-0.4, 0.6)).
    # So each of the two predicts the other with 0.4 / 0.6.
    X = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]]
    model = NextItemRidge(ridge=1.0, length_power=0.0).fit(X)
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 0] = 2 / 3
    np.testing.assert_allclose(model.weights_, expected, atol=1e-7)


def test_without_order_a_long_history_weighs_less():
    # Weights 1/2 for the first user and 1 for the second: X'DX + I = ((2.5, 0.5), (0.5, 1.5)).
    # Its inverse is ((1.5, -0.5), (-0.5, 2.5)) / 3.5.
    model = NextItemRidge(ridge=1.0, length_power=1.0).fit([[1, 1], [1, 0]])
    np.testing.assert_allclose(model.weights_, [[0, 0.5 / 2.5], [0.5 / 1.5, 0]], rtol=1e-6)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("model", [ItemNeighbours(), NextItemRidge()], ids=lambda model: type(model).__name__)
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
        (ItemNeighbours(shrinkage=-1.0), "shrinkage must be >= 0, got -1.0"),
        (NextItemRidge(decay=0.0), r"decay must be in \(0, 1\], got 0.0"),
        (NextItemRidge(decay=1.5), r"decay must be in \(0, 1\], got 1.5"),
        (NextItemRidge(ridge=0.0), "ridge must be > 0, got 0.0"),
        (NextItemRidge(length_power=-0.5), "length_power must be >= 0, got -0.5"),
        (NextItemRidge(recency=float("nan")), r"recency must be in \(0, 1\], got nan"),
    ],
)
def test_hyperparameters_out_of_bounds_are_refused(model, message):
    with pytest.raises(ValueError, match=message):
        model.fit([[1, 1], [1, 0]])
