from itertools import pairwise

import numpy as np

from recommender.engine.histories import held, ordered_histories
from recommender.engine.interactions import encode


def histories(interactions):
    starts, items = ordered_histories(held(*interactions)[1])
    return [items[a:b].tolist() for a, b in pairwise(starts)]


def test_rows_are_in_order_without_times():
    interactions = encode([1, 0, 1, 1], [2, 0, 0, 1], 3, 4)
    assert interactions.X.toarray().tolist() == [[1, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 0]]
    assert histories(interactions) == [[0], [2, 0, 1], []]


def test_times_order_rows_and_equal_times_keep_the_order_of_rows():
    at = [0, -5, 0, 9.5, 0]
    assert histories(encode([0] * 5, [3, 1, 0, 2, 4], 1, 5, at=at)) == [[1, 3, 0, 4, 2]]


def test_a_repeated_pair_counts_once_with_its_latest_time():
    assert histories(encode([0, 0, 0], [1, 0, 1], 1, 2)) == [[0, 1]]
    assert histories(encode([0, 0, 0], [1, 0, 1], 1, 2, at=[7, 5, 3])) == [[0, 1]]
    assert histories(encode([0, 0, 0], [1, 0, 1], 1, 2, at=[1, 5, 3])) == [[1, 0]]


def test_places_are_never_zero_and_all_different():
    times = encode([0, 1, 0], [0, 0, 1], 2, 2, at=[0, 0, 0]).times
    assert sorted(times.data.tolist()) == [1, 2, 3]


def test_no_rows():
    X, times = encode([], [], 2, 3, at=[])
    assert X.shape == times.shape == (2, 3)
    assert X.nnz == times.nnz == 0
    assert X.data.dtype == np.float32
