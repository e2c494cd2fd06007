"""Finds courses that are one course over again: another term, another provider's copy, a part-time twin."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

LEAST_COSINE = 0.9
ROWS_A_BLOCK = 1024


def near_copies(vectors: Any, skills: Any, least_cosine: float = LEAST_COSINE) -> NDArray[np.int64]:
    """The group of near-copies of each item; an item that has none is a group of its own.

    Two items are near-copies when the cosine of their vectors is `least_cosine` or more and they raise the
    same skills to the same levels; so are two that both are near-copies of a third.

    Parameters
    ----------
    vectors : float array of shape (n_items, d), rows of length 1 or of zeros (see `texts.item_vectors`)
    skills : sparse or dense of shape (n_items, n_skills), levels; 0 for none
    least_cosine : float in (0, 1]

    Returns
    -------
    int64 ndarray of shape (n_items,), the lowest number of an item of the group
    """
    vectors = np.asarray(vectors, dtype=np.float32)
    n_items = vectors.shape[0]
    pairs = [
        items[_alike(vectors[items], least_cosine)]
        for items in _same_skills(csr_array(skills))
        if items.size > 1
    ]
    first, second = np.concatenate([*pairs, np.empty((0, 2), dtype=np.int64)]).T
    links = csr_array((np.ones(first.size, dtype=np.bool_), (first, second)), shape=(n_items, n_items))
    _, groups = connected_components(links, directed=False)
    _, lowest = np.unique(groups, return_index=True)
    return np.asarray(lowest[groups], dtype=np.int64)


def _same_skills(skills: csr_array) -> list[NDArray[np.int64]]:
    """Items that raise the same skills to the same levels, together."""
    skills = skills.sorted_indices()
    skills.eliminate_zeros()
    found = defaultdict(list)
    for item, (start, end) in enumerate(zip(skills.indptr[:-1], skills.indptr[1:], strict=True)):
        found[skills.indices[start:end].tobytes(), skills.data[start:end].tobytes()].append(item)
    return [np.array(items, dtype=np.int64) for items in found.values()]


def _alike(vectors: NDArray[np.float32], least_cosine: float) -> NDArray[np.int64]:
    """Pairs (n_pairs, 2) of rows that are alike, the lower row first."""
    pairs = []
    for start in range(0, vectors.shape[0], ROWS_A_BLOCK):
        cosines = vectors[start : start + ROWS_A_BLOCK] @ vectors[start:].T
        # Rounding must not part what is the same.
        rows, others = np.nonzero(np.triu(cosines >= least_cosine - 1e-6, k=1))
        pairs.append(start + np.stack([rows, others], axis=1))
    return np.concatenate(pairs)
