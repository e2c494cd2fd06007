"""The house model: ridge regression from what a user held before to the item that came next.

A user's history i_0, ..., i_(n-1) gives one training row for each step t >= 1: features of what came before
(see `features`), target e_(i_t), the item that came next, with a row weight (see `statistics`). With all
features in F, targets in T and row weights in the diagonal W, the model is (F'WF + R)^-1 F'WT.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from recommender.engine.base import LinearMixin
from recommender.engine.cholesky import factorise, solve
from recommender.engine.ease import ease_weights
from recommender.engine.features import NO_PAIRS, FeatureSpace, frequent_pairs
from recommender.engine.histories import ordered_histories, wanted
from recommender.engine.statistics import (
    NextItemWeights,
    Statistics,
    SummedMixin,
    next_item_statistics,
    rounded,
    set_gram,
)


class NextItemRidge(SummedMixin, LinearMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by ridge regression of the next item on the history.

    Without `times` there is no next item; fit then learns each item from all others (EASE, see `ease`), with
    the same `ridge` and `length_power`. A model fitted with times reads a history given without them as a
    set: every item counts as if it were the last one.

    Parameters
    ----------
    decays : tuple of float in (0, 1], one block of features each
        Weight of an item relative to the item that came after it.
    n_pairs : int >= 0
        So many pairs of items get a feature of their own, fewer where few are held by enough users.
    ridge : float > 0, of the blocks
    pair_ridge : float > 0, of the pairs
    length_power : float >= 0
        A history of n items weighs n^(-length_power) per step: 0 lets long histories speak most, 1 gives each
        user about one voice.
    recency : float in (0, 1], weight of a step relative to the step after it

    Attributes
    ----------
    weights_ : float32 ndarray of shape (n_features, n_items), row = feature of what is held, column = item
        scored
    pairs_ : int64 ndarray of shape (at most n_pairs,), the pairs with a feature (see `features`)
    decays_ : float64 ndarray, the decays that scoring uses: `decays` after a fit with times, else [1]

    References
    ----------
    Choe, Kang, Lee and Kim (2021), "Session-aware linear item-item models", doi:10.1145/3442381.3450005,
    section 4.2: SLIT, of which this is the form with one next item and geometric weights.
    """

    def __init__(
        self,
        decays: tuple[float, ...] = (0.3, 0.9),
        n_pairs: int = 1500,
        ridge: float = 30.0,
        pair_ridge: float = 100.0,
        length_power: float = 0.35,
        recency: float = 0.95,
    ) -> None:
        self.decays = decays
        self.n_pairs = n_pairs
        self.ridge = ridge
        self.pair_ridge = pair_ridge
        self.length_power = length_power
        self.recency = recency

    def n_features(self, n_items: int) -> int:
        """Features that a fit with times has to be solved for, at most."""
        return len(self.decays) * n_items + self.n_pairs

    def prepare(self, X: csr_array, times: csr_array | None) -> None:
        """Check the hyperparameters and choose the pairs."""
        self._check_hyperparameters()
        self.decays_, self.pairs_ = np.ones(1), NO_PAIRS
        if times is not None:
            self.decays_ = np.array(self.decays, dtype=np.float64)
            self.pairs_ = frequent_pairs(ordered_histories(*wanted(X, times)), X.shape[1], self.n_pairs)

    def statistics(self, X: csr_array, times: csr_array | None) -> Statistics:
        """Sums over all steps, or the weighted Gram matrix where there is no order."""
        if times is None:
            return {"gram": set_gram(X, length_power=self.length_power)}
        space = FeatureSpace(X.shape[1], tuple(self.decays_.tolist()), self.pairs_)
        return next_item_statistics(X, times, space, NextItemWeights(self.length_power, self.recency))

    def fit_statistics(self, statistics: Statistics) -> Self:
        """Solve for the users that the statistics were summed over."""
        if "cross" not in statistics:
            self.weights_ = ease_weights(statistics.pop("gram"), self.ridge)
            return self
        # The sums are the largest arrays of a fit, and are never held twice.
        system, self.weights_ = rounded(statistics.pop("gram")), rounded(statistics.pop("cross"))
        ridge = np.full(system.shape[0], self.pair_ridge, dtype=np.float32)
        ridge[: self.weights_.shape[1] * self.decays_.size] = self.ridge
        system.flat[:: ridge.size + 1] += ridge
        factorise(system)
        solve(system, self.weights_)
        return self

    def feature_space(self) -> FeatureSpace:
        """Items by age, and pairs."""
        return FeatureSpace(self.weights_.shape[1], tuple(self.decays_.tolist()), self.pairs_)

    def search_grid(self, ordered: bool) -> dict[str, tuple[Any, ...]]:
        """Values worth trying; only a history in order has decays, pairs and a recency."""
        ridge = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
        length_power = (0.0, 0.2, 0.35, 0.5, 0.75, 1.0)
        if not ordered:
            return {"ridge": ridge, "length_power": length_power}
        # More pairs gained 0.6% in NDCG on a large set, for twice the memory.
        return {
            "decays": ((0.3,), (0.5,), (0.7,), (0.3, 0.9), (0.5, 0.95), (0.7, 0.97), (0.85, 1.0)),
            "ridge": ridge,
            "length_power": length_power,
            "n_pairs": (0, 500, 1500),
            "pair_ridge": (10.0, 30.0, 100.0, 300.0, 1000.0),
            "recency": (0.8, 0.9, 0.95, 1.0),
        }

    def _check_hyperparameters(self) -> None:
        if not len(self.decays) or not all(0 < decay <= 1 for decay in self.decays):
            raise ValueError(f"decays must hold numbers in (0, 1], got {self.decays}")
        for name in ("ridge", "pair_ridge"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be > 0, got {getattr(self, name)}")
        for name in ("n_pairs", "length_power"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        if not 0 < self.recency <= 1:
            raise ValueError(f"recency must be in (0, 1], got {self.recency}")
