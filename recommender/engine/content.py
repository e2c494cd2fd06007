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
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator

from recommender.engine.base import LinearMixin
from recommender.engine.features import FeatureSpace
from recommender.engine.ranking import top_k

BLOCK_CELLS = 2**22  # figures of items worked on at a time: 32 MB in float64
# Columns by which ridge and scale are chosen; each is a regression of its own, and so many tell enough.
N_JUDGED = 512
RIDGES = np.logspace(-2, 2, 9)
# A cosine, or the length of a prediction where actual columns have length 1: below this it is rounding.
NEGLIGIBLE = 1e-6


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
        return FeatureSpace(self.starts_.size - 1, (self.decay_,), np.zeros(0, dtype=np.int64))

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
    weights: NDArray[np.float32], space: FeatureSpace, vectors: Any, known: Any
) -> NDArray[np.float32]:
    """Weights in which the items that histories say too little about have what their vectors suggest.

    A new item's column (how it is scored) and rows (what it says of others once held) are predicted by ridge
    regression on vectors: columns from known columns, then rows from known rows. What is learned from is
    brought to length 1, lest popular items speak alone, and a known item's weight on itself, which means
    nothing, is left out. The ridge is the one by which known items, each left out in turn, are predicted
    best: with the highest mean cosine of predicted and actual column. Least squares would shrink predictions
    until no new item reaches a list; they are scaled instead until those of the known items left out are, in
    the median, as long as the actual ones. Where nothing can be predicted the weights stay as they are.

    Parameters
    ----------
    weights : float32 ndarray of shape (n_features, n_items)
        `weights_` of a linear model: row = feature of what is held, column = item scored.
    space : the model's `feature_space()`
    vectors : float array of shape (n_items, n_components), all zeros where nothing is known of an item
    known : bool array of shape (n_items,), items whose weights are to be trusted

    Returns
    -------
    float32 ndarray of the shape of weights, a new one. Changed are columns and rows of items that are not
    known and whose vector is not zero; a weight of theirs on themselves is 0. Rows for pairs of items change
    in those columns only.

    References
    ----------
    Gantner, Drumond, Freudenthaler, Rendle and Schmidt-Thieme (2010), "Learning attribute-to-feature mappings
    for cold-start recommendations", doi:10.1109/ICDM.2010.129; here the mapping is linear and leads to the
    item's weights instead of its factors.
    Allen (1974), "The relationship between variable selection and data augmentation and a method for
    prediction", doi:10.1080/00401706.1974.10489157: leaving out each observation without fitting again.
    """
    extended = np.array(weights, dtype=np.float32, order="C")
    if extended.shape != (space.n_features, space.n_items):
        raise ValueError(f"weights must have shape {(space.n_features, space.n_items)}, got {extended.shape}")
    vectors = _unit_vectors(vectors, space.n_items)
    known = np.asarray(known, dtype=np.bool_)
    if known.shape != (space.n_items,):
        raise ValueError(f"known must have shape ({space.n_items},), got {known.shape}")
    own = np.full(space.n_features, -1)
    n_singles = space.n_items * len(space.decays)
    own[:n_singles] = np.arange(n_singles) % space.n_items
    _predict_columns(extended, own, vectors, known)
    for start in range(0, n_singles, space.n_items):
        block = extended[start : start + space.n_items]
        _predict_columns(block.T, np.arange(space.n_items), vectors, known)
    return extended


def _predict_columns(
    matrix: NDArray[np.float32],
    own: NDArray[np.int64],
    vectors: NDArray[np.float64],
    known: NDArray[np.bool_],
) -> None:
    """Overwrite the columns of items that are not known; a row belongs to item `own`, to none where -1."""
    lengths = _lengths(matrix, own)
    described = vectors.any(axis=1)
    teachers = np.flatnonzero(known & described & (lengths > 0))
    new = np.flatnonzero(~known & described)
    if not teachers.size or not new.size:
        return
    place = np.full(known.size + 1, -1)
    place[teachers] = np.arange(teachers.size)

    def lesson(rows: Any) -> _Lesson:
        return _Lesson(matrix[rows][:, teachers] / lengths[teachers], place[own[rows]])

    left, singular, axes = svd(vectors[teachers], full_matrices=False, check_finite=False)
    judged = np.unique(np.linspace(0, own.size - 1, min(own.size, N_JUDGED)).astype(np.int64))
    choice = _choice(lesson(judged), left, singular)
    if choice is None:
        return
    ridge = _Ridge(left, singular, choice.ridge)
    scale = np.median(lengths[teachers]) / (choice.length * np.sqrt(own.size / judged.size))
    onto = scale * (axes @ vectors[new].T)
    for rows in _blocks(own.size, teachers.size):
        matrix[rows, new] = ridge.coefficients(lesson(rows)) @ onto
    of_new = np.flatnonzero(np.isin(own, new))
    matrix[of_new, own[of_new]] = 0.0


def _lengths(matrix: NDArray[np.float32], own: NDArray[np.int64]) -> NDArray[np.float64]:
    """Lengths of the columns, without the items' own figures."""
    squares = np.einsum("ij,ij->j", matrix, matrix, dtype=np.float64)
    rows = np.flatnonzero(own >= 0)
    own_squares = matrix[rows, own[rows]].astype(np.float64) ** 2
    squares -= np.bincount(own[rows], own_squares, minlength=squares.size)
    lengths: NDArray[np.float64] = np.sqrt(np.maximum(squares, 0.0))
    return lengths


class _Lesson(NamedTuple):
    """What is regressed: rows of known items' figures.

    figures : float64 ndarray of shape (n_rows, n_known)
    own : int ndarray of shape (n_rows,), -1 or the known item that a row belongs to: its figure is left out
    """

    figures: NDArray[np.float64]
    own: NDArray[np.int64]

    def own_cells(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the figures are that are left out."""
        rows = np.flatnonzero(self.own >= 0)
        return rows, self.own[rows]


class _Ridge:
    """Regression on vectors with the singular value decomposition left * singular @ axes."""

    def __init__(self, left: NDArray[np.float64], singular: NDArray[np.float64], ridge: float) -> None:
        self.vectors = left * singular
        self.solver = left * (singular / (singular**2 + ridge))
        self.leverage: NDArray[np.float64] = (self.vectors * self.solver).sum(axis=1)

    def coefficients(self, lesson: _Lesson) -> NDArray[np.float64]:
        """Of each row, on the axes."""
        coefficients = lesson.figures @ self.solver
        rows, items = lesson.own_cells()
        gaps = (coefficients[rows] * self.vectors[items]).sum(axis=1) - lesson.figures[rows, items]
        coefficients[rows] += (gaps / (1 - self.leverage[items]))[:, np.newaxis] * self.solver[items]
        return coefficients

    def left_out(self, lesson: _Lesson) -> NDArray[np.float64]:
        """Each known item's figures as the others predict them, shape (n_rows, n_known)."""
        rows, items = lesson.own_cells()
        leverage = np.tile(self.leverage, (lesson.own.size, 1))
        # It grows for all others where a row's own item is left out already.
        shared = self.solver[items] @ self.vectors.T
        leverage[rows] += shared**2 / (1 - self.leverage[items])[:, np.newaxis]
        leverage[rows, items] = 0.0
        fitted = self.coefficients(lesson) @ self.vectors.T
        predicted: NDArray[np.float64] = (fitted - leverage * lesson.figures) / (1 - leverage)
        return predicted


class _Choice(NamedTuple):
    """ridge : float; length : float, the median length of what it predicts of items left out."""

    ridge: float
    length: float


def _choice(lesson: _Lesson, left: NDArray[np.float64], singular: NDArray[np.float64]) -> _Choice | None:
    """The best ridge, None where known items left out are not predicted at all."""
    actual = lesson.figures.copy()
    actual[lesson.own_cells()] = 0.0
    actual_lengths = np.maximum(np.linalg.norm(actual, axis=0), NEGLIGIBLE)
    best, choice = 0.0, None
    for ridge in RIDGES:
        predicted = _Ridge(left, singular, ridge).left_out(lesson)
        predicted[lesson.own_cells()] = 0.0
        predicted_lengths = np.linalg.norm(predicted, axis=0)
        found = predicted_lengths > NEGLIGIBLE
        products = (predicted * actual).sum(axis=0)[found]
        cosine = (products / (predicted_lengths * actual_lengths)[found]).sum() / found.size
        if cosine > best:
            best, choice = cosine, _Choice(float(ridge), float(np.median(predicted_lengths[found])))
    return choice


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
