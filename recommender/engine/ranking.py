"""Turns scores into lists.

Kept apart from scoring, so that exclusion, ties and padding are the same for every model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


def top_k(scores: Any, k: int, exclude: Any = None) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Each user's k best items.

    Parameters
    ----------
    scores : array of shape (n_users, n_items); -inf and nan mark items that must not be listed
    k : int >= 1
    exclude : sparse or dense of shape (n_users, n_items), optional; what is not zero must not be listed

    Returns
    -------
    items : int32 ndarray of shape (n_users, k), best first, the lower index first among equals, -1 where no
        item is left
    scores : float32 ndarray of shape (n_users, k), nan where no item is left
    """
    scores = np.asarray(scores)
    if k < 1:
        raise ValueError(f"k must be >= 1, got {k}")
    n_users, n_items = scores.shape
    items = np.full((n_users, k), -1, dtype=np.int32)
    best = np.full((n_users, k), np.nan, dtype=np.float32)
    if n_users == 0 or n_items == 0:
        return items, best

    costs = _costs(scores, exclude)
    users, columns = np.nonzero(_listed(costs, min(k, n_items)))
    order = np.lexsort((columns, costs[users, columns], users))
    users, columns = users[order], columns[order]
    slots = np.arange(users.size) - np.searchsorted(users, users)
    items[users, slots] = columns
    best[users, slots] = scores[users, columns]
    return items, best


def _costs(scores: NDArray[Any], exclude: Any) -> NDArray[Any]:
    """Minus the scores; inf where an item must not be listed."""
    dtype = scores.dtype if np.issubdtype(scores.dtype, np.floating) else np.float64
    costs: NDArray[Any] = np.negative(scores, dtype=dtype)
    costs[np.isnan(costs)] = np.inf
    if exclude is not None:
        exclude = csr_array(exclude)
        if exclude.shape != scores.shape:
            raise ValueError(f"exclude must have the shape of scores {scores.shape}, got {exclude.shape}")
        costs[exclude.nonzero()] = np.inf
    return costs


def _listed(costs: NDArray[Any], k: int) -> NDArray[np.bool_]:
    """Mask of each row's k lowest finite costs, the lower index first among equals."""
    threshold = np.partition(costs, k - 1, axis=1)[:, k - 1 : k]
    listed: NDArray[np.bool_] = (costs <= threshold) & (costs < np.inf)
    crowded = np.flatnonzero(listed.sum(axis=1) > k)
    if crowded.size:
        below = costs[crowded] < threshold[crowded]
        at = listed[crowded] & ~below
        room = k - below.sum(axis=1, keepdims=True)
        listed[crowded] = below | (at & (at.cumsum(axis=1) <= room))
    return listed
