"""Popularity: the same scores for everybody, and the bar that every other model has to clear."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from recommender.engine.base import Contributions, checked_items
from recommender.engine.histories import wanted
from recommender.engine.statistics import Statistics, SummedMixin


class Popularity(SummedMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by how much users hold it, lately most.

    Parameters
    ----------
    half_life : float > 0 or None
        An entry that is older than the newest one by this share of the whole span of `times` counts half.
        None, or no times: all count the same.

    Attributes
    ----------
    share_ : float32 ndarray of shape (n_items,), the summed weight of the item's entries per user

    Examples
    --------
    >>> Popularity().fit([[1, 1, 0], [1, 0, 0]]).share_
    array([1. , 0.5, 0. ], dtype=float32)
    """

    def __init__(self, half_life: float | None = None) -> None:
        self.half_life = half_life

    @property
    def is_lasting(self) -> bool:
        """Without a half-life: what is old is counted from the newest entry of all."""
        return self.half_life is None

    def prepare(self, X: csr_array, times: csr_array | None) -> None:
        """Check the half-life and note which times it is counted in."""
        if self.half_life is not None and not self.half_life > 0:
            raise ValueError(f"half_life must be > 0 or None, got {self.half_life}")
        self.span_ = np.zeros(2)
        _, times = wanted(X, times)
        if times is not None and times.nnz:
            self.span_ = np.array([times.data.min(), times.data.max()])

    def statistics(self, X: csr_array, times: csr_array | None) -> Statistics:
        """What users hold of each item, and how many users there are."""
        n_users, n_items = X.shape
        X, times = wanted(X, times)
        counts = X.data.astype(np.float64)
        oldest, newest = self.span_
        if self.half_life is not None and times is not None and newest > oldest:
            counts *= 0.5 ** ((newest - times.data) / (self.half_life * (newest - oldest)))
        return {
            "held": np.bincount(X.indices, counts, minlength=n_items).astype(np.float64),
            "n_users": np.array([float(n_users)]),
        }

    def fit_statistics(self, statistics: Statistics) -> Self:
        """Shares of the users that the statistics were summed over."""
        self.share_ = (statistics["held"] / max(1.0, statistics["n_users"][0])).astype(np.float32)
        return self

    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """The same scores for each user of X, shape (n_users, n_items)."""
        check_is_fitted(self)
        X, _ = self._checked(X, times, reset=False)
        return np.tile(self.share_, (X.shape[0], 1))

    def contributions(self, X: Any, items: Any, *, times: Any = None) -> Contributions:
        """All of it is fallback: no item held has a share."""
        check_is_fitted(self)
        X, _ = self._checked(X, times, reset=False)
        items = checked_items(items, *X.shape)
        return Contributions(csr_array(X.shape, dtype=np.float64), self.share_[items].astype(np.float64))

    def _scores_at(
        self, X: csr_array, items: NDArray[np.int32], times: csr_array | None
    ) -> NDArray[np.float64]:
        return np.where(items < 0, np.nan, self.share_[items])

    def search_grid(self, ordered: bool) -> dict[str, tuple[Any, ...]]:
        """Half-lives worth trying."""
        return {"half_life": (0.03, 0.1, 0.3, None)} if ordered else {}
