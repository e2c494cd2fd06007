"""Judges a model by what users did after the part of their histories that it learned from."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.base import RecommenderMixin
from recommender.engine.metrics import coverage_at_k, hit_rate_at_k, ndcg_at_k, recall_at_k
from recommender.engine.popularity import Popularity


class Evaluation(NamedTuple):
    """Means over the users with something held out; coverage is the share of items in any of their lists."""

    n_users: int
    n_items: int
    recall: float
    ndcg: float
    hit_rate: float
    coverage: float
    fit_seconds: float
    recommend_seconds: float


def evaluate(model: RecommenderMixin, X: Any, test: Any, k: int, *, times: Any = None) -> Evaluation:
    """Fit a model, list k items for each user with something held out, and measure the lists.

    All items are ranked but those that the user holds in X. Users without history get the popular items.

    Parameters
    ----------
    model : estimator, fitted here
    X : csr_array (n_users, n_items), what is learned from
    test : csr_array (n_users, >= n_items), what was held out
        Columns beyond those of X are items that the model cannot know: each one is a miss.
    k : int >= 1
    times : csr_array, same pattern as X, optional
    """
    began = time.perf_counter()
    model.fit(X, times=times)
    fitted = time.perf_counter()
    judged = np.flatnonzero(np.diff(test.indptr))
    judged_times = None if times is None else times[judged]
    ranked = rank(model, X[judged], k, times=judged_times, popularity=Popularity().fit(X))
    ranked_at = time.perf_counter()
    relevant = test[judged]
    return Evaluation(
        n_users=judged.size,
        n_items=X.shape[1],
        recall=_mean(recall_at_k(ranked, relevant, k)),
        ndcg=_mean(ndcg_at_k(ranked, relevant, k)),
        hit_rate=_mean(hit_rate_at_k(ranked, relevant, k)),
        coverage=coverage_at_k(ranked, X.shape[1], k),
        fit_seconds=fitted - began,
        recommend_seconds=ranked_at - fitted,
    )


def rank(
    model: RecommenderMixin, X: csr_array, k: int, *, times: csr_array | None = None, popularity: Popularity
) -> NDArray[np.int32]:
    """Each user's k items of a fitted model; those of `popularity` for users who hold nothing."""
    ranked, _ = model.recommend(X, k, times=times)
    new = np.flatnonzero(np.diff(X.indptr) == 0)
    ranked[new], _ = popularity.recommend(X[new], k)
    return ranked


def _mean(figures: NDArray[np.float64]) -> float:
    return float(figures.mean()) if figures.size else float("nan")
