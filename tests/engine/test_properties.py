"""What holds for every model and every history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.base import clone

from recommender.engine import base
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from tests.engine.histories import N_ITEMS, matrices, some_histories

LINEAR = [ItemNeighbours(), NextItemRidge(ridge=1.0)]
every_model = pytest.mark.parametrize(
    "model", [Popularity(), *LINEAR], ids=lambda model: type(model).__name__
)
every_linear_model = pytest.mark.parametrize("model", LINEAR, ids=lambda model: type(model).__name__)
with_or_without_order = pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "unordered"])


def fitted(model, histories, ordered):
    X, times = matrices(histories)
    times = times if ordered else None
    return clone(model).fit(X, times=times), X, times


def shuffled(matrix, rng):
    """The same matrix with the entries of each row stored in another order."""
    rows = [
        rng.permutation(np.arange(*bounds)) for bounds in zip(matrix.indptr, matrix.indptr[1:], strict=False)
    ]
    order = np.concatenate(rows)
    return csr_array((matrix.data[order], matrix.indices[order], matrix.indptr), shape=matrix.shape)


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=40)
@given(histories=some_histories(), k=st.integers(1, N_ITEMS + 2))
def test_lists_hold_what_is_left_best_first(model, ordered, histories, k):
    model, X, times = fitted(model, histories, ordered)
    items, scores = model.recommend(X, k, times=times)
    for history, listed, best in zip(histories, items, scores, strict=True):
        n_listed = min(k, N_ITEMS - len(history))
        assert (listed[n_listed:] == -1).all()
        assert np.isnan(best[n_listed:]).all()
        assert len(set(listed[:n_listed]) - set(history)) == n_listed
        assert (np.diff(best[:n_listed]) <= 0).all()


@every_model
@settings(deadline=None, max_examples=20)
@given(histories=some_histories(), excluded=st.sets(st.integers(0, N_ITEMS - 1)))
def test_exclude_stands_in_for_what_is_held(model, histories, excluded):
    model, X, times = fitted(model, histories, ordered=True)
    exclude = np.zeros(X.shape)
    exclude[:, sorted(excluded)] = 1
    items, _ = model.recommend(X, N_ITEMS, csr_array(exclude), times=times)
    assert all(set(listed) - {-1} == set(range(N_ITEMS)) - excluded for listed in items)


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=40)
@given(histories=some_histories(), relabel=st.permutations(range(N_ITEMS)))
def test_relabelling_items_permutes_scores(model, ordered, histories, relabel):
    first, X, times = fitted(model, histories, ordered)
    renamed = [[relabel[item] for item in history] for history in histories]
    second, renamed_X, renamed_times = fitted(model, renamed, ordered)
    np.testing.assert_allclose(
        second.score_items(renamed_X, times=renamed_times)[:, relabel],
        first.score_items(X, times=times),
        atol=1e-5,
    )


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=20)
@given(histories=some_histories())
def test_a_batch_is_its_users_one_by_one(model, ordered, histories):
    model, X, times = fitted(model, histories, ordered)
    items, scores = model.recommend(X, 3, times=times)
    for user in range(X.shape[0]):
        row = slice(user, user + 1)
        alone = model.recommend(X[row], 3, times=times[row] if ordered else None)
        np.testing.assert_array_equal(alone[0][0], items[user])
        np.testing.assert_array_equal(alone[1][0], scores[user])


@every_model
def test_blocks_do_not_show(model, monkeypatch):
    model, X, times = fitted(model, [[0, 1, 2], [3], [], [4, 5], [1, 0]], ordered=True)
    whole = model.recommend(X, 3, times=times)
    monkeypatch.setattr(base, "BLOCK_CELLS", 2 * N_ITEMS)
    for one, other in zip(whole, model.recommend(X, 3, times=times), strict=True):
        np.testing.assert_array_equal(one, other)


@every_model
def test_lists_for_nobody(model):
    model, X, times = fitted(model, [[0, 1], [2]], ordered=True)
    items, scores = model.recommend(X[:0], 3, times=times[:0])
    assert items.shape == scores.shape == (0, 3)


@every_model
def test_an_exclude_of_another_shape_is_refused(model):
    model, X, times = fitted(model, [[0, 1], [2]], ordered=True)
    with pytest.raises(ValueError, match=r"exclude must have the shape of X \(2, 6\), got \(1, 6\)"):
        model.recommend(X, 3, csr_array((1, N_ITEMS)), times=times)


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=20)
@given(histories=some_histories())
def test_fit_twice_is_fit_once(model, ordered, histories):
    model, X, times = fitted(model, histories, ordered)
    once = model.score_items(X, times=times)
    np.testing.assert_array_equal(model.fit(X, times=times).score_items(X, times=times), once)


@every_model
@settings(deadline=None, max_examples=20)
@given(histories=some_histories(), seed=st.integers(0, 100))
def test_storage_order_is_no_order(model, histories, seed):
    rng = np.random.default_rng(seed)
    first, X, times = fitted(model, histories, ordered=True)
    other_X, other_times = shuffled(X, rng), shuffled(times, rng)
    second = clone(model).fit(other_X, times=other_times)
    np.testing.assert_array_equal(
        second.score_items(other_X, times=other_times), first.score_items(X, times=times)
    )


@every_linear_model
@with_or_without_order
@settings(deadline=None, max_examples=40)
@given(histories=some_histories(), item=st.integers(0, N_ITEMS - 1))
def test_contributions_add_up_to_the_score(model, ordered, histories, item):
    model, X, times = fitted(model, histories, ordered)
    shares = model.contributions(X, np.full(X.shape[0], item), times=times)
    np.testing.assert_array_equal(shares.indices, csr_array(X).sorted_indices().indices)
    scores = model.score_items(X, times=times)[:, item]
    error = np.abs(shares.sum(axis=1) - scores)
    assert (error <= 1e-6 * np.abs(shares).sum(axis=1)).all()


@every_linear_model
def test_contributions_want_one_known_item_per_user(model):
    model, X, _ = fitted(model, [[0, 1], [2]], ordered=False)
    with pytest.raises(ValueError, match="one item for each of 2 users"):
        model.contributions(X, [1])
    with pytest.raises(ValueError, match=r"items must lie in \[0, 6\), got -1 to 2"):
        model.contributions(X, [2, -1])
