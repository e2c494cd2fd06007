"""Reads learners' histories: what each user holds, how strongly and, where times are given, in which order.

A value of X says how much an item held counts: more for a course completed than for one saved. A negative
value stands for an item that the user turned down; 0, like no entry, says nothing.

The order in time comes from `times`, a sparse array that stores one finite value for each stored entry of X.
Zero is a time like any other, so the entries that count are the stored ones: a `times` that lost its explicit
zeros (sparse arithmetic drops them) is refused. How a row is stored never matters; equal times in one row are
ordered by item index.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

from recommender.engine.compiled import compiled


class Histories(NamedTuple):
    """Users' items one after the other, the earliest first; user u has those from starts[u] to starts[u + 1].

    starts : int64 ndarray of shape (n_users + 1,)
    items : int64 ndarray of shape (n_entries,)
    weights : float32 ndarray of shape (n_entries,), the values of X
    """

    starts: NDArray[np.int64]
    items: NDArray[np.int64]
    weights: NDArray[np.float32]


def held(X: Any, times: Any = None) -> tuple[csr_array, csr_array | None]:
    """X as float32 without its zeros, and when, as float64 with the same pattern.

    Both results have sorted indices and share no array with a caller's matrix that would have had to be
    changed.

    Raises
    ------
    ValueError
        If `times` is not sparse, or its stored entries are not those of X, or one of them is not finite.
    """
    X = _canonical(X)
    if times is not None:
        times = _checked_times(times, X)
    kept = X.data != 0
    if not kept.all():
        starts = np.concatenate(([0], np.cumsum(kept)))[X.indptr]
        X = csr_array((X.data[kept], X.indices[kept], starts), shape=X.shape)
        times = times if times is None else csr_array((times.data[kept], X.indices, starts), shape=X.shape)
    return csr_array((X.data.astype(np.float32), X.indices, X.indptr), shape=X.shape), times


def wanted(X: csr_array, times: csr_array | None = None) -> tuple[csr_array, csr_array | None]:
    """What was not turned down: the positive entries, and their times. What models learn from."""
    kept = X.data > 0
    if kept.all():
        return X, times
    starts = np.concatenate(([0], np.cumsum(kept)))[X.indptr]

    def positive(matrix: csr_array) -> csr_array:
        return csr_array((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)

    return positive(X), None if times is None else positive(times)


def time_order(times: csr_array) -> NDArray[np.int64]:
    """Positions of the stored entries, row by row, the earliest first; equal times by item index."""
    order: NDArray[np.int64] = _sorted_rows(times.indptr.astype(np.int64), times.data)
    return order


def ordered_histories(X: csr_array, times: csr_array) -> Histories:
    """The items of each row, the earliest first."""
    order = time_order(times)
    return Histories(X.indptr.astype(np.int64), X.indices[order].astype(np.int64), X.data[order])


@compiled
def _sorted_rows(starts, values):  # type: ignore[no-untyped-def]
    order = np.arange(values.size)
    for row in range(starts.size - 1):
        start, end = starts[row], starts[row + 1]
        if end - start > 32:
            order[start:end] = start + np.argsort(values[start:end], kind="mergesort")
            continue
        for i in range(start + 1, end):
            place, value = i, values[i]
            while place > start and values[order[place - 1]] > value:
                order[place] = order[place - 1]
                place -= 1
            order[place] = i
    return order


def _canonical(X: Any) -> csr_array:
    X = csr_array(X)
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def _checked_times(times: Any, X: csr_array) -> csr_array:
    if not issparse(times):
        raise ValueError(f"times must be a sparse array of the same pattern as X, got {type(times).__name__}")
    times = csr_array(times, dtype=np.float64)
    if not times.has_sorted_indices:
        times = times.sorted_indices()
    if times.shape != X.shape:
        raise ValueError(f"times must have the shape of X {X.shape}, got {times.shape}")
    differing = np.flatnonzero(np.diff(times.indptr) != np.diff(X.indptr))
    if differing.size:
        row = differing[0]
        raise ValueError(
            f"times must store one entry for each stored entry of X (explicit zeros kept): row {row} stores "
            f"{np.diff(X.indptr)[row]} in X and {np.diff(times.indptr)[row]} in times"
        )
    if not np.array_equal(times.indices, X.indices):
        row = np.searchsorted(X.indptr, np.flatnonzero(times.indices != X.indices)[0], side="right") - 1
        raise ValueError(f"times must store its entries where X does: row {row} differs")
    if not np.isfinite(times.data).all():
        raise ValueError(f"times must be finite, got {times.data[~np.isfinite(times.data)][0]}")
    return times
