import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from scipy.sparse import csr_array

from recommender.engine.ranking import TILE, best_products, top_k

# Few different values, so that ties are common.
SCORES = st_numpy.arrays(
    st.sampled_from([np.float32, np.float64]),
    st_numpy.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7),
    elements=st.sampled_from([-np.inf, -1.5, -1.0, 0.0, 0.5, 2.0, np.inf, np.nan]),
)


def test_best_first_with_equals_by_index():
    items, scores = top_k(np.array([[1.0, 3.0, 2.0, 3.0]]), 3)
    assert items.tolist() == [[1, 3, 2]]
    assert scores.tolist() == [[3.0, 3.0, 2.0]]
    assert (items.dtype, scores.dtype) == (np.int32, np.float64)
    assert top_k(np.ones((1, 2), np.float32), 1)[1].dtype == np.float32


def test_ties_at_the_end_of_the_list_go_to_the_lower_index():
    items, _ = top_k(np.array([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]), 2)
    assert items.tolist() == [[1, 0], [0, 1]]


def test_slots_without_an_item_are_empty():
    items, scores = top_k(np.array([[np.nan, 2.0, -np.inf]]), 4)
    assert items.tolist() == [[1, -1, -1, -1]]
    np.testing.assert_array_equal(scores, [[2.0, np.nan, np.nan, np.nan]])


def test_excluded_items_are_not_listed_and_scores_stay_as_they_were():
    scores = np.array([[3.0, 2.0, 1.0]])
    items, _ = top_k(scores, 2, exclude=csr_array([[1, 0, 0]]))
    assert items.tolist() == [[1, 2]]
    assert scores.tolist() == [[3.0, 2.0, 1.0]]


@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
def test_nobody_or_nothing_to_rank(shape):
    items, scores = top_k(np.zeros(shape), 2)
    assert items.tolist() == [[-1, -1]] * shape[0]
    assert np.isnan(scores).all()


def test_whole_numbers_are_scores_too():
    assert top_k(np.array([[1, 3, 2]]), 2)[0].tolist() == [[1, 2]]


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="k must be >= 1, got 0"):
        top_k(np.zeros((1, 2)), 0)
    with pytest.raises(ValueError, match=r"exclude must have the shape of scores \(1, 2\), got \(2, 2\)"):
        top_k(np.zeros((1, 2)), 1, exclude=np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"listable must have shape \(2,\), got \(3,\)"):
        top_k(np.zeros((1, 2)), 1, listable=[True] * 3)
    with pytest.raises(ValueError, match=r"listable must have shape \(2,\), got \(1, 2\)"):
        best_products(csr_array((1, 1)), np.zeros((1, 2)), 1, csr_array((1, 2)), [[True, True]])


def test_only_listable_items_are_listed():
    items, scores = top_k(np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0]]), 2, listable=[False, True, True])
    assert items.tolist() == [[1, 2], [2, 1]]
    assert scores.tolist() == [[2.0, 1.0], [3.0, 2.0]]
    assert top_k(np.ones((1, 3)), 1, listable=np.zeros(3))[0].tolist() == [[-1]]


@settings(deadline=None)  # the first example compiles
@given(SCORES, st.integers(1, 9), st.data())
def test_equals_a_full_sort(scores, k, data):
    exclude = data.draw(st_numpy.arrays(np.bool_, scores.shape))
    listable = data.draw(st.none() | st_numpy.arrays(np.bool_, scores.shape[1]))
    items, listed = top_k(scores, k, exclude=exclude, listable=listable)
    barred = exclude if listable is None else exclude | ~listable
    for user in range(scores.shape[0]):
        can = [i for i in range(scores.shape[1]) if scores[user, i] > -np.inf and not barred[user, i]]
        expected = sorted(can, key=lambda item: (-scores[user, item], item))[:k]
        n_empty = k - len(expected)
        assert items[user].tolist() == expected + [-1] * n_empty
        np.testing.assert_array_equal(listed[user], [*scores[user, expected], *[np.nan] * n_empty])


dense_or_sparse = pytest.mark.parametrize("kind", [np.asarray, csr_array], ids=["dense", "sparse"])


def whole_numbers(rng, *shape, share=1.0):
    """Few different values, whose sums of products float32 holds exactly, so that ties are common."""
    return (rng.integers(-2, 3, shape) * (rng.random(shape) < share)).astype(np.float32)


def assert_same_lists(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@settings(deadline=None, max_examples=150)
@given(
    n_items=st.sampled_from([1, 7, 16, 17, TILE - 1, TILE, TILE + 1, 2 * TILE + 40]),
    n_users=st.integers(0, 5),
    k=st.sampled_from([1, 2, 10, 33, TILE + 3]),
    share=st.sampled_from([0.0, 0.05, 0.6, 1.0]),
    is_masked=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_best_products_are_those_of_the_dense_product(n_items, n_users, k, share, is_masked, seed):
    rng = np.random.default_rng(seed)
    features, weights = whole_numbers(rng, n_users, 9, share=0.4), whole_numbers(rng, 9, n_items, share=share)
    exclude = csr_array(rng.random((n_users, n_items)) < rng.choice([0, 0.1, 0.9, 1]))
    listable = rng.random(n_items) < 0.5 if is_masked else None
    expected = top_k((features @ weights).astype(np.float64), k, exclude, listable)
    for kind in (np.asarray, csr_array):
        assert_same_lists(best_products(csr_array(features), kind(weights), k, exclude, listable), expected)


@dense_or_sparse
def test_products_of_any_size_are_listed_like_their_scores(kind):
    rng = np.random.default_rng(9)
    features = (rng.normal(size=(40, 30)) * (rng.random((40, 30)) < 0.3)).astype(np.float32)
    weights = rng.normal(size=(30, 3 * TILE + 5)).astype(np.float32)
    exclude = csr_array(rng.random((40, 3 * TILE + 5)) < 0.1)
    items, scores = best_products(csr_array(features), kind(weights), 20, exclude)
    expected_items, expected = top_k(features.astype(np.float64) @ weights.astype(np.float64), 20, exclude)
    np.testing.assert_array_equal(items, expected_items)
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


@dense_or_sparse
def test_what_single_precision_cannot_tell_apart_is_ordered_by_double(kind):
    # In single precision both sums are 2^24.
    features = csr_array(np.array([[2**24, 1, 1]], np.float32))
    weights = kind(np.array([[1, 1, 1], [0, 0.5, 0.75], [0, 0.25, 0.25]], np.float32))
    items, scores = best_products(features, weights, 4, csr_array((1, 3)))
    assert items.tolist() == [[2, 1, 0, -1]]
    assert scores[0, :3].tolist() == [2**24 + 1, 2**24 + 0.75, 2**24]


@dense_or_sparse
def test_equal_products_in_several_tiles_go_to_the_lower_index(kind):
    weights = np.zeros((1, 2 * TILE), np.float32)
    weights[0, [5, TILE - 1, TILE, TILE + 100]] = [1, 2, 2, 1]
    items, scores = best_products(csr_array([[np.float32(1)]]), kind(weights), 6, csr_array((1, 2 * TILE)))
    assert items.tolist() == [[TILE - 1, TILE, 5, TILE + 100, 0, 1]]
    assert scores.tolist() == [[2, 2, 1, 1, 0, 0]]


@dense_or_sparse
def test_what_is_excluded_may_be_stored_in_any_order_and_with_zeros(kind):
    exclude = csr_array((np.array([1.0, 0.0, -1.0]), [TILE + 3, 1, 2], [0, 3]), shape=(1, TILE + 5))
    weights = kind(np.arange(TILE + 5, dtype=np.float32)[np.newaxis])
    items, _ = best_products(csr_array([[np.float32(-1)]]), weights, 3, exclude)
    assert items.tolist() == [[0, 1, 3]]
    items, _ = best_products(csr_array([[np.float32(1)]]), weights, 3, exclude)
    assert items.tolist() == [[TILE + 4, TILE + 2, TILE + 1]]
    assert exclude.indices.tolist() == [TILE + 3, 1, 2]


@dense_or_sparse
@settings(deadline=None)
@given(k=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_products_that_are_no_numbers_are_listed_as_in_the_dense_product(kind, k, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 200, size=(1, TILE + 40)).astype(float)
    values[rng.random(values.shape) < 0.2] = np.nan
    values[rng.random(values.shape) < 0.1] = -np.inf
    values[rng.random(values.shape) < 0.01] = np.inf
    values = values.astype(np.float32)
    found = best_products(csr_array([[np.float32(1)]]), kind(values), k, csr_array(values.shape))
    assert_same_lists(found, top_k(values.astype(np.float64), k))
