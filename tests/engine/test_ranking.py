import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from scipy.sparse import csr_array

from recommender.engine.ranking import top_k

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
    assert (items.dtype, scores.dtype) == (np.int32, np.float32)


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


@given(SCORES, st.integers(1, 9), st.data())
def test_equals_a_full_sort(scores, k, data):
    exclude = data.draw(st_numpy.arrays(np.bool_, scores.shape))
    items, listed = top_k(scores, k, exclude=exclude)
    for user in range(scores.shape[0]):
        can = [i for i in range(scores.shape[1]) if scores[user, i] > -np.inf and not exclude[user, i]]
        expected = sorted(can, key=lambda item: (-scores[user, item], item))[:k]
        n_empty = k - len(expected)
        assert items[user].tolist() == expected + [-1] * n_empty
        np.testing.assert_array_equal(listed[user], [*scores[user, expected], *[np.nan] * n_empty])
