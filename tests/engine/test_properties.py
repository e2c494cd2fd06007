"""What holds for every model and every history."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.base import clone

from recommender.engine import base
from recommender.engine.als import ImplicitALS
from recommender.engine.base import LinearMixin
from recommender.engine.blend import Blend
from recommender.engine.content import ContentNeighbours
from recommender.engine.ease import Ease
from recommender.engine.histories import held, wanted
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from tests.engine.histories import N_ITEMS, matrices, some_histories, weighted_histories

# More pairs than there are, so that which are frequent enough does not depend on the items' numbers.
RIDGE = NextItemRidge(ridge=1.0, pair_ridge=2.0)
ALS = ImplicitALS(n_factors=4, n_iterations=3)
VECTORS = np.random.default_rng(12).normal(size=(N_ITEMS, 3))
FROM_HISTORIES = [
    Popularity(),
    Popularity(half_life=0.2),
    ItemNeighbours(),
    ItemNeighbours(user_power=1.0, held_power=1.0, scored_power=0.4, decay=0.8),
    Ease(ridge=1.0, decay=0.8),
    RIDGE,
    NextItemRidge(decays=(0.5,), n_pairs=0, ridge=1.0),
    ALS,
    Blend(),
    Blend((RIDGE, Ease(ridge=1.0), ItemNeighbours(), ALS, Popularity()), (1.0, 0.5, 0.3, 0.2, 0.1)),
]


def each(models):
    return pytest.mark.parametrize("model", models, ids=lambda model: type(model).__name__)


every_model = each([*FROM_HISTORIES, ContentNeighbours(VECTORS, decay=0.6)])
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
@given(histories=weighted_histories(), k=st.integers(1, N_ITEMS + 2))
def test_lists_hold_what_is_left_best_first(model, ordered, histories, k):
    model, X, times = fitted(model, histories, ordered)
    items, scores = model.recommend(X, k, times=times)
    for history, listed, best in zip(histories, items, scores, strict=True):
        n_listed = min(k, N_ITEMS - len(history))
        assert (listed[n_listed:] == -1).all()
        assert np.isnan(best[n_listed:]).all()
        assert len(set(listed[:n_listed]) - {item for item, _ in history}) == n_listed
        assert (np.diff(best[:n_listed]) <= 0).all()


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=20)
@given(histories=weighted_histories())
def test_lists_carry_the_scores_of_their_items(model, ordered, histories):
    model, X, times = fitted(model, histories, ordered)
    items, scores = model.recommend(X, N_ITEMS, csr_array(X.shape), times=times)
    expected = model.score_items(X, times=times)
    assert np.isfinite(expected).all()
    bound = 1e-5 * max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(scores, np.take_along_axis(expected, items, axis=1), rtol=0, atol=bound)


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
@settings(deadline=None, max_examples=20)
@given(histories=weighted_histories(), listable=st.lists(st.booleans(), min_size=N_ITEMS, max_size=N_ITEMS))
def test_only_what_is_listable_is_listed(model, ordered, histories, listable):
    model, X, times = fitted(model, histories, ordered)
    items, scores = model.recommend(X, N_ITEMS, times=times, listable=listable)
    everything, all_scores = model.recommend(X, N_ITEMS, times=times)
    for listed, best, every, of_all in zip(items, scores, everything, all_scores, strict=True):
        may = [item >= 0 and listable[item] for item in every]
        assert listed[listed >= 0].tolist() == every[may].tolist()
        np.testing.assert_array_equal(best[listed >= 0], of_all[may])


# Vectors that start at random belong to one numbering of the items.
@each([model for model in FROM_HISTORIES if "ALS" not in repr(model)])
@with_or_without_order
@settings(deadline=None, max_examples=40)
@given(histories=weighted_histories(), relabel=st.permutations(range(N_ITEMS)))
def test_relabelling_items_permutes_scores(model, ordered, histories, relabel):
    first, X, times = fitted(model, histories, ordered)
    renamed = [[(relabel[item], weight) for item, weight in history] for history in histories]
    second, renamed_X, renamed_times = fitted(model, renamed, ordered)
    scores = first.score_items(X, times=times)
    np.testing.assert_allclose(
        second.score_items(renamed_X, times=renamed_times)[:, relabel],
        scores,
        rtol=0,
        atol=1e-5 * max(1.0, np.abs(scores).max()),
    )


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=20)
@given(histories=weighted_histories())
def test_a_batch_is_its_users_one_by_one(model, ordered, histories):
    model, X, times = fitted(model, histories, ordered)
    items, scores = model.recommend(X, 3, times=times)
    scored = model.score_items(X, times=times)
    for user in range(X.shape[0]):
        row = slice(user, user + 1)
        order = times[row] if ordered else None
        alone = model.recommend(X[row], 3, times=order)
        np.testing.assert_array_equal(alone[0][0], items[user])
        np.testing.assert_array_equal(alone[1][0], scores[user])
        np.testing.assert_array_equal(model.score_items(X[row], times=order)[0], scored[user])


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=20)
@given(known=some_histories(), new=weighted_histories())
def test_somebody_who_came_after_the_fit_has_lists_too(model, ordered, known, new):
    model, _, _ = fitted(model, known, ordered)
    X, times = matrices(new)
    items, _ = model.recommend(X, N_ITEMS, times=times if ordered else None)
    n_left = [N_ITEMS - len(history) for history in new]
    assert (items >= 0).sum(axis=1).tolist() == n_left


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=20)
@given(histories=weighted_histories())
def test_nothing_is_learned_from_what_was_turned_down(model, ordered, histories):
    model, X, times = fitted(model, histories, ordered)
    positive, positive_times = wanted(*held(X, times))
    other = clone(model).fit(positive, times=positive_times)
    np.testing.assert_array_equal(model.score_items(X, times=times), other.score_items(X, times=times))


@every_model
def test_blocks_do_not_show(model, monkeypatch):
    model, X, times = fitted(model, [[0, 1, 2], [3], [], [4, 5], [1, 0]], ordered=True)
    whole = model.recommend(X, 3, times=times)
    monkeypatch.setattr(base, "BLOCK_CELLS", 2 * N_ITEMS)
    monkeypatch.setattr(base, "BLOCK_USERS", 2)
    for one, other in zip(whole, model.recommend(X, 3, times=times), strict=True):
        np.testing.assert_array_equal(one, other)


@every_model
def test_lists_for_nobody(model):
    model, X, times = fitted(model, [[0, 1], [2]], ordered=True)
    items, scores = model.recommend(X[:0], 3, times=times[:0])
    assert items.shape == scores.shape == (0, 3)


@every_model
def test_what_cannot_be_listed_is_refused(model):
    model, X, times = fitted(model, [[0, 1], [2]], ordered=True)
    with pytest.raises(ValueError, match=rf"exclude must have the shape of X \(2, {N_ITEMS}\), got \(1, 8\)"):
        model.recommend(X, 3, csr_array((1, N_ITEMS)), times=times)
    with pytest.raises(ValueError, match="k must be >= 1, got 0"):
        model.recommend(X, 0, times=times)
    with pytest.raises(ValueError, match=rf"listable must have shape \({N_ITEMS},\), got \(3,\)"):
        model.recommend(X, 3, times=times, listable=[True] * 3)


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=20)
@given(histories=weighted_histories())
def test_fit_twice_is_fit_once(model, ordered, histories):
    model, X, times = fitted(model, histories, ordered)
    once = model.score_items(X, times=times)
    np.testing.assert_array_equal(model.fit(X, times=times).score_items(X, times=times), once)


@every_model
@settings(deadline=None, max_examples=20)
@given(histories=weighted_histories(), seed=st.integers(0, 100))
def test_storage_order_is_no_order(model, histories, seed):
    rng = np.random.default_rng(seed)
    first, X, times = fitted(model, histories, ordered=True)
    other_X, other_times = shuffled(X, rng), shuffled(times, rng)
    second = clone(model).fit(other_X, times=other_times)
    np.testing.assert_array_equal(
        second.score_items(other_X, times=other_times), first.score_items(X, times=times)
    )


@every_model
@with_or_without_order
@settings(deadline=None, max_examples=40)
@given(histories=weighted_histories(), item=st.integers(0, N_ITEMS - 1))
def test_contributions_add_up_to_the_score(model, ordered, histories, item):
    model, X, times = fitted(model, histories, ordered)
    shares, fallback = model.contributions(X, np.full(X.shape[0], item), times=times)
    assert (shares.shape, fallback.shape) == (X.shape, (X.shape[0],))
    assert (shares.dtype, fallback.dtype) == (np.float64, np.float64)
    assert not (shares.toarray() * (X.toarray() == 0)).any()
    scores = model.score_items(X, times=times)[:, item]
    error = np.abs(shares.sum(axis=1) + fallback - scores)
    size = np.abs(shares).sum(axis=1) + np.abs(fallback)
    if isinstance(model, LinearMixin):
        # What several features of one item contribute may cancel out in its share.
        features = np.abs(model.feature_space().of(*held(X, times)))
        size += (features @ np.abs(csr_array(model.weights_)[:, [item]])).toarray()[:, 0]
    assert (error <= 1e-6 * size).all()


@every_model
@with_or_without_order
def test_who_holds_nothing_has_a_fallback_only(model, ordered):
    model, _, _ = fitted(model, [[0, 1, 2], [1, 3]], ordered)
    X, times = matrices([[]])
    times = times if ordered else None
    shares, fallback = model.contributions(X, [1], times=times)
    assert not shares.toarray().any()
    np.testing.assert_allclose(fallback, model.score_items(X, times=times)[:, 1], rtol=1e-6)
    none, nothing = model.contributions(X[:0], [], times=times[:0] if ordered else None)
    assert (none.shape, nothing.shape) == ((0, N_ITEMS), (0,))


@every_model
def test_contributions_want_one_known_item_per_user(model):
    model, X, _ = fitted(model, [[0, 1], [2]], ordered=False)
    with pytest.raises(ValueError, match="one item for each of 2 users"):
        model.contributions(X, [1])
    with pytest.raises(ValueError, match=rf"items must lie in \[0, {N_ITEMS}\), got -1 to 2"):
        model.contributions(X, [2, -1])


def long_histories(n_users=30, n_items=700, length=500):
    """Each user holds so many items with some weight, a few of them turned down, in an order of their own."""
    rng = np.random.default_rng(500)
    items = [rng.permutation(n_items)[:length].tolist() for _ in range(n_users)]
    weights = rng.choice([-0.5, 0.5, 1.0, 1.5], (n_users, length)).tolist()
    histories = [list(zip(*history, strict=True)) for history in zip(items, weights, strict=True)]
    return matrices(histories, n_items)


@every_model
@with_or_without_order
def test_listed_scores_are_what_contributions_add_up_to_however_long_the_history(model, ordered):
    X, times = long_histories()
    times = times if ordered else None
    params = {"vectors": np.random.default_rng(1).normal(size=(X.shape[1], 20))}
    model = clone(model).set_params(**params if isinstance(model, ContentNeighbours) else {})
    items, scores = model.fit(X, times=times).recommend(X, 10, times=times)
    assert scores.dtype == np.float64
    for slot in range(10):
        shares, fallback = model.contributions(X, items[:, slot], times=times)
        np.testing.assert_allclose(scores[:, slot], shares.sum(axis=1) + fallback, rtol=1e-9)
    for user in range(3):
        row, row_times = X[[user]], times[[user]] if ordered else None
        alone, own_scores = model.recommend(row, 10, times=row_times)
        np.testing.assert_array_equal(alone[0], items[user])
        np.testing.assert_array_equal(own_scores[0], scores[user])
