"""Quality on a fixed sample, who counts, and how sure the figures are."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from recommender.engine.evaluation import evaluate, judge
from recommender.engine.metrics import (
    intra_list_similarity_at_k,
    ndcg_at_k,
    novelty_at_k,
    reciprocal_rank_at_k,
)
from recommender.engine.neighbours import ItemNeighbours
from recommender.engine.popularity import Popularity
from recommender.engine.sequential import NextItemRidge
from recommender.engine.significance import compare
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


def values(judgement):
    return {name: figure.value for name, figure in judgement.figures.items()}


def random_lists(n_users, n_items=40, k=10, seed=0):
    """Lists, what users hold and what was held out, all at random."""
    rng = np.random.default_rng(seed)
    ranked = rng.permuted(np.tile(np.arange(n_items), (n_users, 1)), axis=1)[:, :k]
    X = csr_array((rng.random((n_users, n_items)) < 0.1) * rng.uniform(0.5, 2, (n_users, n_items)))
    test = csr_array((rng.random((n_users, n_items)) < 0.1).astype(float))
    return ranked, X, test


@pytest.mark.parametrize(
    ("model", "ordered"), [(ItemNeighbours(), False), (NextItemRidge(), False), (NextItemRidge(), True)]
)
def test_models_beat_popularity_on_a_synthetic_sample(model, ordered):
    X, times, test = synthetic_sample()
    popular = evaluate(Popularity(), X, test, 10).judgement
    judged = evaluate(model, X, test, 10, times=times if ordered else None).judgement
    assert values(judged)["ndcg"] > 1.5 * values(popular)["ndcg"]
    assert values(judged)["recall"] > 1.3 * values(popular)["recall"]
    assert values(judged)["coverage"] >= values(popular)["coverage"]
    assert values(judged)["gini"] < values(popular)["gini"]
    assert values(judged)["novelty"] > values(popular)["novelty"]
    better = compare(judged.per_user["ndcg"], popular.per_user["ndcg"])
    assert better.difference.low > 0
    assert better.p_value < 0.001


def test_order_helps_on_a_synthetic_sample():
    X, times, test = synthetic_sample()
    ordered, unordered = (
        evaluate(NextItemRidge(), X, test, 10, times=order).judgement.figures["ndcg"]
        for order in (times, None)
    )
    assert ordered.value > 1.2 * unordered.value
    assert ordered.low > unordered.high


def test_who_counts():
    # Items 1 and 2 are popular. The first user has nothing held out and does not count. The second is listed
    # 2. The third is new, is listed the popular item 1, and also wants one that cannot be listed.
    X = csr_array([[0, 1, 1], [0, 1, 0], [0, 0, 0], [1, 0, 1]])
    test = csr_array([[0, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 1], [0, 1, 0, 0]])
    judgement, fit_seconds, recommend_seconds = evaluate(NextItemRidge(), X, test, 1)
    assert (judgement.n_users, judgement.n_items) == (3, 3)
    assert judgement.users.tolist() == [1, 2, 3]
    assert judgement.per_user["recall"].tolist() == [1, 1 / 2, 1]
    figures = values(judgement)
    assert figures["recall"] == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert figures["hit_rate"] == figures["ndcg"] == figures["mrr"] == 1
    assert figures["coverage"] == pytest.approx(2 / 3)
    assert fit_seconds > 0
    assert recommend_seconds > 0


def test_who_turned_everything_down_does_not_count():
    X = csr_array([[1.0, 0, 0], [1, 0, 0]])
    test = csr_array([[0, -1.0, 0], [0, 1, -1]])
    judgement = judge([[1, 2], [1, 2]], X, test, 2)
    assert judgement.users.tolist() == [1]
    assert judgement.per_user["recall"].tolist() == [1]


def test_explicit_zeros_say_nothing():
    X, _, test = synthetic_sample(n_users=50)
    stored = test.copy()
    stored.data[:20] = 0
    pruned = stored.copy()
    pruned.eliminate_zeros()
    assert (
        evaluate(Popularity(), X, stored, 3).judgement.figures["ndcg"]
        == (evaluate(Popularity(), X, pruned, 3).judgement.figures["ndcg"])
    )


def test_nothing_held_out_has_no_figures():
    judgement = evaluate(Popularity(), csr_array([[1, 0]]), csr_array((1, 2)), 1).judgement
    assert judgement.n_users == 0
    assert judgement.groups == {}
    assert values(judgement).pop("coverage") == 0
    assert np.isnan([value for name, value in values(judgement).items() if name != "coverage"]).all()


def test_lists_of_a_model_are_judged_like_ready_made_ones():
    X, times, test = synthetic_sample()
    groups = np.arange(X.shape[0]) % 3
    evaluated = evaluate(NextItemRidge(), X, test, 5, times=times, groups=groups, random_state=3).judgement
    ranked, _ = NextItemRidge().fit(X, times=times).recommend(X, 5, times=times)
    judged = judge(ranked, X, test, 5, groups=groups, random_state=3)
    assert judged.groups == evaluated.groups
    assert str(judged.figures) == str(evaluated.figures)  # as text, for nan is not equal to nan


def test_figures_are_means_over_the_judged_with_intervals_around_them():
    ranked, X, test = random_lists(500)
    judgement = judge(ranked, X, test, 10)
    users = np.flatnonzero(test.sum(axis=1))
    assert judgement.users.tolist() == users.tolist()
    expected = {
        "ndcg": ndcg_at_k(ranked, test, 10)[users],
        "mrr": reciprocal_rank_at_k(ranked, test, 10)[users],
        "novelty": novelty_at_k(ranked, X, 10)[users],
        "intra_list_similarity": intra_list_similarity_at_k(ranked, (X > 0).T, 10)[users],
    }
    for name, per_user in expected.items():
        np.testing.assert_array_equal(judgement.per_user[name], per_user)
        assert judgement.figures[name].value == pytest.approx(per_user.mean())
    for name in judgement.per_user:
        value, low, high = judgement.figures[name]
        assert low < value < high
    for name in ("coverage", "gini"):
        assert np.isnan(judgement.figures[name][1:]).all()


def test_intervals_shrink_with_the_number_of_users():
    few, many = (judge(*random_lists(n_users), 10).figures["recall"] for n_users in (200, 5_000))
    assert many.high - many.low == pytest.approx((few.high - few.low) / 5, rel=0.25)


def test_similarity_may_be_taken_from_what_items_are():
    ranked, X, test = random_lists(50)
    vectors = np.eye(40)
    vectors[:, 0] = 1.0  # all cosines are 1 / 2, or 1 / sqrt(2) with item 0
    judgement = judge(np.where(ranked == 0, -1, ranked), X, test, 10, vectors=vectors)
    assert judgement.figures["intra_list_similarity"].value == pytest.approx(0.5)


def test_groups_are_judged_by_themselves():
    ranked, X, test = random_lists(300)
    groups = np.arange(300) % 4 - 1
    judgement = judge(ranked, X, test, 10, groups=groups)
    assert sorted(judgement.groups) == [0, 1, 2]
    for group, (n_users, figures) in judgement.groups.items():
        members = groups == group
        alone = judge(ranked[members], X, test[members], 10)
        assert n_users == alone.n_users
        assert figures == {name: alone.figures[name] for name in ("recall", "ndcg")}


def test_the_random_state_decides_the_intervals():
    lists = random_lists(100)
    first, again, other = (judge(*lists, 10, random_state=seed).figures["ndcg"] for seed in (1, 1, 2))
    assert first == again
    assert first.value == other.value
    assert first.low != other.low


@pytest.mark.parametrize(
    ("ranked", "test", "message"),
    [
        ([[0, 3], [1, 2]], (2, 3), r"ranked must lie in \[-1, 3\), got 0 to 3"),
        ([[0, -2], [1, 2]], (2, 3), r"ranked must lie in \[-1, 3\), got -2 to 2"),
        ([[0, -1], [1, 1]], (2, 3), r"no list may hold an item twice, that of user 1 does: \[1, 1\]"),
        ([[0, -1]], (2, 3), r"ranked must have a list for each of 2 users, got shape \(1, 2\)"),
        ([[0, -1], [0, -1]], (2, 2), "test must have at least the 3 columns of X, got 2"),
        ([[0], [1]], (2, 3), r"k must be in \[1, 1\], the length of the lists, got 2"),
    ],
)
def test_lists_that_cannot_be_judged_are_refused(ranked, test, message):
    with pytest.raises(ValueError, match=message):
        judge(ranked, csr_array((4, 3)), csr_array(test), 2)


def test_groups_of_other_users_are_refused():
    with pytest.raises(ValueError, match=r"one group for each of 2 users, got shape \(3,\)"):
        judge([[0], [1]], csr_array((2, 3)), csr_array((2, 3)), 1, groups=[0, 1, 0])
