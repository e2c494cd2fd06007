"""Item neighbours: items are alike when the same users hold them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, diags_array
from sklearn.base import BaseEstimator

from recommender.engine.base import LinearMixin
from recommender.engine.features import FeatureSpace
from recommender.engine.histories import wanted
from recommender.engine.statistics import Statistics, SummedMixin


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
    starts_, columns_, values_ : the similarities, float32, as the three arrays of a csr_array of shape
        (n_items, n_items); row = item held, column = item scored, zero diagonal

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
        """All c_ij, sparse; order counts in scoring only."""
        X, _ = wanted(X)
        lengths = np.maximum(np.diff(X.indptr), 1)
        weighted = diags_array(lengths ** -float(self.user_power)) @ X
        return {"together": csr_array(X.T @ weighted)}

    def fit_statistics(self, statistics: Statistics) -> Self:
        """Compare all pairs of items that somebody holds together."""
        together = csr_array(statistics["together"])
        together.sort_indices()
        held = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
        own = together.diagonal()
        bounds = own[held] ** self.held_power * own[together.indices] ** self.scored_power + self.shrinkage
        similarity = csr_array((together.data / bounds, together.indices, together.indptr), together.shape)
        similarity.setdiag(0)
        similarity.eliminate_zeros()
        self.starts_, self.columns_ = similarity.indptr, similarity.indices
        self.values_ = similarity.data.astype(np.float32)
        self.decay_ = float(self.decay)
        return self

    @property
    def weights_(self) -> csr_array:
        """The similarities, sparse."""
        n_items = self.starts_.size - 1
        return csr_array((self.values_, self.columns_, self.starts_), shape=(n_items, n_items))

    def feature_space(self) -> FeatureSpace:
        """Items by age."""
        return FeatureSpace(self.starts_.size - 1, (self.decay_,))

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
