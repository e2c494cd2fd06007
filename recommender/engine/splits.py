"""Splits histories into a part to learn from and a part to be judged by."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.histories import held, time_order


class Split(NamedTuple):
    """X : what is learned from; times : its times, None where there is no order; test : what is held out.

    All three are csr_arrays of the shape that was split.
    """

    X: csr_array
    times: csr_array | None
    test: csr_array


def leave_last_out(X: Any, times: Any, size: float = 1) -> Split:
    """Hold out the last entries of each user.

    Parameters
    ----------
    X : (n_users, n_items), what users hold
    times : sparse, same pattern as X
    size : int >= 1, how many entries of each user; or float in (0, 1), which share of them, rounded up
        A user with no entry left to learn from keeps everything.
    """
    X, times = held(X, times)
    return _split(X, times, _last(times, size))


def leave_random_out(X: Any, size: float = 1, random_state: int = 0) -> Split:
    """Hold out entries of each user at random, for data without order; `size` as in `leave_last_out`."""
    X, _ = held(X)
    places = np.random.default_rng(random_state).permutation(X.nnz).astype(np.float64)
    drawn = csr_array((places, X.indices, X.indptr), shape=X.shape)
    return _split(X, None, _last(drawn, size))


def split_by_time(X: Any, times: Any, cut: float) -> Split:
    """Hold out what happened at `cut` or later, in the unit of `times`, as for a fit made just before.

    Users whose first entry comes at `cut` or later have nothing to learn from: they are new to the model.
    """
    X, times = held(X, times)
    return _split(X, times, times.data >= cut)


def _last(times: csr_array, size: float) -> NDArray[np.bool_]:
    lengths = np.diff(times.indptr)
    n_out = _n_out(lengths, size)
    n_out[n_out >= lengths] = 0
    last = np.empty(times.nnz, dtype=np.bool_)
    place = np.arange(times.nnz)
    last[time_order(times)] = place >= np.repeat(times.indptr[1:] - n_out, lengths)
    return last


def _n_out(lengths: NDArray[Any], size: float) -> NDArray[np.int64]:
    if isinstance(size, int) and size >= 1:
        return np.full(lengths.shape, size, dtype=np.int64)
    if isinstance(size, float) and 0 < size < 1:
        return np.ceil(size * lengths).astype(np.int64)
    raise ValueError(f"size must be an int >= 1 or a float in (0, 1), got {size!r}")


def _split(X: csr_array, times: csr_array | None, out: NDArray[np.bool_]) -> Split:
    return Split(_pick(X, ~out), None if times is None else _pick(times, ~out), _pick(X, out))


def _pick(X: csr_array, entries: NDArray[np.bool_]) -> csr_array:
    starts = np.concatenate(([0], np.cumsum(entries)))[X.indptr]
    return csr_array((X.data[entries], X.indices[entries], starts), shape=X.shape)
