"""Learning from histories without order: each item from all the others (EASE), with three refinements.

Where nothing says what came next, an item must not help to predict itself: the weights B minimise
||X - X B||^2 + sum over i of r_i ||B_i||^2 with a zero diagonal, which has a closed form.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from recommender.engine.base import LinearMixin
from recommender.engine.cholesky import factorise, solve
from recommender.engine.features import FeatureSpace
from recommender.engine.statistics import Statistics, SummedMixin, rounded, set_gram

PANEL = 2048  # columns of the inverse that exist at a time


class Ease(SummedMixin, LinearMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by ridge regression of each item on all the others.

    Parameters
    ----------
    ridge : float > 0, the same for all items
    popularity_ridge : float >= 0
        Further ridge in units of the item's diagonal of the Gram matrix:
        r_i = ridge + popularity_ridge * G_ii.
    length_power : float >= 0
        A user who holds n items weighs n^(-length_power).
    popularity_power : float
        Column i of the weights is scaled by G_ii to this power: below 0 rare items gain.
    decay : float in (0, 1]
        When scoring histories with times, an item weighs decay times the item that came after it.

    Attributes
    ----------
    weights_ : float32 ndarray of shape (n_items, n_items), row = item held, column = item scored, diagonal 0

    References
    ----------
    Steck (2019), "Embarrassingly shallow autoencoders for sparse data", doi:10.1145/3308558.3313710, eq. 8.
    Steck (2020), "Autoencoders that don't overfit towards the identity", NeurIPS: ridge by popularity.
    """

    def __init__(
        self,
        ridge: float = 10.0,
        popularity_ridge: float = 0.3,
        length_power: float = 0.5,
        popularity_power: float = -0.1,
        decay: float = 1.0,
    ) -> None:
        self.ridge = ridge
        self.popularity_ridge = popularity_ridge
        self.length_power = length_power
        self.popularity_power = popularity_power
        self.decay = decay

    def prepare(self, X: csr_array, times: csr_array | None) -> None:
        """Check the hyperparameters."""
        self._check_hyperparameters()

    def statistics(self, X: csr_array, times: csr_array | None) -> Statistics:
        """The weighted Gram matrix; order counts in scoring only."""
        return {"gram": set_gram(X, length_power=self.length_power)}

    def fit_statistics(self, statistics: Statistics) -> Self:
        """Solve for the users that the statistics were summed over."""
        self.weights_ = ease_weights(
            statistics.pop("gram"), self.ridge, self.popularity_ridge, self.popularity_power
        )
        self.decay_ = float(self.decay)
        return self

    def feature_space(self) -> FeatureSpace:
        """Items by age."""
        return FeatureSpace(self.weights_.shape[1], (self.decay_,))

    def search_grid(self, ordered: bool) -> dict[str, tuple[Any, ...]]:
        """Values worth trying; only a history in order has a decay."""
        grid: dict[str, tuple[Any, ...]] = {
            "ridge": (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
            "popularity_ridge": (0.0, 0.03, 0.1, 0.3, 1.0, 3.0),
            "popularity_power": (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2),
            "length_power": (0.0, 0.25, 0.5, 0.75, 1.0),
        }
        return {"decay": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)} | grid if ordered else grid

    def _check_hyperparameters(self) -> None:
        if not self.ridge > 0:
            raise ValueError(f"ridge must be > 0, got {self.ridge}")
        for name in ("popularity_ridge", "length_power"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        if not 0 < self.decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {self.decay}")


def ease_weights(
    gram: NDArray[np.float64], ridge: float, popularity_ridge: float = 0.0, popularity_power: float = 0.0
) -> NDArray[np.float32]:
    """B = I - P / diag(P) with P = (G + diag(r))^-1, each column scaled; Steck's equation 8.

    The sums are used up.
    """
    n_items = gram.shape[0]
    diagonal = gram.diagonal().copy()
    system = rounded(gram)
    system.flat[:: n_items + 1] = diagonal * (1 + popularity_ridge) + ridge
    factorise(system)
    # Items that nobody holds have a column of zeros whatever it is scaled by.
    scale = np.power(np.where(diagonal > 0, diagonal, 1.0), popularity_power)
    weights = np.empty((n_items, n_items), dtype=np.float32)
    for start in range(0, n_items, PANEL):
        columns = np.arange(start, min(start + PANEL, n_items))
        panel = np.zeros((n_items, columns.size), dtype=np.float32)
        panel[columns, columns - start] = 1.0
        solve(system, panel)
        own = panel[columns, columns - start]
        weights[:, columns] = panel * (-scale[columns] / own)
    np.fill_diagonal(weights, 0.0)
    return weights
