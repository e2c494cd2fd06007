"""EASE against its closed form, worked out in float64 by numpy's inverse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine import cholesky, ease
from recommender.engine.ease import Ease
from tests.engine.histories import matrices, weighted_histories

PLAIN = {"popularity_ridge": 0.0, "length_power": 0.0, "popularity_power": 0.0}


def closed_form(X, ridge, popularity_ridge, length_power, popularity_power):
    """Equation 8 of Steck (2019), ridge and columns by popularity, long histories weighing less."""
    X = np.where(np.asarray(X) > 0, X, 0).astype(np.float64)
    weights = np.maximum((X > 0).sum(axis=1), 1.0) ** -length_power
    gram = X.T @ np.diag(weights) @ X
    popularity = gram.diagonal().copy()
    P = np.linalg.inv(gram + np.diag(ridge + popularity_ridge * popularity))
    B = -P / P.diagonal()
    np.fill_diagonal(B, 0.0)
    return B * np.where(popularity > 0, popularity, 1.0) ** popularity_power


def test_two_items_that_come_together():
    # X'X + I holds ((3, 2), (2, 3)) for items 0 and 1; its inverse is ((0.6, -0.4), (-0.4, 0.6)).
    # So each of the two predicts the other with 0.4 / 0.6.
    X = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0]]
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 0] = 2 / 3
    np.testing.assert_allclose(Ease(ridge=1.0, **PLAIN).fit(X).weights_, expected, atol=1e-7)


def test_a_long_history_weighs_less():
    # Weights 1/2 for the first user and 1 for the second: X'DX + I = ((2.5, 0.5), (0.5, 1.5)).
    # Its inverse is ((1.5, -0.5), (-0.5, 2.5)) / 3.5.
    model = Ease(ridge=1.0, **PLAIN | {"length_power": 1.0}).fit([[1, 1], [1, 0]])
    np.testing.assert_allclose(model.weights_, [[0, 0.5 / 2.5], [0.5 / 1.5, 0]], rtol=1e-6)


def test_ridge_and_columns_by_popularity():
    # X'X = ((4, 2), (2, 2)), made ((4 + 1 + 2, 2), (2, 2 + 1 + 1)) by a ridge of 1 + G_ii / 2.
    # Its inverse is ((4, -2), (-2, 7)) / 24; columns are scaled by 1/4 and 1/2.
    X = [[1, 1], [1, 1], [1, 0], [1, 0]]
    model = Ease(ridge=1.0, popularity_ridge=0.5, length_power=0.0, popularity_power=-1.0).fit(X)
    np.testing.assert_allclose(model.weights_, [[0, 2 / 7 / 2], [2 / 4 / 4, 0]], rtol=1e-6)


X_3_BY_4 = [[1, 1, 0, 0], [1, 0.5, 2, 0], [0, 1, 1, 0]]


@pytest.mark.parametrize("ridge", [0.5, 20.0])
@pytest.mark.parametrize("popularity_ridge", [0.0, 0.7])
@pytest.mark.parametrize("length_power", [0.0, 0.5])
@pytest.mark.parametrize("popularity_power", [-0.3, 0.0, 0.2])
def test_the_closed_form(ridge, popularity_ridge, length_power, popularity_power):
    values = (ridge, popularity_ridge, length_power, popularity_power)
    model = Ease(*values).fit(X_3_BY_4)
    expected = closed_form(X_3_BY_4, *values)
    np.testing.assert_allclose(model.weights_, expected, rtol=1e-5, atol=1e-7)
    assert model.weights_.dtype == np.float32
    np.testing.assert_allclose(model.score_items(X_3_BY_4), np.array(X_3_BY_4) @ expected, atol=1e-6)


VALUES = st.tuples(st.floats(0.5, 50), st.floats(0, 2), st.floats(0, 1), st.floats(-0.5, 0.5))


@settings(deadline=None)
@given(weighted_histories(), VALUES)
def test_the_closed_form_for_all(histories, values):
    X, _ = matrices(histories)
    weights = Ease(*values).fit(X).weights_
    np.testing.assert_allclose(weights, closed_form(X.toarray(), *values), atol=2e-5)


def test_panels_and_blocks_do_not_show(monkeypatch):
    X = (np.random.default_rng(3).random((60, 23)) < 0.3).astype(float)
    whole = Ease(ridge=5.0).fit(X).weights_
    monkeypatch.setattr(ease, "PANEL", 4)
    monkeypatch.setattr(cholesky, "BLOCK", 5)
    np.testing.assert_allclose(Ease(ridge=5.0).fit(X).weights_, whole, atol=1e-6)


def test_decay_counts_in_scoring_only():
    X = csr_array([[1, 1, 1], [1, 1, 0], [0, 1, 1]])
    times = csr_array([[3.0, 1.0, 2.0], [1.0, 2.0, 0.0], [0.0, 1.0, 2.0]])
    model = Ease(decay=0.5).fit(X, times=times)
    np.testing.assert_array_equal(model.weights_, Ease().fit(X).weights_)
    weights = model.weights_.astype(np.float64)
    aged = np.array([[1, 0.25, 0.5], [0.5, 1, 0], [0, 0.5, 1]])
    np.testing.assert_allclose(model.score_items(X, times=times), aged @ weights, rtol=1e-6)
    np.testing.assert_allclose(model.score_items(X), X.toarray() @ weights, rtol=1e-6)


def test_what_was_turned_down_teaches_nothing_and_counts_against_what_is_like_it():
    X = [[1, 1, 0], [1, 1, 1], [0, 0, 1]]
    model = Ease().fit(X)
    turned_down = [[1, 1, 0], [1, 1, 1], [-1, -3, 1]]
    np.testing.assert_array_equal(Ease().fit(turned_down).weights_, model.weights_)
    likes, dislikes = model.score_items([[1, 0, 0], [-1, 0, 0]])
    np.testing.assert_array_equal(dislikes, -likes)
    assert likes[1] > 0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"ridge": 0.0}, "ridge must be > 0, got 0.0"),
        ({"ridge": float("nan")}, "ridge must be > 0, got nan"),
        ({"popularity_ridge": -0.1}, "popularity_ridge must be >= 0, got -0.1"),
        ({"length_power": -1.0}, "length_power must be >= 0, got -1.0"),
        ({"decay": 0.0}, r"decay must be in \(0, 1\], got 0.0"),
        ({"decay": 1.5}, r"decay must be in \(0, 1\], got 1.5"),
    ],
)
def test_hyperparameters_out_of_bounds_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        Ease(**params).fit([[1, 1], [1, 0]])


def test_a_ridge_that_is_lost_in_single_precision_is_refused():
    with pytest.raises(np.linalg.LinAlgError, match="more ridge is needed"):
        Ease(ridge=1e-12, **PLAIN).fit(np.ones((50, 3)))
