import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.engine.histories import ages, held, ordered_histories
from tests.engine.histories import matrices


def test_items_are_ordered_by_time_and_equal_times_by_index():
    X = csr_array([[1, 1, 1, 0], [0, 0, 1, 1]])
    times = csr_array([[5.0, 1.0, 5.0, 0.0], [0.0, 0.0, -3.0, -7.0]])
    starts, items = ordered_histories(held(X, times)[1])
    assert starts.tolist() == [0, 3, 5]
    assert items.tolist() == [1, 0, 2, 3, 2]


def test_ages_count_later_entries():
    _, times = held(*matrices([[2, 0, 1], [], [1]], 3))
    assert ages(times).tolist() == [1, 0, 2, 0]


def test_storage_order_is_no_order():
    X = csr_array((np.ones(3), [2, 0, 1], [0, 3]), shape=(1, 3))
    times = csr_array(([3.0, 1.0, 2.0], [1, 2, 0], [0, 3]), shape=(1, 3))
    assert ordered_histories(held(X, times)[1]).items.tolist() == [2, 0, 1]
    assert X.indices.tolist() == [2, 0, 1]
    assert times.indices.tolist() == [1, 2, 0]


def test_an_explicit_zero_of_times_is_a_time():
    times = csr_array(([1.0, 0.0], [0, 1], [0, 2]), shape=(1, 2))
    assert ordered_histories(held(csr_array([[1, 1]]), times)[1]).items.tolist() == [1, 0]


def test_an_explicit_zero_is_not_held():
    X = csr_array(([0.0, 1.0], [0, 1], [0, 2]), shape=(1, 2))
    times = csr_array(([1.0, 2.0], [0, 1], [0, 2]), shape=(1, 2))
    holds, kept_times = held(X, times)
    assert holds.toarray().tolist() == [[0.0, 1.0]]
    assert kept_times.toarray().tolist() == [[0.0, 2.0]]


def test_entries_stored_twice_are_held_once():
    X = csr_array(([1.0, 1.0], [1, 1], [0, 2]), shape=(1, 2))
    assert held(X)[0].toarray().tolist() == [[0.0, 1.0]]


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
