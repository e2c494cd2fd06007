"""Popularity: the same scores for everybody, and the bar that every other model has to clear."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from recommender.engine.base import RecommenderMixin


class Popularity(RecommenderMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by the share of users who hold it.

    Attributes
    ----------
    share_ : float32 ndarray of shape (n_items,), in [0, 1]

    Examples
    --------
    >>> Popularity().fit([[1, 1, 0], [1, 0, 0]]).share_
    array([1. , 0.5, 0. ], dtype=float32)
    """

    def fit(self, X: Any, y: Any = None, *, times: Any = None) -> Self:
        """Count who holds each item; `times` is ignored."""
        X, _ = self._checked(X, times, reset=True)
        self.share_ = (np.bincount(X.indices, minlength=X.shape[1]) / X.shape[0]).astype(np.float32)
        return self

    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """The same scores for each user of X, shape (n_users, n_items)."""
        check_is_fitted(self)
        X, _ = self._checked(X, times, reset=False)
        return np.tile(self.share_, (X.shape[0], 1))
