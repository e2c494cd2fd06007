"""Sums over users: equal to the matrix products they stand for, and exact when users come and go."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array, issparse
from sklearn.base import clone

from recommender.engine import statistics
from recommender.engine.blend import Blend
from recommender.engine.ease import Ease
from recommender.engine.features import FeatureSpace
from recommender.engine.histories import held
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from recommender.engine.statistics import (
    NextItemWeights,
    add,
    next_item_statistics,
    rounded,
    set_gram,
    subtract,
    sum_statistics,
)
from tests.engine.histories import (
    N_ITEMS,
    matrices,
    training_rows,
    weighted_histories,
)

UNIT = st.floats(0.05, 1.0)
ALL_PAIRS = [low * N_ITEMS + high for low in range(N_ITEMS) for high in range(low + 1, N_ITEMS)]

RIDGE = NextItemRidge(decays=(0.4, 0.9), n_pairs=N_ITEMS**2, ridge=2.0, pair_ridge=5.0)
SUMMED = [
    Popularity(),
    Popularity(half_life=0.3),
    ItemNeighbours(),
    ItemNeighbours(user_power=1.0, held_power=1.0, scored_power=0.4),
    Ease(ridge=2.0),
    RIDGE,
    Blend((RIDGE, Ease(ridge=1.0, decay=0.9), ItemNeighbours(), Popularity()), (1.0, 0.5, 0.2, 0.1)),
]
every_summed_model = pytest.mark.parametrize("model", SUMMED, ids=lambda model: type(model).__name__)
with_or_without_order = pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])


def assert_same_sums(one, other):
    assert one.keys() == other.keys()
    for name in one:
        a, b = (value.toarray() if issparse(value) else value for value in (one[name], other[name]))
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10 * max(1.0, np.abs(b).max()))


def assert_same_scores(one, other, X, times):
    scores, expected = (model.score_items(X, times=times) for model in (one, other))
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-5 * max(1.0, np.abs(expected).max()))


def prepared(model, X, times):
    model = clone(model)
    model.prepare(X, times)
    model.n_features_in_ = X.shape[1]
    return model


def read(histories, ordered):
    X, times = held(*matrices(histories))
    return X, times if ordered else None


def rows(matrix, start, stop=None):
    return None if matrix is None else matrix[start:stop]


@settings(deadline=None)
@given(
    weighted_histories(),
    st.lists(UNIT, min_size=1, max_size=3),
    st.lists(st.sampled_from(ALL_PAIRS), unique=True, max_size=12),
    st.floats(0.0, 2.0),
    UNIT,
)
def test_sums_over_positions_are_the_products(histories, decays, pairs, length_power, recency):
    space = FeatureSpace(N_ITEMS, tuple(decays), np.sort(np.array(pairs, dtype=np.int64)))
    X, times = held(*matrices(histories))
    sums = next_item_statistics(X, times, space, NextItemWeights(length_power, recency))
    F, W, T = training_rows(histories, N_ITEMS, decays, sorted(pairs), length_power, recency)
    np.testing.assert_allclose(np.tril(sums["gram"]), np.tril(F.T @ W @ F), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(sums["cross"], F.T @ W @ T, rtol=1e-10, atol=1e-10)


def test_values_that_no_float_can_hold_are_left_out():
    X, times = held(*matrices([list(range(N_ITEMS))]))
    sums = next_item_statistics(X, times, FeatureSpace(N_ITEMS, (1e-20,)), NextItemWeights(0.0, 1.0))
    expected = np.diag([1.0] * (N_ITEMS - 1) + [0.0])
    np.testing.assert_allclose(np.tril(sums["gram"]), expected, atol=1e-15)
    np.testing.assert_allclose(sums["cross"], np.eye(N_ITEMS, k=1), atol=1e-15)


@settings(deadline=None)
@given(weighted_histories(), st.floats(0.0, 2.0))
def test_set_gram_is_the_weighted_product(histories, length_power):
    X, _ = held(*matrices(histories))
    dense = np.maximum(X.toarray().astype(np.float64), 0)
    D = np.diag(np.maximum((dense > 0).sum(axis=1), 1.0) ** -length_power)
    np.testing.assert_allclose(set_gram(X, length_power=length_power), dense.T @ D @ dense, atol=1e-10)


@pytest.mark.parametrize("n_cores", [1, 3, 16])
def test_the_number_of_threads_does_not_show(n_cores, monkeypatch):
    rng = np.random.default_rng(4)
    X, times = held(*matrices([rng.permutation(N_ITEMS)[:6].tolist() for _ in range(50)]))
    space = FeatureSpace(N_ITEMS, (0.3, 0.8), np.array(ALL_PAIRS))
    weights = NextItemWeights(0.5, 0.9)
    expected, expected_set = next_item_statistics(X, times, space, weights), set_gram(X, length_power=0.5)
    monkeypatch.setattr(statistics, "n_cores", lambda: n_cores)
    sums = next_item_statistics(X, times, space, weights)
    np.testing.assert_array_equal(sums["gram"], expected["gram"])
    np.testing.assert_array_equal(sums["cross"], expected["cross"])
    np.testing.assert_array_equal(set_gram(X, length_power=0.5), expected_set)


@every_summed_model
@with_or_without_order
@settings(deadline=None, max_examples=25)
@given(histories=weighted_histories(), n_blocks=st.integers(1, 20))
def test_blocks_of_users_add_up_to_the_whole(model, ordered, histories, n_blocks):
    X, times = read(histories, ordered)
    model = prepared(model, X, times)
    whole = model.statistics(X, times)
    assert_same_sums(sum_statistics(model, X, times), whole)
    assert_same_sums(sum_statistics(model, X, times, n_blocks=n_blocks), whole)


@every_summed_model
@with_or_without_order
def test_a_block_in_which_nobody_wants_anything_adds_nothing(model, ordered):
    X, times = read([[(0, -1.0), (1, -2.0)], [], [(0, 1.0), (2, 0.5), (1, 3.0)], []], ordered)
    model = prepared(model, X, times)
    whole = model.statistics(X, times)
    first, second, third = (
        model.statistics(rows(X, *part), rows(times, *part)) for part in [(0, 2), (2, 3), (3, 4)]
    )
    assert_same_sums(add(add(first, second), third), whole)


@every_summed_model
@with_or_without_order
@settings(deadline=None, max_examples=25)
@given(some=weighted_histories(), others=weighted_histories())
def test_users_added_and_taken_out_leave_no_trace(model, ordered, some, others):
    X, times = read(some + others, ordered)
    model = prepared(model, X, times)
    first, second = (
        lambda: model.statistics(rows(X, 0, len(some)), rows(times, 0, len(some))),
        lambda: model.statistics(rows(X, len(some)), rows(times, len(some))),
    )
    assert_same_sums(add(first(), second()), model.statistics(X, times))
    assert_same_sums(subtract(model.statistics(X, times), second()), first())
    assert_same_sums(subtract(add(first(), second()), first()), second())


def test_who_turned_everything_down_is_counted_but_adds_nothing():
    X, times = read([[(0, -1.0), (1, -2.0)], [(2, -1.0)]], ordered=True)
    for member in SUMMED[:-1]:
        sums = prepared(member, X, times).statistics(X, times)
        n_users = sums.pop("n_users", None)
        assert n_users is None or n_users.tolist() == [2]
        assert not any(abs(value).sum() for value in sums.values())


@every_summed_model
@with_or_without_order
@settings(deadline=None, max_examples=25)
@given(some=weighted_histories(), others=weighted_histories())
def test_a_refit_with_users_added_is_a_fit_to_all(model, ordered, some, others):
    X, times = read(some + others, ordered)
    updated = prepared(model, X, times)
    sums = updated.statistics(rows(X, 0, len(some)), rows(times, 0, len(some)))
    sums = add(sums, updated.statistics(rows(X, len(some)), rows(times, len(some))))
    assert_same_scores(updated.fit_statistics(sums), clone(model).fit(X, times=times), X, times)


# The first and the last time of all, which a half-life is counted in, belong to a user who stays.
STAYS = [(item, 1.0) for item in range(N_ITEMS)]


@every_summed_model
@with_or_without_order
@settings(deadline=None, max_examples=25)
@given(staying=weighted_histories(0), leaving=weighted_histories())
def test_a_refit_with_users_taken_out_is_a_fit_to_the_others(model, ordered, staying, leaving):
    X, times = read([STAYS, *staying, *leaving], ordered)
    updated = prepared(model, X, times)
    n_staying = 1 + len(staying)
    sums = updated.statistics(X, times)
    sums = subtract(sums, updated.statistics(rows(X, n_staying), rows(times, n_staying)))
    stay = rows(X, 0, n_staying), rows(times, 0, n_staying)
    scratch = clone(model).fit(stay[0], times=stay[1])
    assert_same_scores(updated.fit_statistics(sums), scratch, X, times)


@every_summed_model
@with_or_without_order
def test_an_item_whose_last_holders_leave_is_held_by_nobody(model, ordered):
    # Shares of 1 / 3 and 1 / 7 do not sum without rounding, so that what is taken out may not cancel.
    rng = np.random.default_rng(6)
    staying = [rng.permutation(N_ITEMS - 2)[: rng.integers(2, 6)].tolist() for _ in range(20)]
    leaving = [rng.permutation(N_ITEMS)[: rng.integers(3, 7)].tolist() for _ in range(20)]
    X, times = held(*matrices([list(range(N_ITEMS - 2)), *staying, *leaving]))
    times = times if ordered else None
    updated = prepared(model, X, times)
    sums = updated.statistics(X, times)
    for user in range(21, 41):
        sums = subtract(sums, updated.statistics(rows(X, user, user + 1), rows(times, user, user + 1)))
    scratch = clone(model).fit(X[:21], times=rows(times, 0, 21))
    assert_same_scores(updated.fit_statistics(sums), scratch, X, times)


def test_dense_sums_are_added_to_in_place_and_others_stay():
    total, other = (
        {"a": np.ones(3), "b": csr_array([[1.0, 0.0]])},
        {"a": np.ones(3), "b": csr_array([[0.0, 2.0]])},
    )
    kept = total["a"]
    total = add(total, other)
    assert kept.tolist() == [2, 2, 2]
    assert total["b"].toarray().tolist() == [[1, 2]]
    assert other["a"].tolist() == [1, 1, 1]
    total = subtract(total, other)
    assert kept.tolist() == [1, 1, 1]
    assert total["b"].toarray().tolist() == [[1, 0]]
    assert other["b"].toarray().tolist() == [[0, 2]]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (700, 3001)])
def test_sums_are_rounded_where_they_are_and_a_view_is_left_alone(shape):
    sums = np.random.default_rng(0).normal(size=shape)
    expected = sums.astype(np.float32)
    kept = sums.copy()
    np.testing.assert_array_equal(rounded(sums.view()), expected)
    np.testing.assert_array_equal(sums, kept)
    found = rounded(sums)
    np.testing.assert_array_equal(found, expected)
    assert (found.dtype, found.flags.c_contiguous, found.flags.writeable) == (np.float32, True, True)
    assert sums.nbytes <= expected.nbytes + 4
