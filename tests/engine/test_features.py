import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.engine import features
from recommender.engine.features import NEGLIGIBLE, PAIR_DECAY, WINDOW, FeatureSpace, frequent_pairs
from recommender.engine.histories import held, ordered_histories
from tests.engine.conftest import LEAST_HOLDERS
from tests.engine.histories import (
    N_ITEMS,
    feature_row,
    matrices,
    some_histories,
    weighted_histories,
)

ALL_PAIRS = np.array([low * N_ITEMS + high for low in range(N_ITEMS) for high in range(low + 1, N_ITEMS)])


def rows(histories, *space, n_items=N_ITEMS):
    return FeatureSpace(n_items, *space).of(*held(*matrices(histories, n_items))).toarray()


def counted(histories, n_pairs):
    ordered = ordered_histories(*held(*matrices(histories)))
    return [tuple(divmod(key, N_ITEMS)) for key in frequent_pairs(ordered, N_ITEMS, n_pairs).tolist()]


def test_features_of_one_history():
    # Ages are 2, 1 and 0; items 0 and 2 are a pair of ages 2 and 0, items 1 and 2 one of ages 1 and 0.
    pairs = np.array([0 * 4 + 2, 1 * 4 + 2, 1 * 4 + 3])
    found = rows([[(2, 2.0), (1, 1.0), (0, 0.5)]], (0.5, 1.0), pairs, True, n_items=4)
    blocks = [0.5, 0.5, 0.5, 0, 0.5, 1, 2, 0]
    of_pairs = [2 * 0.5 * PAIR_DECAY**2, 2 * 1 * PAIR_DECAY**3, 0]
    np.testing.assert_allclose(found, [[*blocks, *of_pairs, 1]], rtol=1e-6)


# A decay above 0.3 leaves no value of eight items below what counts as negligible.
@settings(deadline=None)
@given(weighted_histories(), st.lists(st.floats(0.3, 1.0), max_size=3), st.booleans(), st.data())
def test_features_are_those_of_the_definition(histories, decays, has_constant, data):
    pairs = np.sort(np.array(data.draw(st.lists(st.sampled_from(ALL_PAIRS), unique=True)), dtype=np.int64))
    expected = np.array([feature_row(history, N_ITEMS, decays, pairs.tolist()) for history in histories])
    if has_constant:
        expected = np.column_stack((expected, np.ones(len(histories))))
    found = rows(histories, tuple(decays), pairs, has_constant)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_turning_something_down_makes_nothing_older():
    wanted = [(0, 1.0), (1, 1.0)]
    turned_down = [(0, 1.0), (2, -1.0), (1, 1.0), (3, -2.0)]
    without, with_them = rows([wanted, turned_down], (0.5,), ALL_PAIRS)
    others = np.arange(without.size)[~np.isin(np.arange(without.size), [2, 3])]
    np.testing.assert_array_equal(with_them[others], without[others])
    # What was turned down ages by what was wanted after it.
    assert with_them[[2, 3]].tolist() == [-0.5, -2.0]


def test_what_was_turned_down_is_in_no_pair():
    found = rows([[(0, 1.0), (1, -1.0), (2, 1.0)]], (), ALL_PAIRS)[0]
    assert ALL_PAIRS[np.flatnonzero(found)].tolist() == [0 * N_ITEMS + 2]


def test_pairs_are_among_the_last_wanted_items():
    history = [(item, 1.0) for item in range(WINDOW + 2)]
    history.insert(WINDOW, (WINDOW + 2, -1.0))
    found = rows([history], (), ALL_PAIRS)[0]
    paired = np.divmod(ALL_PAIRS[np.flatnonzero(found)], N_ITEMS)
    assert set(np.concatenate(paired).tolist()) == set(range(2, WINDOW + 2))
    assert np.count_nonzero(found) == WINDOW * (WINDOW - 1) // 2


def test_negligible_values_are_dropped_whatever_the_weight():
    n_items, decay = 12, 0.25
    n_kept = int(np.log(NEGLIGIBLE) / np.log(decay)) + 1
    for weight in (1.0, -1e-6, 1e6):
        history = [(0, weight)] + [(item, 1.0) for item in range(1, n_items)]
        X, times = held(*matrices([history], n_items))
        kept = FeatureSpace(n_items, (decay,)).of(X, times)
        assert sorted(kept.indices.tolist()) == list(range(n_items - n_kept, n_items))


def test_what_came_last_is_kept_however_little_it_counts():
    assert np.count_nonzero(rows([[(0, 1e-30), (1, -1e-30)]], (0.5,))) == 2


def test_without_order_a_history_is_a_set():
    X, _ = held(*matrices([[(0, 2.0), (1, -1.0), (2, 0.5)]]))
    found = FeatureSpace(N_ITEMS, (0.5, 0.9), ALL_PAIRS, True).of(X, None).toarray()[0]
    assert found[: 2 * N_ITEMS].tolist() == [2, -1, 0.5, 0, 0, 0, 0, 0] * 2
    assert not found[2 * N_ITEMS : -1].any()
    assert found[-1] == 1


def test_nobody_has_features_and_nothing_has_the_constant_alone():
    X, times = held(*matrices([[], []]))
    space = FeatureSpace(N_ITEMS, (0.5,), ALL_PAIRS, True)
    assert space.of(X, times).toarray().tolist() == [[0.0] * (space.n_features - 1) + [1.0]] * 2
    assert space.of(X[:0], times[:0]).shape == (0, space.n_features)


@settings(deadline=None)
@given(weighted_histories())
def test_a_history_has_the_same_features_in_any_company(histories):
    space = FeatureSpace(N_ITEMS, (0.4, 0.9), ALL_PAIRS, True)
    X, times = held(*matrices(histories))
    together = space.of(X, times).toarray()
    for user in range(len(histories)):
        alone = space.of(X[[user]], times[[user]]).toarray()
        np.testing.assert_array_equal(alone[0], together[user])


def test_items_of_features():
    pairs = np.array([0 * 4 + 3, 1 * 4 + 2])
    space = FeatureSpace(4, (0.5, 1.0), pairs, True)
    assert space.n_features == 11
    singles = [[0, 0], [1, 1], [2, 2], [3, 3]]
    assert space.items_of(np.arange(11)).tolist() == [*singles, *singles, [0, 3], [1, 2], [-1, -1]]
    assert FeatureSpace(4, (0.5,)).items_of(np.array([3, 1], dtype=np.int32)).tolist() == [[3, 3], [1, 1]]


@pytest.mark.parametrize(
    ("n_pairs", "expected"),
    [(1, [(0, 1)]), (2, [(0, 1), (0, 2)]), (4, [(0, 1), (0, 2), (1, 2), (3, 4)]), (0, []), (99, None)],
)
def test_the_most_frequent_pairs_and_among_equals_the_lower(n_pairs, expected):
    # The last item of each history is not counted: 0 and 1 come together three times, in any order, 0 and 2
    # twice, and 1 and 2, 3 and 4 and 3 and 5 once each.
    histories = [[0, 1, 7], [1, 0, 2, 7], [1, 0, 6], [0, 2, 7], [4, 3, 7], [5, 3, 7], [6, 7], [5], []]
    every = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5)]
    assert counted(histories, n_pairs) == (every if expected is None else expected)


@settings(deadline=None)
@given(some_histories())
def test_pairs_are_counted_within_the_window(histories):
    counts = {}
    for history in histories:
        before = history[:-1]
        for place, item in enumerate(before):
            for other in before[max(0, place - WINDOW + 1) : place]:
                pair = min(item, other), max(item, other)
                counts[pair] = counts.get(pair, 0) + 1
    by_count = sorted(counts, key=lambda pair: (-counts[pair], pair))
    for n_pairs in (1, 3, 99):
        assert counted(histories, n_pairs) == sorted(by_count[:n_pairs])


def test_pairs_are_counted_in_histories_evenly_drawn(monkeypatch):
    histories = [[0, 1, 7], [2, 3, 7], [2, 3, 7], [4, 5, 7], [2, 3, 7]]
    assert counted(histories, 1) == [(2, 3)]
    monkeypatch.setattr(features, "MOST_COUNTED", 2)
    # Of five histories at most two are wanted: every third.
    assert counted(histories, 9) == [(0, 1), (4, 5)]


def test_a_pair_needs_users_enough_not_to_show_what_one_of_them_did(monkeypatch):
    monkeypatch.setattr(features, "LEAST_HOLDERS", LEAST_HOLDERS)
    assert LEAST_HOLDERS == 10
    assert counted([[0, 1, 7]] * 9 + [[2, 3, 7]] * 10 + [[4, 5, 7]], 5) == [(2, 3)]


def test_no_pairs_where_none_are_wanted_or_none_occur():
    ordered = ordered_histories(*held(*matrices([[0, 1, 2]])))
    assert frequent_pairs(ordered, N_ITEMS, 0).size == 0
    assert counted([[0, 1], [2]], 5) == []
