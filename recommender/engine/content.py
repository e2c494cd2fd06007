"""Recommends by what items are: for items that too few users have held for their histories to say anything.

`ContentNeighbours` is a recommender of its own. `with_new_items` gives a model that learned from histories
weights for the items it has not seen, as items with much the same text would have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import svd
from scipy.sparse import csr_array, eye_array
from sklearn.base import BaseEstimator

from recommender.engine.base import LinearMixin
from recommender.engine.features import FeatureSpace
from recommender.engine.ranking import top_k

BLOCK_CELLS = 2**22  # figures of items worked on at a time: 32 MB in float64
# Histories, or items, by which ridge and scale are chosen.
N_JUDGED = 1024
RIDGES = np.logspace(-2, 2, 9)
# A prediction shorter than this share of what was actually there is none: nothing like the item is known.
FAINT = 0.01
# Predicted scores become at most so many times as long as actual ones, however seldom they are listed.
LONGEST = 2.0
NEGLIGIBLE = 1e-6  # a cosine up to this is rounding


class ContentNeighbours(LinearMixin, BaseEstimator):  # type: ignore[misc]
    """Scores an item by its summed likeness to the items held: the cosine of their vectors.

    Parameters
    ----------
    vectors : float array of shape (n_items, n_components) or None
        What the items are (see `texts`); all zeros for an item of which nothing is known. None: no two items
        are alike.
    n_neighbours : int >= 1
        So many items, those most alike, are proposed by each item held.
    decay : float in (0, 1]
        When scoring histories with times, an item weighs decay times the item that came after it.

    Attributes
    ----------
    starts_, columns_, values_ : the cosines above 0 as the three arrays of a csr_array, float32 of shape
        (n_items, n_items), row = item held, column = item scored, no diagonal

    References
    ----------
    Lops, de Gemmis and Semeraro (2011), "Content-based recommender systems: state of the art and trends",
    doi:10.1007/978-0-387-85820-3_3, section 3.3.1.2.
    """

    def __init__(
        self, vectors: NDArray[Any] | None = None, n_neighbours: int = 100, decay: float = 0.7
    ) -> None:
        self.vectors = vectors
        self.n_neighbours = n_neighbours
        self.decay = decay

    def fit(self, X: Any, y: Any = None, *, times: Any = None) -> Self:
        """Compare all pairs of items; of what users hold only the number of items counts."""
        X, _ = self._checked(X, times, reset=True)
        self._check_hyperparameters()
        n_items = X.shape[1]
        vectors = np.zeros((n_items, 0)) if self.vectors is None else _unit_vectors(self.vectors, n_items)
        neighbours = _neighbours(vectors, self.n_neighbours)
        self.starts_, self.columns_, self.values_ = neighbours.indptr, neighbours.indices, neighbours.data
        self.decay_ = float(self.decay)
        return self

    @property
    def weights_(self) -> csr_array:
        """The cosines, sparse."""
        n_items = self.starts_.size - 1
        return csr_array((self.values_, self.columns_, self.starts_), shape=(n_items, n_items))

    def feature_space(self) -> FeatureSpace:
        """Items by age."""
        return FeatureSpace(self.starts_.size - 1, (self.decay_,))

    def search_grid(self, ordered: bool) -> dict[str, tuple[Any, ...]]:
        """Values worth trying; only a history in order has a decay."""
        grid: dict[str, tuple[Any, ...]] = {"n_neighbours": (20, 50, 100, 200, 500)}
        return {"decay": (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)} | grid if ordered else grid

    def get_state(self) -> dict[str, NDArray[Any]]:
        """As for every recommender; vectors that are None are left out, having no array."""
        state = super().get_state()
        if self.vectors is None:
            del state["vectors"]
        return state

    def _check_hyperparameters(self) -> None:
        if not self.n_neighbours >= 1:
            raise ValueError(f"n_neighbours must be >= 1, got {self.n_neighbours}")
        if not 0 < self.decay <= 1:
            raise ValueError(f"decay must be in (0, 1], got {self.decay}")


def with_new_items(
    weights: NDArray[np.float32],
    space: FeatureSpace,
    vectors: Any,
    known: Any,
    features: Any,
    *,
    k: int = 20,
    exposure: float = 1.0,
) -> NDArray[np.float32]:
    """Weights in which the items that histories say too little about have what their vectors suggest.

    A new item's column (how it is scored) and rows (what it says of others once held) are predicted by ridge
    regression on vectors: columns from known columns, then rows from known rows. What is learned from is
    brought to length 1, lest popular items speak alone, and a known item's weight on itself, which means
    nothing, is left out. All else is chosen by known items, each left out in turn:

    - the ridge is the one whose predictions have the highest mean cosine with what was actually there;
    - least squares would shrink predicted columns until no new item reaches a list, so they are scaled until
      known items are listed as often by their predicted columns as by their actual ones (but see `LONGEST`);
    - predicted rows are scaled until they are, in the median, as long as the actual ones.

    Parameters
    ----------
    weights : float32 ndarray of shape (n_features, n_items)
        `weights_` of a linear model: row = feature of what is held, column = item scored.
    space : the model's `feature_space()`
    vectors : float array of shape (n_items, n_components), all zeros where nothing is known of an item
    known : bool array of shape (n_items,), items whose weights are to be trusted
    features : csr_array of shape (n_users, n_features), features of histories
        Lists made of them set the scale; `N_JUDGED` of them tell enough.
    k : int >= 1, the length of those lists; at most half of the known items are listed
    exposure : float > 0, how often a new item is to be listed, relative to a known one

    Returns
    -------
    float32 ndarray of the shape of weights, a new one. Changed are columns and rows of items that are not
    known and whose vector is not zero; a weight of theirs on themselves is 0. Rows that belong to no single
    item (pairs, the constant) change in those columns only. What cannot be predicted at all stays as it is.

    References
    ----------
    Gantner, Drumond, Freudenthaler, Rendle and Schmidt-Thieme (2010), "Learning attribute-to-feature mappings
    for cold-start recommendations", doi:10.1109/ICDM.2010.129; here the mapping is linear and leads to the
    item's weights instead of its factors.
    Allen (1974), "The relationship between variable selection and data augmentation and a method for
    prediction", doi:10.1080/00401706.1974.10489157: leaving out each observation without fitting again.
    """
    extended = np.array(weights, dtype=np.float32, order="C")
    vectors, known, features = _unit_vectors(vectors, space.n_items), np.asarray(known), csr_array(features)
    _check_shapes(space, extended, known, features)
    if not k >= 1:
        raise ValueError(f"k must be >= 1, got {k}")
    if not exposure > 0:
        raise ValueError(f"exposure must be > 0, got {exposure}")
    new = np.flatnonzero(~known & vectors.any(axis=1))
    if not new.size:
        return extended

    held_items = space.items_of(np.arange(space.n_features))
    own = np.where(held_items[:, 0] == held_items[:, 1], held_items[:, 0], -1)
    columns = _Regression(extended, own, vectors, known)
    judged = columns.judged(features[_spread(features.shape[0])])
    if judged is not None:
        columns.predict(new, judged.ridge, _scale_by_lists(judged, known, k, exposure))
    each_item = csr_array(eye_array(space.n_items))[_spread(space.n_items)]
    for start in range(0, space.n_items * len(space.decays), space.n_items):
        block = extended[start : start + space.n_items]
        rows = _Regression(block.T, np.arange(space.n_items), vectors, known)
        judged = rows.judged(each_item)
        if judged is not None:
            rows.predict(new, judged.ridge, rows.scale_by_lengths(judged))
    return extended


def _check_shapes(
    space: FeatureSpace, weights: NDArray[Any], known: NDArray[Any], features: csr_array
) -> None:
    if weights.shape != (space.n_features, space.n_items):
        raise ValueError(f"weights must have shape {space.n_features, space.n_items}, got {weights.shape}")
    if known.shape != (space.n_items,) or known.dtype != np.bool_:
        raise ValueError(f"known must be bool, shape ({space.n_items},), got {known.dtype}, {known.shape}")
    if features.shape[1] != space.n_features:
        raise ValueError(f"features must have {space.n_features} columns, got {features.shape[1]}")


class _Judged(NamedTuple):
    """How known items are predicted when left out, seen through mixtures of rows.

    ridge : float, the best one
    is_predicted : bool ndarray of shape (n_teachers,), whether the others say enough of an item
    actual : float64 ndarray of shape (n_mixtures, n_items), of all items; -inf where the item is held
    predicted : float64 ndarray of shape (n_mixtures, n_teachers), of columns of length 1; 0 where it is held
    teachers : int64 ndarray of shape (n_teachers,), the items predicted
    """

    ridge: float
    is_predicted: NDArray[np.bool_]
    actual: NDArray[np.float64]
    predicted: NDArray[np.float64]
    teachers: NDArray[np.int64]


class _Regression:
    """Of a matrix's columns on the vectors of the items that they belong to.

    Parameters
    ----------
    matrix : float32 array of shape (n_rows, n_items), in which `predict` overwrites columns
    own : int64 ndarray of shape (n_rows,), the item that a row belongs to, -1 for none
    vectors : float64 ndarray of shape (n_items, n_components)
    known : bool ndarray of shape (n_items,)
    """

    def __init__(
        self,
        matrix: NDArray[np.float32],
        own: NDArray[np.int64],
        vectors: NDArray[np.float64],
        known: NDArray[np.bool_],
    ) -> None:
        self.matrix, self.own, self.vectors = matrix, own, vectors
        lengths = _lengths(matrix, own)
        self.teachers = np.flatnonzero(known & vectors.any(axis=1) & (lengths > 0))
        self.lengths = lengths[self.teachers]
        place = np.full(known.size + 1, -1)
        place[self.teachers] = np.arange(self.teachers.size)
        self.own_rows = np.flatnonzero(place[own] >= 0)
        self.own_teachers = place[own[self.own_rows]]
        if self.teachers.size:
            self._decompose()

    def _decompose(self) -> None:
        self.left, self.singular, self.axes = svd(
            self.vectors[self.teachers], full_matrices=False, check_finite=False
        )
        self.on_axes = self.left * self.singular
        self.projected = np.empty((self.own.size, self.singular.size))
        scaled = self.left / self.lengths[:, np.newaxis]
        for rows in _blocks(self.own.size, self.teachers.size):
            self.projected[rows] = self.matrix[rows][:, self.teachers] @ scaled
        own_figures = self.matrix[self.own_rows, self.teachers[self.own_teachers]]
        self.projected[self.own_rows] -= own_figures[:, np.newaxis] * scaled[self.own_teachers]

    def _solver(self, ridge: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What turns columns into coefficients; and how much each teacher decides its own prediction."""
        solver = self.left * (self.singular / (self.singular**2 + ridge))
        leverage: NDArray[np.float64] = (solver * self.on_axes).sum(axis=1)
        return solver, leverage

    def coefficients(self, ridge: float) -> NDArray[np.float64]:
        """Of each row, shape (n_rows, n_axes); a figure of its own item is taken as others predict it."""
        solver, leverage = self._solver(ridge)
        coefficients: NDArray[np.float64] = self.projected * (self.singular / (self.singular**2 + ridge))
        own_figures = (coefficients[self.own_rows] * self.on_axes[self.own_teachers]).sum(axis=1)
        own_figures /= 1 - leverage[self.own_teachers]
        coefficients[self.own_rows] += own_figures[:, np.newaxis] * solver[self.own_teachers]
        return coefficients

    def judged(self, mixtures: csr_array) -> _Judged | None:
        """The best ridge and what it predicts; None where known items left out are not predicted at all.

        mixtures : csr_array of shape (n_mixtures, n_rows); what its rows hold is not judged
        """
        if self.teachers.size < 2:
            return None
        mixed = self._mixed(mixtures)
        holders = np.repeat(np.arange(mixtures.shape[0]), np.diff(mixtures.indptr))
        items = self.own[mixtures.indices]
        is_held = np.zeros(mixed.shape, dtype=np.bool_)
        is_held[holders[items >= 0], items[items >= 0]] = True
        unit = np.where(is_held, 0.0, mixed)[:, self.teachers] / self.lengths
        unit_lengths = np.linalg.norm(unit, axis=0)
        best, judged = 0.0, None
        for ridge in RIDGES:
            _, leverage = self._solver(ridge)
            fitted = (mixtures @ self.coefficients(ridge)) @ self.on_axes.T
            predicted = (fitted - leverage * unit) / (1 - leverage)
            predicted[is_held[:, self.teachers]] = 0.0
            lengths = np.linalg.norm(predicted, axis=0)
            found = (lengths > FAINT * unit_lengths) & (unit_lengths > 0)
            products = (predicted * unit).sum(axis=0)[found]
            cosine = (products / (lengths * unit_lengths)[found]).sum() / found.size
            if cosine > best:
                actual = np.where(is_held, -np.inf, mixed)
                best, judged = cosine, _Judged(float(ridge), found, actual, predicted, self.teachers)
        return judged

    def _mixed(self, mixtures: csr_array) -> NDArray[np.float64]:
        mixed = np.zeros((mixtures.shape[0], self.matrix.shape[1]))
        for rows in _blocks(*self.matrix.shape):
            mixed += mixtures[:, rows] @ np.ascontiguousarray(self.matrix[rows])
        return mixed

    def scale_by_lengths(self, judged: _Judged) -> float:
        """By which predicted columns are in the median as long as actual ones."""
        lengths = np.linalg.norm(judged.predicted[:, judged.is_predicted], axis=0)
        whole = np.sqrt(self.own.size / judged.predicted.shape[0])
        return float(np.median(self.lengths[judged.is_predicted]) / (whole * np.median(lengths)))

    def predict(self, new: NDArray[np.int64], ridge: float, scale: float) -> None:
        """Overwrite the columns of new items."""
        coefficients = self.coefficients(ridge)
        onto = scale * (self.axes @ self.vectors[new].T)
        for rows in _blocks(self.own.size, new.size):
            self.matrix[rows, new] = coefficients[rows] @ onto
        of_new = np.flatnonzero(np.isin(self.own, new))
        self.matrix[of_new, self.own[of_new]] = 0.0


def _scale_by_lists(judged: _Judged, known: NDArray[np.bool_], k: int, exposure: float) -> float:
    """By which known items are listed `exposure` times as often by predicted columns as by their actual ones.

    Where they hardly could be, `LONGEST` says how far to go.
    """
    found = judged.is_predicted
    actual, predicted = judged.actual[:, judged.teachers[found]], judged.predicted[:, found]
    actual_lengths = np.linalg.norm(np.where(np.isfinite(actual), actual, 0.0), axis=0)
    by_lengths = np.median(actual_lengths) / np.median(np.linalg.norm(predicted, axis=0))

    k = min(k, int(np.count_nonzero(known)) // 2)
    bars = np.partition(judged.actual[:, known], -k, axis=1)[:, -k:].min(axis=1)
    ranked, bars = bars > 0, bars[bars > 0, np.newaxis]
    n_listed = np.count_nonzero(actual[ranked] >= bars)
    reach = (predicted[ranked] / bars).ravel()
    place = min(round(exposure * n_listed), int(np.count_nonzero(reach > 0)))
    if not place:
        return float(by_lengths)
    return float(min(1 / np.partition(reach, -place)[-place], LONGEST * by_lengths))


def _lengths(matrix: NDArray[np.float32], own: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lengths of the columns, without the items' own figures."""
    squares = np.einsum("ij,ij->j", matrix, matrix, dtype=np.float64)
    rows = np.flatnonzero(own >= 0)
    own_squares = matrix[rows, own[rows]].astype(np.float64) ** 2
    squares -= np.bincount(own[rows], own_squares, minlength=squares.size)
    lengths: NDArray[np.float64] = np.sqrt(np.maximum(squares, 0.0))
    return lengths


def _spread(n: int) -> NDArray[np.int64]:
    """At most `N_JUDGED` of n numbers, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, N_JUDGED)).astype(np.int64))


def _neighbours(vectors: NDArray[np.float64], n_neighbours: int) -> csr_array:
    """Cosines of each item with those most like it, float32 of shape (n_items, n_items), no diagonal."""
    n_items = vectors.shape[0]
    single = vectors.astype(np.float32)
    counts, columns, values = [np.zeros(1, dtype=np.int64)], [], []
    for rows in _blocks(n_items, n_items):
        cosines = single[rows] @ single.T
        cosines[cosines <= NEGLIGIBLE] = -np.inf
        np.fill_diagonal(cosines[:, rows], -np.inf)
        listed, best = top_k(cosines, min(n_neighbours, n_items))
        found = listed >= 0
        counts.append(found.sum(axis=1))
        columns.append(listed[found])
        values.append(best[found])
    starts = np.cumsum(np.concatenate(counts))
    neighbours = csr_array(
        (np.concatenate(values), np.concatenate(columns), starts), shape=(n_items, n_items)
    )
    neighbours.sort_indices()
    return neighbours


def _unit_vectors(vectors: Any, n_items: int) -> NDArray[np.float64]:
    vectors = np.asarray(vectors, dtype=np.float64)
    if vectors.ndim != 2 or vectors.shape[0] != n_items:
        raise ValueError(f"vectors must have one row for each of {n_items} items, got shape {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise ValueError(f"vectors must be finite, got {vectors[~np.isfinite(vectors)][0]}")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.zeros_like(vectors)
    np.divide(vectors, lengths, out=unit, where=lengths > 0)
    return unit


def _blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    size = max(1, BLOCK_CELLS // max(1, n_columns))
    for start in range(0, n_rows, size):
        yield slice(start, min(start + size, n_rows))
