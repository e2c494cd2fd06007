import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.engine.splits import leave_last_out, leave_random_out, split_by_time
from tests.engine.histories import matrices

HISTORIES = [[4, 0, 3, 1], [2, 5], [1], []]


def items(X):
    return [set(row.nonzero()[0].tolist()) for row in X.toarray()]


@pytest.mark.parametrize(
    ("size", "held_out"),
    [
        (1, [{1}, {5}, set(), set()]),
        (2, [{3, 1}, set(), set(), set()]),
        (0.25, [{1}, {5}, set(), set()]),
        (0.75, [{0, 3, 1}, set(), set(), set()]),
    ],
)
def test_the_last_items_are_held_out_where_something_is_left(size, held_out):
    X, times = matrices(HISTORIES)
    split = leave_last_out(X, times, size)
    assert items(split.test) == held_out
    assert items(split.X) == [set(one) - out for one, out in zip(HISTORIES, held_out, strict=True)]
    assert (split.times.toarray() == times.toarray() * (split.X.toarray() > 0)).all()


def test_random_items_are_held_out_where_there_is_no_order():
    X, _ = matrices(HISTORIES)
    split = leave_random_out(X, random_state=3)
    assert split.times is None
    assert [len(out) for out in items(split.test)] == [1, 1, 0, 0]
    assert (split.X.toarray() + split.test.toarray() == X.toarray()).all()
    assert items(leave_random_out(X, random_state=3).test) == items(split.test)
    assert len({frozenset(items(leave_random_out(X, random_state=seed).test)[0]) for seed in range(20)}) == 4


def test_a_cut_in_time_is_the_same_for_all():
    X = csr_array([[1, 1, 1], [0, 1, 1]])
    times = csr_array([[10.0, 30.0, 20.0], [0.0, 25.0, 20.0]])
    split = split_by_time(X, times, 20.0)
    assert split.X.toarray().tolist() == [[1, 0, 0], [0, 0, 0]]
    assert split.test.toarray().tolist() == [[0, 1, 1], [0, 1, 1]]
    assert split.times.toarray().tolist() == [[10, 0, 0], [0, 0, 0]]


def test_a_time_of_zero_stays_with_its_entry():
    times = csr_array((np.array([0.0, 5.0]), [0, 1], [0, 2]), shape=(1, 2))
    split = leave_last_out(csr_array([[1, 1]]), times)
    assert (split.X.nnz, split.times.nnz) == (1, 1)


def test_weights_stay_with_their_entries():
    X, times = matrices([[(3, 0.5), (0, -1.0), (2, 2.0)], [(1, 3.0), (0, -0.5)]], 4)
    split = leave_last_out(X, times)
    assert split.X.toarray().tolist() == [[-1, 0, 0, 0.5], [0, 3, 0, 0]]
    assert split.test.toarray().tolist() == [[0, 0, 2, 0], [-0.5, 0, 0, 0]]
    drawn = leave_random_out(X, 0.5)
    assert (drawn.X + drawn.test).toarray().tolist() == X.toarray().tolist()
    by_time = split_by_time(X, times, 2.0)
    assert by_time.test.toarray().tolist() == [[-1, 0, 2, 0], [-0.5, 0, 0, 0]]


@pytest.mark.parametrize("size", [0, -1, 1.0, 1.5, 0.0])
def test_sizes_out_of_bounds_are_refused(size):
    with pytest.raises(ValueError, match=rf"size must be an int >= 1 or a float in \(0, 1\), got {size}"):
        leave_last_out(*matrices(HISTORIES), size)
