"""Figures of accuracy agree with those of trec_eval, called through ir_measures."""

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, Qrel, R, ScoredDoc, Success, nDCG
from scipy.sparse import csr_array

from recommender.engine.metrics import hit_rate_at_k, ndcg_at_k, recall_at_k, reciprocal_rank_at_k
from recommender.engine.ranking import top_k

N_USERS, N_ITEMS = 150, 40


def sample(seed):
    """Scores with many ties and items that may not be listed, and one to twenty relevant items per user."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 8, size=(N_USERS, N_ITEMS)).astype(np.float32)
    scores[rng.random(scores.shape) < rng.random((N_USERS, 1))] = -np.inf
    scores[:3] = -np.inf
    places = rng.permuted(np.tile(np.arange(N_ITEMS), (N_USERS, 1)), axis=1)
    return scores, places < rng.integers(1, 21, size=(N_USERS, 1))


def trec_figures(scores, relevant, measures):
    """{measure: figures of all users} from everything that may be listed: trec_eval sorts and cuts."""
    # Among equal scores trec_eval puts the greater name first, as `top_k` does the lower index.
    names = [f"{N_ITEMS - item:03}" for item in range(N_ITEMS)]
    qrels = [Qrel(str(user), names[item], 1) for user, item in np.argwhere(relevant)]
    run = [
        ScoredDoc(str(user), names[item], float(scores[user, item]))
        for user, item in np.argwhere(scores > -np.inf)
    ]
    figures = {measure: np.full(len(scores), np.nan) for measure in measures}
    for metric in ir_measures.pytrec_eval.iter_calc(measures, qrels, run):
        figures[metric.measure][int(metric.query_id)] = metric.value
    return figures


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("k", [1, 5, 10, N_ITEMS])
def test_accuracy_agrees_with_trec_eval(seed, k):
    scores, relevant = sample(seed)
    ranked, _ = top_k(scores, k)
    marks = csr_array(relevant)
    theirs = trec_figures(scores, relevant, [R @ k, nDCG @ k, Success @ k, RR])
    # trec_eval has no cut for reciprocal ranks.
    reciprocal_ranks = np.where(theirs[RR] >= 1 / k, theirs[RR], 0)
    np.testing.assert_allclose(recall_at_k(ranked, marks, k), theirs[R @ k], atol=1e-9)
    np.testing.assert_allclose(ndcg_at_k(ranked, marks, k), theirs[nDCG @ k], atol=1e-9)
    np.testing.assert_allclose(hit_rate_at_k(ranked, marks, k), theirs[Success @ k], atol=1e-9)
    np.testing.assert_allclose(reciprocal_rank_at_k(ranked, marks, k), reciprocal_ranks, atol=1e-9)


def test_the_sample_holds_what_is_hard():
    scores, relevant = sample(0)
    n_listable = (scores > -np.inf).sum(axis=1)
    assert (n_listable == 0).any()
    assert ((n_listable > 0) & (n_listable < 10)).any()
    assert (relevant.sum(axis=1) > 10).any()
    descending = -np.sort(-scores, axis=1)
    assert ((descending[:, 9] == descending[:, 10]) & (descending[:, 9] > -np.inf)).any()
