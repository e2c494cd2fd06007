"""Judges lists, and models by their lists, by what users did after what was learned from."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.base import RecommenderMixin
from recommender.engine.histories import held
from recommender.engine.metrics import (
    coverage_at_k,
    exposure_gini_at_k,
    hit_rate_at_k,
    intra_list_similarity_at_k,
    ndcg_at_k,
    novelty_at_k,
    positive,
    recall_at_k,
    reciprocal_rank_at_k,
)
from recommender.engine.popularity import Popularity
from recommender.engine.significance import Figure, mean_figures

GROUP_METRICS = ("recall", "ndcg")


class Group(NamedTuple):
    """n_users : judged users of the group; figures : their mean `GROUP_METRICS`."""

    n_users: int
    figures: dict[str, Figure]


class Judgement(NamedTuple):
    """What lists are worth to the users with something relevant held out; nobody else is judged.

    users : int64 ndarray of shape (n_users,), ascending: the rows that are judged
    n_items : how many items could be listed
    figures : means over those users of recall, ndcg, hit_rate, mrr, novelty and intra_list_similarity, and
        coverage and gini of their lists. The last two have no interval: they are not means over users but
        depend on how many lists there are, and resampled lists always cover less and more unequally.
    groups : figures of each group that has judged users
    per_user : the figures that means are taken of, each a float64 ndarray of shape (n_users,): what
        `significance.compare` compares
    """

    users: NDArray[np.int64]
    n_items: int
    figures: dict[str, Figure]
    groups: dict[int, Group]
    per_user: dict[str, NDArray[np.float64]]

    @property
    def n_users(self) -> int:
        return self.users.size


class Evaluation(NamedTuple):
    """judgement : of the model's lists; fit_seconds, recommend_seconds : how long they took to come about."""

    judgement: Judgement
    fit_seconds: float
    recommend_seconds: float


def evaluate(
    model: RecommenderMixin,
    X: Any,
    test: Any,
    k: int,
    *,
    times: Any = None,
    groups: Any = None,
    random_state: int = 0,
) -> Evaluation:
    """Fit a model, list k items for each user with something held out, and judge the lists.

    All items are ranked but those that the user holds in X. Users without history get the popular items.

    Parameters
    ----------
    model : estimator, fitted here
    X : csr_array (n_users, n_items), what is learned from
    test, k, groups, random_state : as for `judge`
    times : csr_array, same pattern as X, optional
    """
    began = time.perf_counter()
    model.fit(X, times=times)
    fitted = time.perf_counter()
    ranked = rank_judged(model, X, test, k, times=times)
    ranked_at = time.perf_counter()
    judgement = judge(ranked, X, test, k, groups=groups, random_state=random_state)
    return Evaluation(judgement, fitted - began, ranked_at - fitted)


def rank_judged(
    model: RecommenderMixin, X: Any, test: Any, k: int, *, times: Any = None
) -> NDArray[np.int32]:
    """Lists of a fitted model for the users with something held out, as `judge` takes them; none for others.

    model, X, test, k, times : as for `evaluate`, which fits and judges as well
    """
    X, times = held(X, times)
    judged = _users_with_relevant(positive(test))
    judged_times = None if times is None else times[judged]
    ranked = np.full((X.shape[0], k), -1, dtype=np.int32)
    ranked[judged] = rank(model, X[judged], k, times=judged_times, popularity=Popularity().fit(X))
    return ranked


def judge(
    ranked: Any, X: Any, test: Any, k: int, *, groups: Any = None, vectors: Any = None, random_state: int = 0
) -> Judgement:
    """Measure ready-made lists by what was held out from their users.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), best first, no item twice, -1 for an empty slot
    X : csr_array (any number of users, n_items), above 0 where an item is held: what was learned from
        It tells which items are popular. Its columns are the items that could be listed.
    test : csr_array (n_users, >= n_items), above 0 where an item that was held out is relevant
        Columns beyond those of X are items that the lists cannot hold: each one is a miss.
    k : int >= 1
    groups : int array of shape (n_users,), -1 for users who belong to none, optional
    vectors : sparse or dense (n_items, d), optional
        What the similarity of two items is taken from. Default: who holds them in X.
    random_state : int, of the intervals
    """
    X, relevant = positive(X), positive(test)
    ranked = _checked_lists(ranked, X.shape[1], relevant.shape)
    groups = _checked_groups(groups, relevant.shape[0])
    users = _users_with_relevant(relevant)
    ranked, relevant, groups = ranked[users], relevant[users], groups[users]
    vectors = X.astype(np.bool_).T if vectors is None else vectors
    per_user = {
        "recall": recall_at_k(ranked, relevant, k),
        "ndcg": ndcg_at_k(ranked, relevant, k),
        "hit_rate": hit_rate_at_k(ranked, relevant, k),
        "mrr": reciprocal_rank_at_k(ranked, relevant, k),
        "novelty": novelty_at_k(ranked, X, k),
        "intra_list_similarity": intra_list_similarity_at_k(ranked, vectors, k),
    }
    of_all_lists = {
        "coverage": coverage_at_k(ranked, X.shape[1], k),
        "gini": exposure_gini_at_k(ranked, X.shape[1], k),
    }
    return Judgement(
        users=users,
        n_items=X.shape[1],
        figures=_means(per_user, random_state)
        | {name: Figure(value, float("nan"), float("nan")) for name, value in of_all_lists.items()},
        groups={
            int(group): _group(per_user, groups == group, random_state)
            for group in np.unique(groups[groups >= 0])
        },
        per_user=per_user,
    )


def rank(
    model: RecommenderMixin, X: csr_array, k: int, *, times: csr_array | None = None, popularity: Popularity
) -> NDArray[np.int32]:
    """Each user's k items of a fitted model; those of `popularity` for users who hold nothing."""
    ranked, _ = model.recommend(X, k, times=times)
    new = np.flatnonzero(X.count_nonzero(axis=1) == 0)
    ranked[new], _ = popularity.recommend(X[new], k)
    return ranked


def _users_with_relevant(relevant: csr_array) -> NDArray[np.int64]:
    users: NDArray[np.int64] = np.flatnonzero(np.diff(relevant.indptr))
    return users


def _checked_lists(ranked: Any, n_items: int, relevant_shape: tuple[int, int]) -> NDArray[np.int64]:
    lists: NDArray[np.int64] = np.asarray(ranked, dtype=np.int64)
    if lists.ndim != 2 or lists.shape[0] != relevant_shape[0]:
        raise ValueError(
            f"ranked must have a list for each of {relevant_shape[0]} users, got shape {lists.shape}"
        )
    if relevant_shape[1] < n_items:
        raise ValueError(f"test must have at least the {n_items} columns of X, got {relevant_shape[1]}")
    if lists.size and not -1 <= lists.min() <= lists.max() < n_items:
        raise ValueError(f"ranked must lie in [-1, {n_items}), got {lists.min()} to {lists.max()}")
    ascending = np.sort(lists, axis=1)
    twice = ((np.diff(ascending, axis=1) == 0) & (ascending[:, 1:] >= 0)).any(axis=1)
    if twice.any():
        user = np.flatnonzero(twice)[0]
        raise ValueError(f"no list may hold an item twice, that of user {user} does: {lists[user].tolist()}")
    return lists


def _checked_groups(groups: Any, n_users: int) -> NDArray[np.int64]:
    if groups is None:
        return np.full(n_users, -1, dtype=np.int64)
    numbers: NDArray[np.int64] = np.asarray(groups, dtype=np.int64)
    if numbers.shape != (n_users,):
        raise ValueError(f"groups must have one group for each of {n_users} users, got shape {numbers.shape}")
    return numbers


def _group(per_user: dict[str, NDArray[np.float64]], members: NDArray[np.bool_], random_state: int) -> Group:
    figures = _means({name: per_user[name][members] for name in GROUP_METRICS}, random_state)
    return Group(int(np.count_nonzero(members)), figures)


def _means(per_user: dict[str, NDArray[np.float64]], random_state: int) -> dict[str, Figure]:
    columns = np.column_stack(list(per_user.values()))
    return dict(zip(per_user, mean_figures(columns, random_state=random_state), strict=True))
