"""The sums over pairs of positions equal the matrix products that they stand for."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.histories import held, ordered_histories
from recommender.engine.sequential import next_item_statistics
from recommender.engine.setwise import set_gram
from tests.engine.histories import N_ITEMS, matrices, some_histories

UNIT = st.floats(0.05, 1.0)


def products(histories, decay, length_power, recency):
    """F'WF and F'WT from F, W and T themselves, row by row."""
    F, w, T = [np.zeros(N_ITEMS)], [0.0], [np.zeros(N_ITEMS)]
    for history in histories:
        n = len(history)
        for t in range(1, n):
            F.append(sum(decay ** (t - 1 - p) * np.eye(N_ITEMS)[history[p]] for p in range(t)))
            w.append(n**-length_power * recency ** (n - 1 - t))
            T.append(np.eye(N_ITEMS)[history[t]])
    F, W, T = np.array(F), np.diag(w), np.array(T)
    return F.T @ W @ F, F.T @ W @ T


def statistics(histories, **hyperparameters):
    _, times = held(*matrices(histories))
    return next_item_statistics(ordered_histories(times), N_ITEMS, **hyperparameters)


@settings(deadline=None)
@given(some_histories(), UNIT, st.floats(0.0, 2.0), UNIT)
def test_sums_over_lags_are_the_products(histories, decay, length_power, recency):
    gram, cross = statistics(histories, decay=decay, length_power=length_power, recency=recency)
    expected_gram, expected_cross = products(histories, decay, length_power, recency)
    np.testing.assert_allclose(gram, expected_gram, rtol=0, atol=1e-10)
    np.testing.assert_allclose(cross, expected_cross, rtol=0, atol=1e-10)


@settings(deadline=None)
@given(some_histories(), some_histories())
def test_users_add_up(some, others):
    hyperparameters = {"decay": 0.7, "length_power": 0.5, "recency": 0.9}
    together = statistics(some + others, **hyperparameters)
    apart = [statistics(part, **hyperparameters) for part in (some, others)]
    for whole, *parts in zip(together, *apart, strict=True):
        np.testing.assert_allclose(whole, sum(parts), rtol=0, atol=1e-10)
        np.testing.assert_allclose(whole - parts[1], parts[0], rtol=0, atol=1e-10)


def test_lags_that_no_float_can_hold_are_left_out():
    gram, cross = statistics([list(range(N_ITEMS))], decay=1e-20, length_power=0.0, recency=1.0)
    np.testing.assert_allclose(gram, np.diag([1.0] * (N_ITEMS - 1) + [0.0]), atol=1e-15)
    np.testing.assert_allclose(cross, np.eye(N_ITEMS, k=1), atol=1e-15)


@settings(deadline=None)
@given(some_histories(), st.floats(0.0, 2.0))
def test_set_gram_is_the_weighted_product(histories, length_power):
    X, _ = held(matrices(histories)[0])
    dense = X.toarray().astype(np.float64)
    D = np.diag(np.maximum(dense.sum(axis=1), 1) ** -length_power)
    np.testing.assert_allclose(set_gram(X, length_power=length_power), dense.T @ D @ dense, atol=1e-10)
