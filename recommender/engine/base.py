"""What all recommenders share: checked input, lists, explanations, and a state of plain arrays."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.utils.validation import check_is_fitted, validate_data

from recommender.engine.compiled import in_parallel
from recommender.engine.features import FeatureSpace
from recommender.engine.histories import held
from recommender.engine.ranking import best_first, best_products, products, products_at, top_k

BLOCK_CELLS = 2**22  # scores held at a time where a model must write them down: 16 MB in float32
SLAB_USERS = 2**16  # users that a task of an executor goes through
BLOCK_USERS = 4096  # users ranked at a time where it need not


class Contributions(NamedTuple):
    """What a score is made of; `shares` of a row and `fallback` sum to the score.

    shares : float64 csr_array of shape (n_users, n_items), the share of each item held
    fallback : float64 ndarray of shape (n_users,), the share that does not depend on the history
    """

    shares: csr_array
    fallback: NDArray[np.float64]


class RecommenderMixin(ABC):
    """Adds lists and a storable state to a scikit-learn estimator that scores items.

    In every method X is (n_users, n_items), sparse or dense: what each user holds and how much it counts,
    with negative values for what they turned down (see `histories`). `times` is a sparse array of the same
    pattern that orders each user's items; without it a history is a set. Every estimator takes `times`, so
    that they can stand in for each other; those that have no use for order ignore it. In scikit-learn's
    metadata routing it is requested with `set_fit_request(times=True)`. An `executor` follows
    `concurrent.futures.Executor`; without one the work is shared among threads of this process.
    """

    if TYPE_CHECKING:  # what scikit-learn's BaseEstimator brings

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> Self: ...

    @abstractmethod
    def fit(self, X: Any, y: Any = None, *, times: Any = None) -> Self:
        """Learn from what users hold; `y` is there for scikit-learn's sake."""

    @abstractmethod
    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """Scores of all items for the users of X, shape (n_users, n_items): higher is better."""

    @abstractmethod
    def contributions(self, X: Any, items: Any, *, times: Any = None) -> Contributions:
        """What the score of one item per user is made of.

        Parameters
        ----------
        X : (n_users, n_items), what the users hold
        items : int array of shape (n_users,), the item whose score is explained, for each user
        times : sparse, same pattern as X, optional
        """

    def search_grid(self, ordered: bool) -> dict[str, tuple[Any, ...]]:
        """Values of each hyperparameter worth trying, in order, the most telling hyperparameter first."""
        return {}

    def recommend(
        self,
        X: Any,
        k: int,
        exclude: Any = None,
        *,
        times: Any = None,
        listable: Any = None,
        executor: Executor | None = None,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Each user's k best items. Memory beyond the result does not grow with the number of users.

        Parameters
        ----------
        X : (n_users, n_items), what the users hold
        k : int >= 1
        exclude : sparse (n_users, n_items), optional
            What is not zero is not listed. Default: what X holds. An empty array excludes nothing.
        times : sparse, same pattern as X, optional
        listable : bool array of shape (n_items,), optional: items that may be listed at all
        executor : see the class

        Returns
        -------
        items : int32 ndarray of shape (n_users, k), best first, the lower index first among equals, -1 where
            no item is left
        scores : float64 ndarray of shape (n_users, k), what `contributions` add up to; nan where no item is
            left
        """
        check_is_fitted(self)
        X, times = self._checked(X, times, reset=False)
        exclude = X if exclude is None else csr_array(exclude)
        if exclude.shape != X.shape:
            raise ValueError(f"exclude must have the shape of X {X.shape}, got {exclude.shape}")
        if k < 1:
            raise ValueError(f"k must be >= 1, got {k}")
        items = np.full((X.shape[0], k), -1, dtype=np.int32)
        scores = np.full((X.shape[0], k), np.nan)

        def part(rows: slice) -> tuple[Any, ...]:
            return X[rows], k, exclude[rows], None if times is None else times[rows], listable

        def fill(rows: slice) -> None:
            items[rows], scores[rows] = self._lists(*part(rows))

        if executor is None:
            in_parallel(fill, [(rows,) for rows in self._row_blocks(*X.shape)])
            return items, scores
        # The model travels with each task, so a task has many users, whom it goes through in blocks.
        slabs = list(_slices(X.shape[0], SLAB_USERS))
        lists = in_parallel(self._recommended, [part(rows) for rows in slabs], executor)
        for rows, slab in zip(slabs, lists, strict=True):
            items[rows], scores[rows] = slab
        return items, scores

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Hyperparameters and everything learned, as arrays fit for `numpy.savez` (none needs pickle)."""
        check_is_fitted(self)
        learned = {name: value for name, value in vars(self).items() if name.endswith("_")}
        return {name: plain_array(value) for name, value in (self.get_params(deep=False) | learned).items()}

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> Self:
        """The fitted estimator that gave this state. Arrays are used as they are, memory-mapped ones too."""
        estimator = cls()
        for name, value in state.items():
            setattr(estimator, name, plain_value(value))
        return estimator

    def _recommended(
        self, X: csr_array, k: int, exclude: csr_array, times: csr_array | None, listable: Any
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """`recommend` by position, as executors call it."""
        return self.recommend(X, k, exclude, times=times, listable=listable)

    def _lists(
        self, X: csr_array, k: int, exclude: csr_array, times: csr_array | None, listable: Any
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        items, _ = top_k(self.score_items(X, times=times), k, exclude, listable)
        return best_first(items, self._scores_at(X, items, times))

    @abstractmethod
    def _scores_at(
        self, X: csr_array, items: NDArray[np.int32], times: csr_array | None
    ) -> NDArray[np.float64]:
        """Scores of listed items, in double precision; nan where `items`, shape (n_users, k), hold -1."""

    @property
    def _writes_scores(self) -> bool:
        """Whether `_lists` writes down the scores of all items for the users that it is given."""
        return True

    def _row_blocks(self, n_users: int, n_items: int) -> Iterator[slice]:
        """Slices of rows that cover all users, each ranked at a time."""
        return score_blocks(n_users, n_items) if self._writes_scores else _slices(n_users, BLOCK_USERS)

    def _checked(self, X: Any, times: Any, *, reset: bool) -> tuple[csr_array, csr_array | None]:
        n_least = 1 if reset else 0  # no users teach nothing, but can be given their lists
        X = validate_data(self, X, accept_sparse="csr", reset=reset, ensure_min_samples=n_least)
        return held(X, times)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.sparse = True
        return tags


class LinearMixin(RecommenderMixin):
    """A recommender whose scores are features of the user's history (see `features`) times a matrix.

    Subclasses learn `weights_`, float32 of shape (n_features, n_items), a C-contiguous ndarray or a
    csr_array: row = feature of what is held, column = item scored; and say by `feature_space` which features
    there are.
    """

    weights_: Any

    @abstractmethod
    def feature_space(self) -> FeatureSpace:
        """The features that the rows of `weights_` stand for."""

    def score_items(self, X: Any, *, times: Any = None) -> NDArray[np.float32]:
        """Scores of all items for the users of X, shape (n_users, n_items): higher is better."""
        check_is_fitted(self)
        X, times = self._checked(X, times, reset=False)
        return products(self.feature_space().of(X, times), self.weights_)

    def contributions(self, X: Any, items: Any, *, times: Any = None) -> Contributions:
        """The share of each item held in the score of one item per user.

        A pair's share is halved between its two items.
        """
        check_is_fitted(self)
        X, times = self._checked(X, times, reset=False)
        space = self.feature_space()
        features = space.of(X, times)
        items = checked_items(items, *X.shape)
        users = np.repeat(np.arange(X.shape[0]), np.diff(features.indptr))
        # Sparse weights give a sparse array where nothing is picked.
        picked = _dense(self.weights_[features.indices, items[users]])
        shares = features.data * picked.astype(np.float64)
        sources = space.items_of(features.indices)
        of_item = sources[:, 0] >= 0
        cells = (np.repeat(users[of_item], 2), sources[of_item].ravel())
        of_all = np.bincount(users[~of_item], shares[~of_item], minlength=X.shape[0]).astype(np.float64)
        return Contributions(csr_array((np.repeat(shares[of_item] / 2, 2), cells), shape=X.shape), of_all)

    def _lists(
        self, X: csr_array, k: int, exclude: csr_array, times: csr_array | None, listable: Any
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        return best_products(self.feature_space().of(X, times), self.weights_, k, exclude, listable)

    def _scores_at(
        self, X: csr_array, items: NDArray[np.int32], times: csr_array | None
    ) -> NDArray[np.float64]:
        return products_at(self.feature_space().of(X, times), self.weights_, items)

    @property
    def _writes_scores(self) -> bool:
        return False

    def __sklearn_is_fitted__(self) -> bool:
        # What `statistics.SummedMixin.prepare` leaves is not yet a fit.
        return hasattr(self, "weights_")


def _dense(scores: Any) -> NDArray[np.float32]:
    dense: NDArray[np.float32] = scores.toarray() if issparse(scores) else scores
    return dense


def checked_items(values: Any, n_users: int, n_items: int) -> NDArray[np.int64]:
    """One item for each user, as int64."""
    items: NDArray[np.int64] = np.asarray(values, dtype=np.int64)
    if items.shape != (n_users,):
        raise ValueError(f"items must have one item for each of {n_users} users, got shape {items.shape}")
    if items.size and not 0 <= items.min() <= items.max() < n_items:
        raise ValueError(f"items must lie in [0, {n_items}), got {items.min()} to {items.max()}")
    return items


def score_blocks(n_users: int, n_items: int) -> Iterator[slice]:
    """Slices of rows that cover all users, each of about `BLOCK_CELLS` scores."""
    return _slices(n_users, max(1, BLOCK_CELLS // max(1, n_items)))


def _slices(n: int, size: int) -> Iterator[slice]:
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def plain_value(array: NDArray[Any]) -> Any:
    """What `plain_array` made an array of; an array of one dimension or more as it is."""
    if array.ndim:
        return array
    value = array.item()
    return None if value != value else value  # only nan is unlike itself


def plain_array(value: Any) -> NDArray[Any]:
    """A value as an array that needs no pickle; nan stands for None."""
    array = np.asarray(np.nan if value is None else value)
    return array.astype(str) if array.dtype == object else array
