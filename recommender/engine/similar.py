"""Which items are most like an item, told by their vectors alone: not by who held them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS_A_BLOCK = 1024
# Below this cosine courses of the sample share words such as “foundations” rather than a subject.
LEAST_COSINE = 0.3
# So many items are looked at for each that is wanted, since some are near-copies of others.
SPARE = 8


def similar_items(vectors: Any, groups: Any, k: int, least_cosine: float = LEAST_COSINE) -> NDArray[np.int64]:
    """The k items most like each item, of each group of near-copies one at most, and none of its own.

    Parameters
    ----------
    vectors : float array of shape (n_items, d), rows of length 1 or of zeros (see `texts.item_vectors`)
    groups : int array of shape (n_items,), the group of near-copies of each item (see `near_copies`)
    k : int >= 1
    least_cosine : float in (0, 1]

    Returns
    -------
    int64 ndarray of shape (n_items, k), the most alike first, the lower item first among equals; -1 where no
        item is left, or is looked at: of the 8 k most alike
    """
    if k < 1:
        raise ValueError(f"k must be >= 1, got {k}")
    vectors = np.asarray(vectors, dtype=np.float32)
    groups = np.asarray(groups, dtype=np.int64)
    n_items = groups.size
    found = np.full((n_items, k), -1, dtype=np.int64)
    if not n_items:
        return found
    for start in range(0, n_items, ROWS_A_BLOCK):
        cosines = vectors[start : start + ROWS_A_BLOCK] @ vectors.T
        cosines[groups[start : start + ROWS_A_BLOCK, None] == groups[None, :]] = -1
        candidates = _best(cosines, min(SPARE * k, n_items))
        for row, items in enumerate(candidates):
            alike = items[cosines[row, items] >= least_cosine]
            _, first = np.unique(groups[alike], return_index=True)
            kept = alike[np.sort(first)][:k]
            found[start + row, : kept.size] = kept
    return found


def _best(scores: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """The columns of the n highest scores of each row, the highest first."""
    columns = np.sort(np.argpartition(-scores, n - 1, axis=1)[:, :n], axis=1)
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(columns, order, axis=1), dtype=np.int64)
