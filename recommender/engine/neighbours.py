"""Item neighbours: items are alike when the same users hold them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from sklearn.base import BaseEstimator

from recommender.engine.base import LinearMixin
from recommender.engine.features import FeatureSpace
from recommender.engine.histories import wanted
from recommender.engine.statistics import MOST_DENSE_ITEMS, Statistics, SummedMixin, set_gram

# Where users were taken out of the sums, rounding leaves less than this of what only they held.
RESIDUE = 1e-9


class ItemNeighbours(SummedMixin, LinearMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by its summed similarity to the items held.

    The similarity of a held item i to an item j, where c_ij sums x_ui x_uj n_u^(-user_power) over the users u
    who hold both, each of them n_u items, is

        c_ij / (c_ii^held_power c_jj^scored_power + shrinkage).

    With powers 0, 1/2, 1/2 this is the cosine, drawn towards zero where it rests on little; with powers 1, 1
    and beta it is RP3beta, three steps of a random walk that leaves popular items with the power beta. A
    `user_power` above 0 trusts users with short histories more.

    Parameters
    ----------
    user_power, held_power, scored_power : float >= 0
    shrinkage : float >= 0
    decay : float in (0, 1]
        When scoring histories with times, an item weighs decay times the item that came after it.

    Attributes
    ----------
    similarity_ : float32 ndarray (n_items, n_items), row = item held, column = item scored, diagonal 0
    starts_, columns_, values_ : above `MOST_DENSE_ITEMS` items the same as the three arrays of a csr_array

    References
    ----------
    Sarwar, Karypis, Konstan and Riedl (2001), doi:10.1145/371920.372071, section 3.1.1 (cosine).
    Bell and Koren (2007), doi:10.1109/ICDM.2007.90, section 4.1 (shrinkage).
    Christoffel, Paudel, Newell and Bernstein (2015), doi:10.1145/2792838.2800180 (RP3beta).
    """

    def __init__(
        self,
        user_power: float = 0.5,
        held_power: float = 0.6,
        scored_power: float = 0.4,
        shrinkage: float = 0.0,
        decay: float = 1.0,
    ) -> None:
        self.user_power = user_power
        self.held_power = held_power
        self.scored_power = scored_power
        self.shrinkage = shrinkage
        self.decay = decay

    def prepare(self, X: csr_array, times: csr_array | None) -> None:
        """Check the hyperparameters."""
        self._check_hyperparameters()

    def statistics(self, X: csr_array, times: csr_array | None) -> Statistics:
        """All c_ij, sparse above `MOST_DENSE_ITEMS` items; order counts in scoring only."""
        X, _ = wanted(X)
        if X.shape[1] <= MOST_DENSE_ITEMS:
            return {"together": set_gram(X, length_power=self.user_power)}
        lengths = np.maximum(np.diff(X.indptr), 1)
        return {"together": csr_array(X.T @ (diags_array(lengths ** -float(self.user_power)) @ X))}

    def fit_statistics(self, statistics: Statistics) -> Self:
        """Compare all pairs of items that somebody holds together."""
        together = statistics.pop("together")
        for name in ("similarity_", "starts_", "columns_", "values_"):
            self.__dict__.pop(name, None)
        own = together.diagonal()
        own = np.where(own > RESIDUE, own, 0.0)
        held, scored = own**self.held_power, own**self.scored_power
        if isinstance(together, np.ndarray):
            self.similarity_ = self._dense(together, held, scored)
        else:
            self.starts_, self.columns_, self.values_ = self._sparse(together, held, scored)
        self.decay_ = float(self.decay)
        return self

    def _dense(
        self, together: NDArray[np.float64], held: NDArray[Any], scored: NDArray[Any]
    ) -> NDArray[np.float32]:
        similarity = np.zeros(together.shape, dtype=np.float32)
        for row, c in enumerate(together):
            bounds = held[row] * scored + self.shrinkage
            np.divide(c, bounds, out=similarity[row], where=c > RESIDUE, casting="same_kind")
        np.fill_diagonal(similarity, 0)
        return similarity

    def _sparse(
        self, together: csr_array, held: NDArray[Any], scored: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float32]]:
        similarity = together.copy()
        similarity.data[similarity.data <= RESIDUE] = 0
        similarity.eliminate_zeros()
        row = np.repeat(np.arange(held.size), np.diff(similarity.indptr))
        similarity.data /= held[row] * scored[similarity.indices] + self.shrinkage
        similarity.setdiag(0)
        similarity.eliminate_zeros()
        similarity.sort_indices()
        return similarity.indptr, similarity.indices, similarity.data.astype(np.float32)

    @property
    def weights_(self) -> Any:
        """The similarities, shape (n_items, n_items)."""
        if hasattr(self, "similarity_"):
            return self.similarity_
        n_items = self.starts_.size - 1
        return csr_array((self.values_, self.columns_, self.starts_), shape=(n_items, n_items))

    def feature_space(self) -> FeatureSpace:
        """Items by age."""
        return FeatureSpace(self.weights_.shape[1], (self.decay_,))

    def search_grid(self, ordered: bool) -> dict[str, tuple[Any, ...]]:
        """Values worth trying; only a history in order has a decay."""
        powers = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
        grid: dict[str, tuple[Any, ...]] = {
            "scored_power": (0.0, 0.1, *powers),
            "held_power": powers,
            "user_power": (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0),
            "shrinkage": (0.0, 0.01, 0.1, 1.0, 10.0, 100.0),
        }
        return {"decay": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)} | grid if ordered else grid

    def _check_hyperparameters(self) -> None:
        for name in ("user_power", "held_power", "scored_power", "shrinkage"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        if not 0 < self.decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {self.decay}")
