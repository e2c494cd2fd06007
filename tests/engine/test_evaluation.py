"""Quality on a fixed sample, and who counts."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.engine.evaluation import evaluate
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from recommender.engine.splits import leave_last_out
from tests.engine.histories import matrices


def synthetic_sample(n_users=600, n_items=60, n_tracks=6, seed=11):
    """Synthetic learners who follow one of a few tracks upwards, skip some courses and stray now and then."""
    rng = np.random.default_rng(seed)
    tracks = rng.permutation(n_items).reshape(n_tracks, -1)
    histories = []
    for _ in range(n_users):
        track = tracks[rng.choice(n_tracks, p=np.arange(1, n_tracks + 1) / 21)]
        own = track[np.sort(rng.choice(track.size, rng.integers(3, 8), replace=False))]
        strays = rng.choice(np.setdiff1d(tracks, own), own.size)
        histories.append(list(dict.fromkeys(np.where(rng.random(own.size) < 0.15, strays, own).tolist())))
    return leave_last_out(*matrices(histories, n_items))


@pytest.mark.parametrize(
    ("model", "ordered"), [(ItemNeighbours(), False), (NextItemRidge(), False), (NextItemRidge(), True)]
)
def test_models_beat_popularity_on_a_synthetic_sample(model, ordered):
    X, times, test = synthetic_sample()
    popular = evaluate(Popularity(), X, test, 10)
    figures = evaluate(model, X, test, 10, times=times if ordered else None)
    assert figures.ndcg > 1.5 * popular.ndcg
    assert figures.recall > 1.3 * popular.recall
    assert figures.coverage >= popular.coverage


def test_order_helps_on_a_synthetic_sample():
    X, times, test = synthetic_sample()
    unordered = evaluate(NextItemRidge(), X, test, 10)
    assert evaluate(NextItemRidge(), X, test, 10, times=times).ndcg > 1.2 * unordered.ndcg


def test_who_counts():
    # Items 0 and 1 are popular. The first user has nothing held out and does not count. The second is listed
    # 0. The third is new, is listed the popular item 0, and also wants one that cannot be listed.
    X = csr_array([[1, 1, 0], [0, 1, 0], [0, 0, 0], [1, 0, 1]])
    test = csr_array([[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0]])
    figures = evaluate(NextItemRidge(), X, test, 1)
    assert (figures.n_users, figures.n_items) == (3, 3)
    assert figures.recall == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert figures.hit_rate == figures.ndcg == 1
    assert figures.coverage == pytest.approx(2 / 3)


def test_nothing_held_out_has_no_figures():
    figures = evaluate(Popularity(), csr_array([[1, 0]]), csr_array((1, 2)), 1)
    assert figures.n_users == 0
    assert np.isnan([figures.recall, figures.ndcg, figures.hit_rate]).all()
