"""Turns scores into lists.

Exclusion, ties and padding are the same for every model. Where scores are a sparse matrix times another one,
`best_products` lists the best of them without ever writing the scores down. Other ways of coming by scores
tile by tile may build on `excluded`, `listable_mask` and `keep_best`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.compiled import compiled, in_parallel

USERS_A_PART = 256  # whose scores one thread works out at a time
# Columns of the dense matrix that are multiplied at a time, so that what is summed stays close to a core.
TILE = 1024


def top_k(
    scores: Any, k: int, exclude: Any = None, listable: Any = None
) -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Each user's k best items.

    Parameters
    ----------
    scores : array of shape (n_users, n_items); -inf and nan mark items that must not be listed
    k : int >= 1
    exclude : sparse or dense of shape (n_users, n_items), optional; what is not zero must not be listed
    listable : bool array of shape (n_items,), optional; what is false must not be listed

    Returns
    -------
    items : int32 ndarray of shape (n_users, k), best first, the lower index first among equals, -1 where no
        item is left
    scores : ndarray of shape (n_users, k), float32 where that is what was given, else float64; nan where no
        item is left
    """
    scores = np.asarray(scores)
    if k < 1:
        raise ValueError(f"k must be >= 1, got {k}")
    if not np.issubdtype(scores.dtype, np.floating):
        scores = scores.astype(np.float64)
    n_users, n_items = scores.shape
    exclude = csr_array(scores.shape, dtype=np.bool_) if exclude is None else csr_array(exclude)
    if exclude.shape != scores.shape:
        raise ValueError(f"exclude must have the shape of scores {scores.shape}, got {exclude.shape}")
    items = np.full((n_users, k), -1, dtype=np.int32)
    best = np.full((n_users, k), np.nan, dtype=scores.dtype)
    _fill_from_scores(scores, *excluded(exclude), listable_mask(listable, n_items), items, best)
    return items, best


def best_products(
    features: csr_array, weights: Any, k: int, exclude: csr_array, listable: Any = None
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """`top_k` of `features @ weights`, with only the k best so far and a few scores in memory.

    Who is listed is found in single precision; what is listed is then summed and ordered in double.

    Parameters
    ----------
    features : float32 csr_array of shape (n_users, n_features)
    weights : float32 of shape (n_features, n_items), a C-contiguous ndarray or a csr_array
    k, exclude, listable, and what is returned : as in `top_k`, the scores as float64
    """
    n_users, n_items = features.shape[0], weights.shape[1]
    items = np.full((n_users, k), -1, dtype=np.int32)
    best = np.full((n_users, k), np.nan, dtype=np.float32)
    mask, out = listable_mask(listable, n_items), excluded(exclude)
    if isinstance(weights, csr_array):
        _fill_from_sparse(*_rows(features), *_rows(weights), *out, mask, items, best)
    else:
        _fill(*_rows(features), weights, *out, mask, items, best)
    return best_first(items, products_at(features, weights, items))


def products_at(features: csr_array, weights: Any, items: NDArray[np.int32]) -> NDArray[np.float64]:
    """Some cells of `features @ weights`, summed in double precision.

    Parameters
    ----------
    features, weights : as in `best_products`
    items : int32 ndarray of shape (n_users, k), the columns of each row, -1 for none

    Returns
    -------
    float64 ndarray of shape (n_users, k), nan where there is no item
    """
    sums = np.where(items < 0, np.nan, 0.0)
    if isinstance(weights, csr_array):
        _sum_sparse_at(*_rows(features), *_rows(weights), items, sums)
    else:
        _sum_at(*_rows(features), weights, items, sums)
    return sums


def best_first(
    items: NDArray[np.int32], scores: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Lists whose scores have become more exact, put in order again in place, empty slots last."""
    _sort(items, scores)
    return items, scores


def products(features: csr_array, weights: Any) -> NDArray[np.float32]:
    """All of `features @ weights`, float32 of shape (n_users, n_items); both are as in `best_products`."""
    if isinstance(weights, csr_array):
        dense: NDArray[np.float32] = (features @ weights).toarray()
        return dense
    scores = np.zeros((features.shape[0], weights.shape[1]), dtype=np.float32)
    rows = _rows(features)
    firsts = range(0, features.shape[0], USERS_A_PART)
    in_parallel(
        _multiply, [(*rows, weights, first, scores[first : first + USERS_A_PART]) for first in firsts]
    )
    return scores


def listable_mask(listable: Any, n_items: int) -> NDArray[np.bool_]:
    """Which items may be listed at all: all of them where nothing is said."""
    if listable is None:
        return np.ones(n_items, dtype=np.bool_)
    mask = np.asarray(listable, dtype=np.bool_)
    if mask.shape != (n_items,):
        raise ValueError(f"listable must have shape ({n_items},), got {mask.shape}")
    return mask


def excluded(exclude: csr_array) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[np.bool_]]:
    """What is excluded, row by row: where rows start, items ascending, and whether each counts."""
    if not exclude.has_sorted_indices:
        exclude = exclude.sorted_indices()
    return exclude.indptr.astype(np.int64), exclude.indices, exclude.data != 0


def _rows(matrix: csr_array) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]:
    """Where rows start, columns ascending, and values."""
    if not matrix.has_sorted_indices:
        matrix = matrix.sorted_indices()
    return matrix.indptr.astype(np.int64), matrix.indices, matrix.data


@compiled
def _multiply(starts, columns, values, weights, first, scores):  # type: ignore[no-untyped-def]
    for user in range(scores.shape[0]):
        sums = scores[user]
        for entry in range(starts[first + user], starts[first + user + 1]):
            row, value = weights[columns[entry]], values[entry]
            for j in range(sums.size):
                sums[j] += value * row[j]


@compiled
def _fill(  # type: ignore[no-untyped-def]
    starts, columns, values, weights, out_starts, out_items, is_out, mask, items, best
):
    n_users, n_items = items.shape[0], weights.shape[1]
    found = np.zeros(n_users, np.int64)
    next_out = out_starts[:-1].copy()
    sums = np.empty(TILE, np.float32)
    for first in range(0, n_items, TILE):
        size = min(TILE, n_items - first)
        for user in range(n_users):
            sums[:size] = 0.0
            for entry in range(starts[user], starts[user + 1]):
                row = weights[columns[entry], first : first + size]
                value = values[entry]
                for j in range(size):
                    sums[j] += value * row[j]
            while next_out[user] < out_starts[user + 1] and out_items[next_out[user]] < first + size:
                if is_out[next_out[user]]:
                    sums[out_items[next_out[user]] - first] = -np.inf
                next_out[user] += 1
            found[user] = keep_best(sums, size, first, mask, items[user], best[user], found[user])


@compiled
def _fill_from_scores(  # type: ignore[no-untyped-def]
    scores, out_starts, out_items, is_out, mask, items, best
):
    n_users, n_items = scores.shape
    allowed = mask.copy()
    for user in range(n_users):
        for place in range(out_starts[user], out_starts[user + 1]):
            if is_out[place]:
                allowed[out_items[place]] = False
        keep_best(scores[user], n_items, 0, allowed, items[user], best[user], 0)
        for place in range(out_starts[user], out_starts[user + 1]):
            allowed[out_items[place]] = mask[out_items[place]]


@compiled
def _fill_from_sparse(  # type: ignore[no-untyped-def]
    starts,
    columns,
    values,
    row_starts,
    row_items,
    row_values,
    out_starts,
    out_items,
    is_out,
    mask,
    items,
    best,
):
    n_items = mask.size
    sums = np.empty(n_items, np.float32)
    for user in range(items.shape[0]):
        sums[:] = 0.0
        for entry in range(starts[user], starts[user + 1]):
            value = values[entry]
            for place in range(row_starts[columns[entry]], row_starts[columns[entry] + 1]):
                sums[row_items[place]] += value * row_values[place]
        for place in range(out_starts[user], out_starts[user + 1]):
            if is_out[place]:
                sums[out_items[place]] = -np.inf
        keep_best(sums, n_items, 0, mask, items[user], best[user], 0)


@compiled
def keep_best(sums, size, first, mask, items, best, found):  # type: ignore[no-untyped-def]
    """Merges a tile's scores into a user's list, which holds `found` items; how many it then holds.

    Parameters
    ----------
    sums : float array of at least `size` scores, those of the items from `first` on; -inf and nan are not
        listed
    mask : bool array of shape (n_items,), false where an item is not listed
    items, best : the user's list, arrays of shape (k,), written to
    """
    k = items.size
    for chunk in range(0, size, 16):
        end = min(chunk + 16, size)
        if found == k:
            largest = sums[chunk]
            for j in range(chunk + 1, end):
                if sums[j] > largest:  # never true of nan, which must not hide what comes after it
                    largest = sums[j]
            if largest <= best[k - 1]:
                continue
        for j in range(chunk, end):
            score = sums[j]
            if not mask[first + j] or not score > -np.inf or (found == k and score <= best[k - 1]):
                continue
            place = found if found < k else k - 1
            while place > 0 and score > best[place - 1]:
                best[place], items[place] = best[place - 1], items[place - 1]
                place -= 1
            best[place], items[place] = score, first + j
            if found < k:
                found += 1
    return found


@compiled
def _sum_at(starts, columns, values, weights, items, sums):  # type: ignore[no-untyped-def]
    for user in range(items.shape[0]):
        for entry in range(starts[user], starts[user + 1]):
            row, value = weights[columns[entry]], np.float64(values[entry])
            for slot in range(items.shape[1]):
                # An empty slot stays nan whatever is added.
                sums[user, slot] += value * row[max(items[user, slot], 0)]


@compiled
def _sum_sparse_at(  # type: ignore[no-untyped-def]
    starts, columns, values, row_starts, row_items, row_values, items, sums
):
    for user in range(items.shape[0]):
        for entry in range(starts[user], starts[user + 1]):
            first, last = row_starts[columns[entry]], row_starts[columns[entry] + 1]
            for slot in range(items.shape[1]):
                place = first + np.searchsorted(row_items[first:last], items[user, slot])
                if place < last and row_items[place] == items[user, slot]:
                    sums[user, slot] += np.float64(values[entry]) * row_values[place]


@compiled
def _sort(items, scores):  # type: ignore[no-untyped-def]
    for user in range(items.shape[0]):
        for end in range(1, items.shape[1]):
            item, score, place = items[user, end], scores[user, end], end
            while place > 0 and (
                score > scores[user, place - 1]
                or (score == scores[user, place - 1] and item < items[user, place - 1])
            ):
                items[user, place], scores[user, place] = items[user, place - 1], scores[user, place - 1]
                place -= 1
            items[user, place], scores[user, place] = item, score
