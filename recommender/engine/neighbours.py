"""Item neighbours: items are alike when the same users hold them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from recommender.engine.base import ItemWeightsMixin


class ItemNeighbours(ItemWeightsMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by its summed similarity to the items held.

    The similarity of items i and j, held by n_i and n_j users of whom n_ij hold both, is the cosine of their
    columns drawn towards zero where it rests on few users: n_ij / (sqrt(n_i n_j) + shrinkage).

    Parameters
    ----------
    shrinkage : float >= 0, in users

    Attributes
    ----------
    weights_ : float32 ndarray of shape (n_items, n_items), in [0, 1], symmetric, zero diagonal

    References
    ----------
    Sarwar, Karypis, Konstan and Riedl (2001), doi:10.1145/371920.372071, section 3.1.1 (cosine).
    Bell and Koren (2007), doi:10.1109/ICDM.2007.90, section 4.1 (shrinkage).
    """

    def __init__(self, shrinkage: float = 10.0) -> None:
        self.shrinkage = shrinkage

    def fit(self, X: Any, y: Any = None, *, times: Any = None) -> Self:
        """Compare all pairs of items; `times` is ignored."""
        X, _ = self._checked(X, times, reset=True)
        if not self.shrinkage >= 0:
            raise ValueError(f"shrinkage must be >= 0, got {self.shrinkage}")
        together = (X.T @ X).toarray().astype(np.float64)
        norms = np.sqrt(together.diagonal())
        bounds = np.outer(norms, norms) + self.shrinkage
        np.fill_diagonal(together, 0.0)
        # Where the bound is 0 nobody holds one of the two, and nothing divided by nothing is no likeness.
        similarity = np.divide(together, bounds, out=together, where=bounds > 0)
        self.weights_ = np.ascontiguousarray(similarity, dtype=np.float32)
        return self

    def search_grid(self, ordered: bool) -> dict[str, tuple[float, ...]]:
        """Values of the shrinkage worth trying."""
        return {"shrinkage": (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)}
