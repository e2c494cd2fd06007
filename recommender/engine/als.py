"""Matrix factorisation, for catalogues too large for a matrix of items by items.

Each item has a vector of some dozens of numbers, and so has each user; a score is their product. The vectors
of one side follow from those of the other by least squares, one small system for each row, in turn until they
settle. A user's vector is always found anew from what they hold: of the users learned from nothing is kept.

Scores stay as they are when all vectors are rotated, or those of one side made longer and those of the other
shorter. So they are kept in the basis in which the Gram matrix of the side held fixed is diagonal: all that a
row does not hold then adds to the diagonal of its system alone, and a few steps of conjugate gradients,
scaled by what is added, come close to its solution. And they are kept at the lengths that cost the least
ridge, which alternating alone takes many more turns to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from recommender.engine.als_lists import all_dots, best_dots, dots_at
from recommender.engine.als_rows import fold_in, fold_in_shares, improve
from recommender.engine.base import Contributions, RecommenderMixin, checked_items
from recommender.engine.compiled import in_parallel, n_cores
from recommender.engine.histories import wanted

ROWS = 8192  # of a matrix that a thread multiplies at a time


class ImplicitALS(RecommenderMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by the product of its vector y_i and the user's w_u, found by alternating least squares.

    With c_ui > 0 for what user u holds of item i and has not turned down, the vectors minimise

        sum of c_ui (1 - w_u'y_i)^2 over entries + unobserved_weight * sum of (w_u'y_i)^2 over all pairs
            + sum of r_u |w_u|^2 over users + sum of r_i |y_i|^2 over items,

    where r_u is proportional to (sum of c_ui over items + unobserved_weight * n_items)^frequency_power, the
    weight of all terms that the user has a part in, and r_i likewise.

    Parameters
    ----------
    n_factors : int >= 1
        Length of the vectors, and no more than there are users or items: longer ones could say no more.
    n_iterations : int >= 1, how often the items are found from the users
    unobserved_weight : float > 0
        How much it counts that a user does not hold an item, where holding it counts 1.
    ridge : float > 0
        r sums to this times the summed weight of the terms of all users and items, whatever the power.
    frequency_power : float >= 0
        0: the same r for all. 1: r in units of the terms, so that nobody's is outweighed by them.
    random_state : int
        For the vectors of the users to begin with. Those of the items follow, so that their order is of no
        account.

    Attributes
    ----------
    factors_ : float32 ndarray of shape (n_items, length of the vectors), those of the items
    unobserved_ : float64 ndarray of shape (length of the vectors,)
        The diagonal of `unobserved_weight` times the Gram matrix of `factors_`; off the diagonal it is zero.
    ridge_, frequency_power_, unobserved_weight_ : float
        r_u is ridge_ (sum of c_ui over items + unobserved_weight_ * n_items)^frequency_power_.

    References
    ----------
    Hu, Koren and Volinsky (2008), "Collaborative filtering for implicit feedback datasets",
    doi:10.1109/ICDM.2008.22.
    Rendle, Krichene, Zhang and Koren (2022), "Revisiting the performance of iALS on item recommendation
    benchmarks", doi:10.1145/3523227.3548486: the objective, and the scale of the ridge.
    """

    def __init__(
        self,
        n_factors: int = 128,
        n_iterations: int = 6,
        unobserved_weight: float = 0.01,
        ridge: float = 0.006,
        frequency_power: float = 1.0,
        random_state: int = 0,
    ) -> None:
        self.n_factors = n_factors
        self.n_iterations = n_iterations
        self.unobserved_weight = unobserved_weight
        self.ridge = ridge
        self.frequency_power = frequency_power
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, times: Any = None) -> Self:
        """Find items from users and users from items in turn; order does not count."""
        X, _ = self._checked(X, times, reset=True)
        self._check_hyperparameters()
        by_user, _ = wanted(X)
        by_item = csr_array(by_user.T)
        self._set_ridge(by_user, by_item)
        n_factors = min(self.n_factors, *X.shape)
        users = self._side(by_user, _first_vectors(X.shape[0], n_factors, self.random_state))
        items = self._side(by_item, np.zeros((X.shape[1], n_factors), dtype=np.float32))
        # The rows are shared among threads here; those of a BLAS would get in their way.
        with threadpool_limits(1, "blas"):
            _find(items, users, self.unobserved_weight_)
            for _ in range(self.n_iterations - 1):
                _find(users, items, self.unobserved_weight_)
                _find(items, users, self.unobserved_weight_)
            self.unobserved_ = self.unobserved_weight_ * _turn(items, users)
        self.factors_ = items.vectors
        return self

    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """Scores of all items for the users of X, shape (n_users, n_items): higher is better."""
        check_is_fitted(self)
        X, _ = self._checked(X, times, reset=False)
        return all_dots(self._users(X), self.factors_)

    def contributions(self, X: Any, items: Any, *, times: Any = None) -> Contributions:
        """The share of each item held in the score of one item per user; what was turned down has none."""
        check_is_fitted(self)
        X, _ = self._checked(X, times, reset=False)
        items = checked_items(items, *X.shape)
        X, _ = wanted(X)
        shares = np.empty(X.nnz)
        fold_in_shares(*self._system(X), items, shares)
        return Contributions(csr_array((shares, X.indices, X.indptr), shape=X.shape), np.zeros(X.shape[0]))

    def search_grid(self, ordered: bool) -> dict[str, tuple[Any, ...]]:
        """Values worth trying."""
        return {
            "ridge": (0.001, 0.002, 0.004, 0.006, 0.01, 0.015, 0.02, 0.03, 0.05),
            "unobserved_weight": (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2),
            "n_factors": (32, 64, 128, 256),
            "frequency_power": (0.5, 0.75, 1.0),
            "n_iterations": (3, 4, 6, 10, 15),
        }

    def _lists(
        self, X: csr_array, k: int, exclude: csr_array, times: csr_array | None, listable: Any
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        return best_dots(self._users(X), self.factors_, k, exclude, listable)

    def _scores_at(
        self, X: csr_array, items: NDArray[np.int32], times: csr_array | None
    ) -> NDArray[np.float64]:
        return dots_at(self._users(X), self.factors_, items)

    @property
    def _writes_scores(self) -> bool:
        return False

    def _users(self, X: csr_array) -> NDArray[np.float64]:
        """The vectors of the users of X, shape (n_users, n_factors)."""
        users = np.empty((X.shape[0], self.factors_.shape[1]))
        fold_in(*self._system(wanted(X)[0]), users)
        return users

    def _system(self, X: csr_array) -> tuple[NDArray[Any], ...]:
        """What the vectors of the users of X solve, as `fold_in` takes it."""
        return *_entries(X), self.factors_, self.unobserved_, self._ridges(X)

    def _side(self, X: csr_array, vectors: NDArray[np.float32]) -> _Side:
        return _Side(*_entries(X), self._ridges(X).astype(np.float32), vectors)

    def _set_ridge(self, by_user: csr_array, by_item: csr_array) -> None:
        self.unobserved_weight_ = float(self.unobserved_weight)
        self.frequency_power_ = float(self.frequency_power)
        terms = np.concatenate((self._terms(by_user), self._terms(by_item)))
        self.ridge_ = float(self.ridge * terms.sum() / (terms**self.frequency_power_).sum())

    def _ridges(self, X: csr_array) -> NDArray[np.float64]:
        """r of each row of X."""
        ridges: NDArray[np.float64] = self.ridge_ * self._terms(X) ** self.frequency_power_
        return ridges

    def _terms(self, X: csr_array) -> NDArray[np.float64]:
        """The weight of all terms that each row of X has a part in."""
        terms: NDArray[np.float64] = X.sum(axis=1, dtype=np.float64) + self.unobserved_weight_ * X.shape[1]
        return terms

    def _check_hyperparameters(self) -> None:
        for name in ("n_factors", "n_iterations"):
            if not getattr(self, name) >= 1:
                raise ValueError(f"{name} must be >= 1, got {getattr(self, name)}")
        for name in ("unobserved_weight", "ridge"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be > 0, got {getattr(self, name)}")
        if not self.frequency_power >= 0:
            raise ValueError(f"frequency_power must be >= 0, got {self.frequency_power}")


@dataclass
class _Side:
    """The users or the items: what each row holds of the other side, its ridge, and its vector."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    strengths: NDArray[np.float32]
    ridges: NDArray[np.float32]
    vectors: NDArray[np.float32]

    def penalty(self) -> float:
        """The sum of r |w|^2 over the rows."""
        return float(self.ridges @ np.einsum("ij,ij->i", self.vectors, self.vectors))


def _entries(X: csr_array) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    return X.indptr.astype(np.int64), X.indices.astype(np.int64), X.data


def _first_vectors(n: int, n_factors: int, random_state: int) -> NDArray[np.float32]:
    # The standard deviation that Rendle et al. (2022) found to suit any number of factors.
    scale = np.float32(0.1 / np.sqrt(n_factors))
    return scale * np.random.default_rng(random_state).standard_normal((n, n_factors), dtype=np.float32)


def _find(side: _Side, fixed: _Side, unobserved_weight: float) -> None:
    """Brings the vectors of a side close to what follows from those of the other."""
    unobserved = (unobserved_weight * _turn(fixed, side)).astype(np.float32)
    entries = (side.starts, side.columns, side.strengths)
    given = (*entries, fixed.vectors, unobserved, side.ridges, side.vectors)
    # As many entries to each part, and more parts than cores: none waits long for the last one.
    places = np.linspace(0, side.columns.size, 8 * n_cores() + 1)[1:-1]
    cuts = [0, *np.searchsorted(side.starts, places).tolist(), side.ridges.size]
    in_parallel(improve, [(*given, first, last) for first, last in pairwise(cuts)])


def _turn(fixed: _Side, other: _Side) -> NDArray[np.float64]:
    """Rotates and scales the vectors of both sides; the diagonal of the Gram matrix of the fixed side's."""
    squares, basis = np.linalg.eigh(_gram(fixed.vectors))
    penalties = fixed.penalty(), other.penalty()
    # Their sum is least where they are equal.
    scale = (penalties[1] / penalties[0]) ** 0.25 if min(penalties) > 0 else 1.0
    fixed.vectors = _product(fixed.vectors, (basis * scale).astype(np.float32))
    other.vectors = _product(other.vectors, (basis / scale).astype(np.float32))
    diagonal: NDArray[np.float64] = np.maximum(squares, 0.0) * scale**2
    return diagonal


def _gram(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    parts = in_parallel(lambda part: part.T @ part, [(part,) for part in _blocks(vectors)])
    gram: NDArray[np.float64] = np.sum(parts, axis=0, dtype=np.float64)
    return gram


def _product(vectors: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    product = np.empty_like(vectors)
    pairs = zip(_blocks(vectors), _blocks(product), strict=True)
    in_parallel(np.matmul, [(part, matrix, out) for part, out in pairs])
    return product


def _blocks(vectors: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [vectors[start : start + ROWS] for start in range(0, len(vectors), ROWS)]
