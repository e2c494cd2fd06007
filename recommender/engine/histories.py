"""Reads learners' histories: which items each user holds and, where times are given, in which order.

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


class Histories(NamedTuple):
    """Users' items one after the other: user u holds `items[starts[u]:starts[u + 1]]`, the earliest first."""

    starts: NDArray[np.int64]
    items: NDArray[np.int64]


def held(X: Any, times: Any = None) -> tuple[csr_array, csr_array | None]:
    """What each user holds, as float32 ones, and when, as float64 with the same pattern.

    Any value of X that is not zero means *holds*. Both results have sorted indices and share no array with a
    caller's matrix that would have had to be changed.

    Raises
    ------
    ValueError
        If `times` is not sparse, or its stored entries are not those of X, or one of them is not finite.
    """
    X = _canonical(X)
    kept = X.data != 0
    starts = np.concatenate(([0], np.cumsum(kept)))[X.indptr]
    indices = X.indices[kept]
    holds = csr_array((np.ones(indices.size, dtype=np.float32), indices, starts), shape=X.shape)
    if times is None:
        return holds, None
    times = _checked_times(times, X)
    return holds, csr_array((times.data[kept], indices, starts), shape=X.shape)


def time_order(times: csr_array) -> NDArray[np.intp]:
    """Positions of the stored entries, row by row, the earliest first; equal times by item index."""
    rows = np.repeat(np.arange(times.shape[0]), np.diff(times.indptr))
    return np.lexsort((times.indices, times.data, rows))


def ordered_histories(times: csr_array) -> Histories:
    """The items of each row, the earliest first."""
    items = times.indices[time_order(times)]
    return Histories(times.indptr.astype(np.int64), items.astype(np.int64))


def ages(times: csr_array) -> NDArray[np.intp]:
    """How many later entries the row of each stored entry has: 0 for the last one."""
    order = time_order(times)
    ends = np.repeat(times.indptr[1:], np.diff(times.indptr))
    age = np.empty(order.size, dtype=np.intp)
    age[order] = ends - 1 - np.arange(order.size)
    return age


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
