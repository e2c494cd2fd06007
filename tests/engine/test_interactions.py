from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine.histories import held, ordered_histories
from recommender.engine.interactions import encode


def histories(interactions):
    starts, items, _ = ordered_histories(*held(*interactions))
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


def test_a_repeated_pair_weighs_what_it_weighed_the_last_time():
    users, items, weights = [0, 0, 0], [1, 0, 1], [0.5, 2.0, -1.0]
    assert encode(users, items, 1, 2, weights=weights).X.toarray().tolist() == [[2.0, -1.0]]
    assert encode(users, items, 1, 2, at=[9, 5, 3], weights=weights).X.toarray().tolist() == [[2.0, 0.5]]


def test_of_repeated_pairs_with_equal_times_the_last_row_counts():
    users, items, weights = [0, 0, 0], [0, 0, 0], [1.0, 2.0, 3.0]
    assert encode(users, items, 1, 1, at=[4, 4, 4], weights=weights).X.toarray().tolist() == [[3.0]]


def test_weights_are_one_unless_given():
    assert encode([0, 1], [1, 0], 2, 2).X.toarray().tolist() == [[0, 1], [1, 0]]
    assert encode([0, 1], [1, 0], 2, 2, weights=[0.25, -3]).X.toarray().tolist() == [[0, 0.25], [-3, 0]]


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.sampled_from([-1.0, 0.5, 1.0, 2.0])
    ),
    max_size=25,
)


@settings(deadline=None)
@given(ROWS)
def test_the_last_row_of_each_pair_is_what_counts(rows):
    users, items, at, weights = zip(*rows, strict=True) if rows else ((), (), (), ())
    X, times = encode(users, items, 3, 4, at=at, weights=weights)
    latest = {}
    for place, (user, item, _, weight) in enumerate(sorted(rows, key=lambda row: row[2]), start=1):
        latest[user, item] = place, weight
    assert X.nnz == times.nnz == len(latest)
    for (user, item), (place, weight) in latest.items():
        assert (times[user, item], X[user, item]) == (place, weight)


def test_places_are_never_zero_and_all_different():
    times = encode([0, 1, 0], [0, 0, 1], 2, 2, at=[0, 0, 0]).times
    assert sorted(times.data.tolist()) == [1, 2, 3]


def test_no_rows():
    X, times = encode([], [], 2, 3, at=[])
    assert X.shape == times.shape == (2, 3)
    assert X.nnz == times.nnz == 0
    assert X.data.dtype == np.float32
