from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine.histories import held, ordered_histories, time_order, wanted
from tests.engine.histories import matrices


def ordered(X, times):
    starts, items, weights = ordered_histories(*held(X, times))
    return [list(zip(items[a:b].tolist(), weights[a:b].tolist(), strict=True)) for a, b in pairwise(starts)]


def test_items_are_ordered_by_time_and_equal_times_by_index():
    X = csr_array([[1, 1, 1, 0], [0, 0, 1, 1]])
    times = csr_array([[5.0, 1.0, 5.0, 0.0], [0.0, 0.0, -3.0, -7.0]])
    assert ordered(X, times) == [[(1, 1), (0, 1), (2, 1)], [(3, 1), (2, 1)]]


def test_weights_go_with_their_items():
    X = csr_array([[0.5, -2.0, 0.0, 3.0]])
    times = csr_array([[3.0, 2.0, 0.0, 1.0]])
    assert ordered(X, times) == [[(3, 3.0), (1, -2.0), (0, 0.5)]]


# Rows beyond some length are sorted in another way.
@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from([-1.5, 0.0, 2.0, 7.0]), max_size=80), min_size=1, max_size=4))
def test_order_is_that_of_a_stable_sort(rows):
    starts = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
    columns = np.array([column for row in rows for column in range(len(row))], dtype=np.int64)
    values = np.array([value for row in rows for value in row])
    order = time_order(csr_array((values, columns, starts), shape=(len(rows), 80)))
    expected = [
        start + place
        for start, row in zip(starts, rows, strict=False)
        for place in sorted(range(len(row)), key=lambda place: (row[place], place))
    ]
    assert order.tolist() == expected


def test_storage_order_is_no_order():
    X = csr_array((np.array([4.0, 5.0, 6.0]), [2, 0, 1], [0, 3]), shape=(1, 3))
    times = csr_array(([3.0, 1.0, 2.0], [1, 2, 0], [0, 3]), shape=(1, 3))
    assert ordered(X, times) == [[(2, 4), (0, 5), (1, 6)]]
    assert X.indices.tolist() == [2, 0, 1]
    assert X.data.tolist() == [4, 5, 6]
    assert times.indices.tolist() == [1, 2, 0]


def test_an_explicit_zero_of_times_is_a_time():
    times = csr_array(([1.0, 0.0], [0, 1], [0, 2]), shape=(1, 2))
    assert ordered(csr_array([[1, 1]]), times) == [[(1, 1), (0, 1)]]


def test_an_explicit_zero_is_not_held():
    X = csr_array(([0.0, 1.0, 2.0], [0, 1, 0], [0, 2, 3]), shape=(2, 2))
    times = csr_array(([1.0, 2.0, 3.0], [0, 1, 0], [0, 2, 3]), shape=(2, 2))
    holds, kept_times = held(X, times)
    assert holds.toarray().tolist() == [[0.0, 1.0], [2.0, 0.0]]
    assert kept_times.toarray().tolist() == [[0.0, 2.0], [3.0, 0.0]]
    assert (holds.nnz, kept_times.nnz, X.nnz) == (2, 2, 3)
    assert (holds.dtype, kept_times.dtype) == (np.float32, np.float64)


def test_an_entry_stored_twice_counts_as_their_sum():
    X = csr_array(([1.0, 0.5], [1, 1], [0, 2]), shape=(1, 2))
    assert held(X)[0].toarray().tolist() == [[0.0, 1.5]]
    assert X.nnz == 2


def test_what_was_turned_down_is_not_wanted():
    X, times = held(*matrices([[(3, 1.0), (0, -1.0), (2, 0.5)], [(1, -2.0)], [(0, 2.0)]], 4))
    wanted_X, wanted_times = wanted(X, times)
    assert wanted_X.toarray().tolist() == [[0, 0, 0.5, 1], [0, 0, 0, 0], [2, 0, 0, 0]]
    assert wanted_times.toarray().tolist() == [[0, 0, 3, 1], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert (wanted_X.nnz, wanted_times.nnz, X.nnz) == (3, 3, 5)
    assert wanted(X)[1] is None


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (np.ones((2, 2)), "times must be a sparse array of the same pattern as X, got ndarray"),
        (csr_array((2, 3)), r"times must have the shape of X \(2, 2\), got \(2, 3\)"),
        (csr_array([[1.0, 2.0], [0.0, 0.0]]), "row 1 stores 1 in X and 0 in times"),
        (csr_array([[1.0, 2.0], [1.0, 0.0]]), "times must store its entries where X does: row 1 differs"),
        (csr_array([[1.0, 2.0], [0.0, np.inf]]), "times must be finite, got inf"),
    ],
)
def test_times_of_another_pattern_are_refused(times, message):
    with pytest.raises(ValueError, match=message):
        held(csr_array([[1, 1], [0, 1]]), times)
