"""The house model: ridge regression from what a user held before to the item that came next.

A user's history i_0, ..., i_(n-1) gives one training row for each step t >= 1: features h_t, in which an
item of the past weighs decay^(age), and target e_(i_t), the item that came next, with row weight

    w_t = n^(-length_power) * recency^(n - 1 - t).

With all features in F, targets in T and row weights in the diagonal W, the model is (F'WF + ridge I)^-1 F'WT.
Neither F nor its decayed rows are ever built: both products are sums over pairs of positions in a history.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from recommender.engine.base import ItemWeightsMixin
from recommender.engine.histories import Histories, ages, ordered_histories
from recommender.engine.setwise import set_gram, set_weights


class NextItemStatistics(NamedTuple):
    """What a fit needs to know of the users: sums over users, so that users can be added and taken out.

    gram : float64 ndarray of shape (n_items, n_items), F'WF
    cross : float64 ndarray of shape (n_items, n_items), F'WT
    """

    gram: NDArray[np.float64]
    cross: NDArray[np.float64]


class NextItemRidge(ItemWeightsMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by ridge regression of the next item on the decayed history.

    Without `times` there is no next item; fit then learns each item from all others (EASE, see `setwise`),
    with the same `ridge` and `length_power`. A model fitted with times reads a history given without them
    as a set: every item counts as if it were the last one.

    Parameters
    ----------
    decay : float in (0, 1], weight of an item relative to the item that came after it
    ridge : float > 0
    length_power : float >= 0
        A history of n items weighs n^(-length_power) per step: 0 lets long histories speak most, 1 gives each
        user about one voice.
    recency : float in (0, 1], weight of a step relative to the step after it

    Attributes
    ----------
    weights_ : float32 ndarray of shape (n_items, n_items), row = item held, column = item scored
    decay_ : float, the decay that scoring uses: `decay` after a fit with times, else 1

    References
    ----------
    Choe, Kang, Lee and Kim (2021), "Session-aware linear item-item models", doi:10.1145/3442381.3450005,
    section 4.2: SLIT, of which this is the form with one next item and geometric weights.
    """

    def __init__(
        self, decay: float = 0.7, ridge: float = 10.0, length_power: float = 0.5, recency: float = 1.0
    ) -> None:
        self.decay = decay
        self.ridge = ridge
        self.length_power = length_power
        self.recency = recency

    def fit(self, X: Any, y: Any = None, *, times: Any = None) -> Self:
        """Sum the statistics over users and solve once."""
        X, times = self._checked(X, times, reset=True)
        self._check_hyperparameters()
        if times is None:
            self.decay_ = 1.0
            self.weights_ = set_weights(set_gram(X, length_power=self.length_power), ridge=self.ridge)
            return self
        self.decay_ = self.decay
        statistics = next_item_statistics(
            ordered_histories(times),
            X.shape[1],
            decay=self.decay,
            length_power=self.length_power,
            recency=self.recency,
        )
        self.weights_ = next_item_weights(statistics, ridge=self.ridge)
        return self

    def search_grid(self, ordered: bool) -> dict[str, tuple[float, ...]]:
        """Values worth trying; only a history in order has a decay and a recency."""
        ridge = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0)
        length_power = (0.0, 0.25, 0.5, 0.75, 1.0)
        if not ordered:
            return {"ridge": ridge, "length_power": length_power}
        return {
            "decay": (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0),
            "ridge": ridge,
            "length_power": length_power,
            "recency": (0.7, 0.8, 0.9, 0.95, 1.0),
        }

    def _features(self, X: csr_array, times: csr_array | None) -> csr_array:
        if times is None or self.decay_ == 1:
            return X
        weights = np.power(self.decay_, ages(times)).astype(np.float32)
        return csr_array((weights, X.indices, X.indptr), shape=X.shape)

    def _check_hyperparameters(self) -> None:
        if not 0 < self.decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {self.decay}")
        if not self.ridge > 0:
            raise ValueError(f"ridge must be > 0, got {self.ridge}")
        if not self.length_power >= 0:
            raise ValueError(f"length_power must be >= 0, got {self.length_power}")
        if not 0 < self.recency <= 1:
            raise ValueError(f"recency must be in (0, 1], got {self.recency}")


def next_item_statistics(
    histories: Histories, n_items: int, *, decay: float, length_power: float, recency: float
) -> NextItemStatistics:
    """F'WF and F'WT of the module's model, as sums over pairs of positions in a history.

    For positions p <= q F'WF gains decay^(q-p) S_q at (i_p, i_q), where S_q sums w_t decay^(2(t-1-q)) over
    the steps t after q, so that S_q = w_(q+1) + decay^2 S_(q+1). F'WT gains decay^(q-1-p) w_q at (i_p, i_q)
    for p < q. It goes lag q - p by lag, up to where the decay is below the precision of a float.
    """
    starts, items = histories
    lengths = np.diff(starts)
    position = np.arange(items.size) - np.repeat(starts[:-1], lengths)
    after = np.repeat(lengths, lengths) - 1 - position
    length_weight = np.repeat(np.maximum(lengths, 1) ** -float(length_power), lengths)
    longest = int(lengths.max(initial=0))

    as_target = length_weight * _powers(recency, longest)[after]
    as_past = length_weight * _suffix_sums(decay, recency, longest)[after]
    gram = np.zeros((n_items, n_items))
    cross = np.zeros((n_items, n_items))
    later = np.arange(items.size)
    for lag in range(1, longest):
        if decay ** (lag - 1) < np.finfo(np.float64).eps:
            break
        later = later[position[later] >= lag]
        cells = items[later - lag] * n_items + items[later]
        np.add.at(gram.reshape(-1), cells, decay**lag * as_past[later])
        np.add.at(cross.reshape(-1), cells, decay ** (lag - 1) * as_target[later])

    gram += gram.T
    gram.flat[:: n_items + 1] += np.bincount(items, weights=as_past, minlength=n_items)
    return NextItemStatistics(gram, cross)


def next_item_weights(statistics: NextItemStatistics, *, ridge: float) -> NDArray[np.float32]:
    """(F'WF + ridge I)^-1 F'WT by one Cholesky factorisation."""
    system = statistics.gram.copy()
    system.flat[:: system.shape[0] + 1] += ridge
    factor = cho_factor(system, overwrite_a=True, check_finite=False)
    weights = cho_solve(factor, statistics.cross, check_finite=False)
    return np.ascontiguousarray(weights, dtype=np.float32)


def _powers(base: float, n: int) -> NDArray[np.float64]:
    return np.power(float(base), np.arange(n, dtype=np.float64))


def _suffix_sums(decay: float, recency: float, longest: int) -> NDArray[np.float64]:
    """S of a position by the number of positions after it, for a history of weight 1."""
    sums = np.zeros(longest)
    for after in range(1, longest):
        sums[after] = recency ** (after - 1) + decay**2 * sums[after - 1]
    return sums
