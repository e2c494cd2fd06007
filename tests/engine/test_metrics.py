import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine.metrics import coverage_at_k, hit_rate_at_k, ndcg_at_k, recall_at_k

# Four users and five items. The first has hits in places 1 and 3 and misses item 4; the second has one in
# place 2; the third has none; nothing is relevant to the last.
RANKED = np.array([[0, 1, 2], [3, 0, -1], [1, 2, 3], [0, 1, 2]])
RELEVANT = csr_array([[1, 0, 1, 0, 1], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]], dtype=bool)
D2, D3 = 1 / np.log2(3), 1 / np.log2(4)


def test_recall():
    np.testing.assert_allclose(recall_at_k(RANKED, RELEVANT, 3), [2 / 3, 1, 0, np.nan])
    np.testing.assert_allclose(recall_at_k(RANKED, RELEVANT, 1), [1 / 3, 0, 0, np.nan])


def test_ndcg():
    np.testing.assert_allclose(ndcg_at_k(RANKED, RELEVANT, 3), [(1 + D3) / (1 + D2 + D3), D2, 0, np.nan])
    # No list of two can hold three relevant items: the ideal one holds two.
    np.testing.assert_allclose(ndcg_at_k(RANKED, RELEVANT, 2), [1 / (1 + D2), D2, 0, np.nan])


def test_hit_rate():
    np.testing.assert_allclose(hit_rate_at_k(RANKED, RELEVANT, 3), [1, 1, 0, np.nan])
    np.testing.assert_allclose(hit_rate_at_k(RANKED, RELEVANT, 1), [1, 0, 0, np.nan])


def test_coverage():
    assert coverage_at_k(RANKED, 5, 3) == 4 / 5
    assert coverage_at_k(RANKED, 5, 1) == 3 / 5
    assert coverage_at_k(np.full((2, 3), -1), 5, 3) == 0
    assert np.isnan(coverage_at_k(np.full((2, 3), -1), 0, 3))


@pytest.mark.parametrize("metric", [recall_at_k, ndcg_at_k, hit_rate_at_k])
def test_an_empty_slot_is_no_hit_and_an_unlistable_item_is_missed(metric):
    # Were -1 an index from the end, the slot would hit the last item.
    assert metric(np.array([[-1, -1]]), csr_array([[0, 0, 1]], dtype=bool), 2).tolist() == [0.0]
    relevant = csr_array([[1, 0, 0, 0], [0, 0, 0, 1]], dtype=bool)
    assert metric(np.array([[2], [-1]]), relevant, 1).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("metric", [recall_at_k, ndcg_at_k, hit_rate_at_k])
def test_an_explicit_zero_is_not_relevant(metric):
    assert np.isnan(metric(np.array([[0]]), csr_array(([False], [0], [0, 1]), shape=(1, 2)), 1)).all()


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"k must be in \[1, 3\], the length of the lists, got 4"):
        recall_at_k(RANKED, RELEVANT, 4)
    with pytest.raises(ValueError, match="same users, got 4 and 3"):
        recall_at_k(RANKED, RELEVANT[:3], 2)


@given(st.permutations(range(6)), st.sets(st.integers(0, 5), min_size=1), st.integers(1, 6))
def test_lists_are_worth_most_with_the_relevant_items_first(ranked, relevant, k):
    marks = csr_array(np.isin(np.arange(6), sorted(relevant))[np.newaxis])
    ideal = sorted(ranked, key=lambda item: item not in relevant)
    ndcg = ndcg_at_k(np.array([ranked, ideal])[:1], marks, k)[0]
    best = ndcg_at_k(np.array([ideal]), marks, k)[0]
    assert 0 <= ndcg <= best
    assert best == pytest.approx(1)
    assert recall_at_k(np.array([ranked]), marks, 6)[0] == 1
