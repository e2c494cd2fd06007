"""What all recommenders share: checked input, lists made from scores, and a state of plain arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.utils.validation import check_is_fitted, validate_data

from recommender.engine.histories import held
from recommender.engine.ranking import top_k

BLOCK_CELLS = 2**22  # scores held at a time by `recommend`: 16 MB in float32


class RecommenderMixin(ABC):
    """Adds lists and a storable state to a scikit-learn estimator that scores items.

    In every method X is (n_users, n_items), sparse or dense, and what is not zero is held by the user.
    `times` is a sparse array of the same pattern that orders each user's items (see `histories`); without
    it a history is a set. Every estimator takes `times`, so that they can stand in for each other; those
    that have no use for order ignore it. In scikit-learn's metadata routing it is requested with
    `set_fit_request(times=True)`.
    """

    if TYPE_CHECKING:  # what scikit-learn's BaseEstimator brings

        def get_params(self) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> Self: ...

    @abstractmethod
    def fit(self, X: Any, y: Any = None, *, times: Any = None) -> Self:
        """Learn from what users hold; `y` is there for scikit-learn's sake."""

    @abstractmethod
    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """Scores of all items for the users of X, shape (n_users, n_items): higher is better."""

    def search_grid(self, ordered: bool) -> dict[str, tuple[float, ...]]:
        """Values of each hyperparameter worth trying, ascending, the most telling hyperparameter first."""
        return {}

    def recommend(
        self, X: Any, k: int, exclude: Any = None, *, times: Any = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Each user's k best items. Memory beyond the result does not grow with the number of users.

        Parameters
        ----------
        X : (n_users, n_items), what the users hold
        k : int >= 1
        exclude : sparse (n_users, n_items), optional
            What is not zero is not listed. Default: what X holds. An empty array excludes nothing.
        times : sparse, same pattern as X, optional

        Returns
        -------
        items : int32 ndarray of shape (n_users, k), best first, -1 where no item is left
        scores : float32 ndarray of shape (n_users, k), nan where no item is left
        """
        check_is_fitted(self)
        X, times = self._checked(X, times, reset=False)
        exclude = X if exclude is None else csr_array(exclude)
        if exclude.shape != X.shape:
            raise ValueError(f"exclude must have the shape of X {X.shape}, got {exclude.shape}")
        n_users, n_items = X.shape
        items = np.empty((n_users, k), dtype=np.int32)
        scores = np.empty((n_users, k), dtype=np.float32)
        for rows in row_blocks(n_users, n_items):
            block_times = None if times is None else times[rows]
            block_scores = self.score_items(X[rows], times=block_times)
            items[rows], scores[rows] = top_k(block_scores, k, exclude[rows])
        return items, scores

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Hyperparameters and everything learned, as arrays fit for `numpy.savez` (none needs pickle)."""
        check_is_fitted(self)
        learned = {name: value for name, value in vars(self).items() if name.endswith("_")}
        return {name: _plain_array(value) for name, value in (self.get_params() | learned).items()}

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> Self:
        """The fitted estimator that gave this state. Arrays are used as they are, memory-mapped ones too."""
        estimator = cls()
        for name, value in state.items():
            setattr(estimator, name, value if value.ndim else value.item())
        return estimator

    def _checked(self, X: Any, times: Any, *, reset: bool) -> tuple[csr_array, csr_array | None]:
        n_least = 1 if reset else 0  # no users teach nothing, but can be given their lists
        X = validate_data(self, X, accept_sparse="csr", reset=reset, ensure_min_samples=n_least)
        return held(X, times)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.sparse = True
        return tags


class ItemWeightsMixin(RecommenderMixin):
    """A recommender whose scores are the user's history times a matrix.

    Subclasses learn `weights_`, a C-contiguous float32 ndarray of shape (n_items, n_items): row = item held,
    column = item scored.
    """

    weights_: NDArray[np.float32]

    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """Scores of all items for the users of X, shape (n_users, n_items): higher is better."""
        check_is_fitted(self)
        scores: NDArray[np.float32] = self._features(*self._checked(X, times, reset=False)) @ self.weights_
        return scores

    def contributions(self, X: Any, items: Any, *, times: Any = None) -> csr_array:
        """The share of each item held in the score of one item per user.

        Parameters
        ----------
        X : (n_users, n_items), what the users hold
        items : int array of shape (n_users,), the item whose score is explained, for each user
        times : sparse, same pattern as X, optional

        Returns
        -------
        csr_array of shape (n_users, n_items), float64, with the pattern of X
            Row u sums to the score of `items[u]`.
        """
        check_is_fitted(self)
        features = self._features(*self._checked(X, times, reset=False))
        n_users, n_items = features.shape
        items = np.asarray(items)
        if items.shape != (n_users,):
            raise ValueError(f"items must have one item for each of {n_users} users, got shape {items.shape}")
        if items.size and not 0 <= items.min() <= items.max() < n_items:
            raise ValueError(f"items must lie in [0, {n_items}), got {items.min()} to {items.max()}")
        scored = np.repeat(items, np.diff(features.indptr))
        shares = features.data * self.weights_[features.indices, scored].astype(np.float64)
        return csr_array((shares, features.indices, features.indptr), shape=features.shape)

    def _features(self, X: csr_array, times: csr_array | None) -> csr_array:
        """What `weights_` is multiplied with: by default the set of items held."""
        return X


def row_blocks(n_users: int, n_items: int) -> Iterator[slice]:
    """Slices of rows that cover all users, each of about `BLOCK_CELLS` scores."""
    size = max(1, BLOCK_CELLS // max(1, n_items))
    for start in range(0, n_users, size):
        yield slice(start, min(start + size, n_users))


def _plain_array(value: Any) -> NDArray[Any]:
    array = np.asarray(value)
    return array.astype(str) if array.dtype == object else array
