import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine import metrics
from recommender.engine.metrics import (
    coverage_at_k,
    exposure_gini_at_k,
    hit_rate_at_k,
    intra_list_similarity_at_k,
    ndcg_at_k,
    novelty_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
)

# Four users and five items. The first has hits in places 1 and 3 and misses item 4; the second has one in
# place 2; the third has none; nothing is relevant to the last.
RANKED = np.array([[0, 1, 2], [3, 0, -1], [1, 2, 3], [0, 1, 2]])
RELEVANT = csr_array([[1, 0, 1, 0, 1], [1, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0]], dtype=bool)
D2, D3 = 1 / np.log2(3), 1 / np.log2(4)
ACCURACY = [recall_at_k, ndcg_at_k, hit_rate_at_k, reciprocal_rank_at_k]
every_metric_of_accuracy = pytest.mark.parametrize("metric", ACCURACY)

N_ITEMS = 6


@st.composite
def some_lists(draw):
    """Lists of one to six users, some with empty slots or nothing at all, and what is relevant or held."""
    n_users = draw(st.integers(1, 6))
    orders = draw(st.lists(st.permutations(range(N_ITEMS)), min_size=n_users, max_size=n_users))
    lengths = draw(st.lists(st.integers(0, N_ITEMS), min_size=n_users, max_size=n_users))
    ranked = np.where(np.arange(N_ITEMS) < np.array(lengths)[:, np.newaxis], orders, -1)
    marks = st.lists(st.booleans(), min_size=N_ITEMS, max_size=N_ITEMS)
    marked = draw(st.lists(marks, min_size=n_users, max_size=n_users))
    return ranked, csr_array(np.array(marked, dtype=float)), draw(st.integers(1, N_ITEMS))


def per_user(ranked, marked, k):
    """Every metric of one figure per user; what is marked is both what is relevant and what is held."""
    figures = [metric(ranked, marked, k) for metric in (*ACCURACY, novelty_at_k)]
    return np.array([*figures, intra_list_similarity_at_k(ranked, marked.T, k)])


def of_all_lists(ranked, k):
    return np.array([coverage_at_k(ranked, N_ITEMS, k), exposure_gini_at_k(ranked, N_ITEMS, k)])


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


def test_reciprocal_rank():
    np.testing.assert_allclose(reciprocal_rank_at_k(RANKED, RELEVANT, 3), [1, 1 / 2, 0, np.nan])
    np.testing.assert_allclose(reciprocal_rank_at_k(RANKED, RELEVANT, 1), [1, 0, 0, np.nan])
    np.testing.assert_allclose(reciprocal_rank_at_k(RANKED[:, ::-1], RELEVANT, 3), [1, 1 / 2, 0, np.nan])


def test_novelty():
    # Of eight users, 8, 4, 2 and 1 hold items 0 to 3: 0, 1, 2 and 3 bits. Nobody holds item 4: 3 bits too.
    X = csr_array((np.arange(5) < [[4], [3], [2], [2], [1], [1], [1], [1]]).astype(float))
    ranked = np.array([[0, 1, 3], [4, 2, -1], [-1, -1, -1]])
    np.testing.assert_allclose(novelty_at_k(ranked, X, 3), [4 / 3, 5 / 2, np.nan])
    np.testing.assert_allclose(novelty_at_k(ranked, X, 1), [0, 3, np.nan])


def test_what_is_turned_down_is_neither_relevant_nor_held():
    X = csr_array([[2.0, -1.0], [0.5, -1.0], [1.0, 1.0], [1.0, 0.0]])
    assert recall_at_k([[1], [0], [1], [0]], X, 1).tolist() == [0, 1, 1 / 2, 1]
    assert novelty_at_k([[0], [1]], X, 1).tolist() == [0, 2]


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_intra_list_similarity(form):
    # Cosines: 0 with 1 is 0.6, 0 with 2 is -1, 1 with 2 is -0.6; item 3 has no direction.
    vectors = form([[2, 0], [3, 4], [-5, 0], [0, 0]])
    ranked = np.array([[0, 1, 2], [1, 0, -1], [0, 3, 1], [2, -1, -1], [-1, -1, -1]])
    np.testing.assert_allclose(
        intra_list_similarity_at_k(ranked, vectors, 3), [-1 / 3, 0.6, 0.2, np.nan, np.nan]
    )
    np.testing.assert_allclose(
        intra_list_similarity_at_k(ranked, vectors, 2), [0.6, 0.6, 0, np.nan, np.nan], atol=1e-15
    )


def test_intra_list_similarity_of_interactions():
    # Items 0 and 1 have one of two and of one holder in common; nobody who holds item 2 holds another.
    X = csr_array([[1, 1, 0], [1, 0, 0], [0, 0, 1]])
    expected = [1 / np.sqrt(2), 1 / np.sqrt(2) / 3]
    np.testing.assert_allclose(intra_list_similarity_at_k([[0, 1, -1], [2, 1, 0]], X.T, 3), expected)


def test_coverage():
    assert coverage_at_k(RANKED, 5, 3) == 4 / 5
    assert coverage_at_k(RANKED, 5, 1) == 3 / 5
    assert coverage_at_k(np.full((2, 3), -1), 5, 3) == 0
    assert np.isnan(coverage_at_k(np.full((2, 3), -1), 0, 3))


def test_exposure_gini():
    # Exposures 3, 3, 3, 2 and 0: the 25 differences between two of them add up to 28, the mean is 11 / 5.
    assert exposure_gini_at_k(RANKED, 5, 3) == pytest.approx(28 / (2 * 25 * 11 / 5))
    assert exposure_gini_at_k([[0, 1], [2, 3]], 4, 2) == 0
    assert exposure_gini_at_k(np.full((7, 1), 3), 1000, 1) == pytest.approx(0.999)
    assert np.isnan(exposure_gini_at_k(np.full((2, 3), -1), 5, 3))
    assert np.isnan(exposure_gini_at_k(np.full((2, 3), -1), 0, 3))


@every_metric_of_accuracy
def test_an_empty_slot_is_no_hit_and_an_unlistable_item_is_missed(metric):
    # Were -1 an index from the end, the slot would hit the last item.
    assert metric(np.array([[-1, -1]]), csr_array([[0, 0, 1]], dtype=bool), 2).tolist() == [0.0]
    relevant = csr_array([[1, 0, 0, 0], [0, 0, 0, 1]], dtype=bool)
    assert metric(np.array([[2], [-1]]), relevant, 1).tolist() == [0.0, 0.0]


@every_metric_of_accuracy
def test_an_explicit_zero_is_not_relevant(metric):
    assert np.isnan(metric(np.array([[0]]), csr_array(([False], [0], [0, 1]), shape=(1, 2)), 1)).all()


@every_metric_of_accuracy
def test_how_rows_are_stored_does_not_matter_and_stays(metric):
    # The first user's items are stored backwards, and one of them twice.
    stored = csr_array((np.ones(5), [4, 2, 2, 0, 0], [0, 4, 5]), shape=(2, 5))
    np.testing.assert_array_equal(metric(RANKED[:2], stored, 3), metric(RANKED[:2], RELEVANT[:2], 3))
    assert stored.indices.tolist() == [4, 2, 2, 0, 0]


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"k must be in \[1, 3\], the length of the lists, got 4"):
        recall_at_k(RANKED, RELEVANT, 4)
    with pytest.raises(ValueError, match="same users, got 4 and 3"):
        recall_at_k(RANKED, RELEVANT[:3], 2)


@given(st.permutations(range(6)), st.sets(st.integers(0, 5), min_size=1), st.integers(1, 6))
def test_lists_are_worth_most_with_the_relevant_items_first(ranked, relevant, k):
    marks = csr_array(np.isin(np.arange(6), sorted(relevant))[np.newaxis])
    ideal = sorted(ranked, key=lambda item: item not in relevant)
    for metric in (ndcg_at_k, reciprocal_rank_at_k, hit_rate_at_k):
        assert metric([ranked], marks, k)[0] <= metric([ideal], marks, k)[0] == pytest.approx(1)
    assert recall_at_k([ranked], marks, 6)[0] == 1


@settings(deadline=None)
@given(some_lists())
def test_figures_keep_to_their_bounds(drawn):
    ranked, marked, k = drawn
    recall, ndcg, hit_rate, reciprocal_rank, novelty, similarity = per_user(ranked, marked, k)
    nothing_relevant = marked.sum(axis=1) == 0
    for accuracy in (recall, ndcg, hit_rate, reciprocal_rank):
        np.testing.assert_array_equal(np.isnan(accuracy), nothing_relevant)
        assert ((accuracy >= 0) & (accuracy <= 1 + 1e-12) | nothing_relevant).all()
        np.testing.assert_array_equal(accuracy > 0, hit_rate > 0)
    n_listed = (ranked[:, :k] >= 0).sum(axis=1)
    np.testing.assert_array_equal(np.isnan(novelty), n_listed == 0)
    assert ((novelty >= 0) & (novelty <= np.log2(ranked.shape[0])) | (n_listed == 0)).all()
    np.testing.assert_array_equal(np.isnan(similarity), n_listed < 2)
    assert ((similarity >= -1e-12) & (similarity <= 1 + 1e-12) | (n_listed < 2)).all()
    coverage, gini = of_all_lists(ranked, k)
    assert 0 <= coverage <= 1
    assert (gini >= 0 and gini <= 1 - 1 / N_ITEMS + 1e-12) or not n_listed.any()


@settings(deadline=None)
@given(some_lists(), st.permutations(range(N_ITEMS)))
def test_relabelling_items_changes_nothing(drawn, relabel):
    ranked, marked, k = drawn
    renamed = np.append(relabel, -1)[ranked]
    moved = csr_array(marked.toarray()[:, np.argsort(relabel)])
    np.testing.assert_allclose(per_user(renamed, moved, k), per_user(ranked, marked, k), atol=1e-12)
    np.testing.assert_allclose(of_all_lists(renamed, k), of_all_lists(ranked, k), atol=1e-12)


@settings(deadline=None)
@given(some_lists(), st.randoms(use_true_random=False))
def test_relabelling_users_permutes_their_figures(drawn, random):
    ranked, marked, k = drawn
    order = random.sample(range(ranked.shape[0]), ranked.shape[0])
    np.testing.assert_allclose(
        per_user(ranked[order], marked[order], k), per_user(ranked, marked, k)[:, order], atol=1e-12
    )
    np.testing.assert_allclose(of_all_lists(ranked[order], k), of_all_lists(ranked, k), atol=1e-12)


@settings(deadline=None)
@given(some_lists())
def test_similarity_is_the_mean_over_all_pairs(drawn):
    ranked, marked, k = drawn
    vectors = marked.toarray().T
    for listed, similarity in zip(
        ranked[:, :k], intra_list_similarity_at_k(ranked, marked.T, k), strict=True
    ):
        chosen = vectors[listed[listed >= 0]]
        lengths = np.linalg.norm(chosen, axis=1)
        cosines = chosen @ chosen.T / np.maximum(np.outer(lengths, lengths), 1e-300)
        pairs = cosines[np.triu_indices(len(chosen), 1)]
        assert similarity == pytest.approx(pairs.mean() if pairs.size else np.nan, nan_ok=True, abs=1e-12)


@settings(deadline=None)
@given(some_lists())
def test_gini_is_half_the_relative_mean_difference(drawn):
    ranked, _, k = drawn
    exposures = np.array([(ranked[:, :k] == item).sum() for item in range(N_ITEMS)])
    assume(exposures.any())
    differences = np.abs(exposures[:, np.newaxis] - exposures).mean()
    assert exposure_gini_at_k(ranked, N_ITEMS, k) == pytest.approx(differences / (2 * exposures.mean()))


@pytest.mark.parametrize("form", [csr_array, csr_array.toarray])
def test_blocks_do_not_show(monkeypatch, form):
    rng = np.random.default_rng(0)
    ranked = np.where(
        rng.random((40, 7)) < 0.2, -1, rng.permuted(np.tile(np.arange(30), (40, 1)), axis=1)[:, :7]
    )
    vectors = form(csr_array(rng.random((30, 12)) * (rng.random((30, 12)) < 0.3)))
    whole = intra_list_similarity_at_k(ranked, vectors, 7)
    monkeypatch.setattr(metrics, "BLOCK_CELLS", 64)
    np.testing.assert_allclose(intra_list_similarity_at_k(ranked, vectors, 7), whole, atol=1e-12)
