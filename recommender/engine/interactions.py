"""Turns rows of (user, item, time) into the matrices that the models read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array


class Interactions(NamedTuple):
    """What users hold, how much it counts, and in which order.

    X : float32 csr_array of the weights, shape (n_users, n_items)
    times : float64 csr_array of the same pattern: the row's place in the order of all rows in time, from 1
    """

    X: csr_array
    times: csr_array


def encode(
    users: Any, items: Any, n_users: int, n_items: int, at: Any = None, weights: Any = None
) -> Interactions:
    """Interactions of coded rows. A pair that occurs more than once counts once, as it was the last time.

    Places stand for times: they are never zero, so that no sparse arithmetic loses them, and all different,
    so that rows with equal times keep the order in which they came.

    Parameters
    ----------
    users, items : int array-like of shape (n_rows,), codes from 0
    n_users, n_items : int, the shape of the result
    at : array-like of shape (n_rows,), optional
        When each row happened, in any unit. Default: in the order of the rows.
    weights : array-like of shape (n_rows,), optional
        How much each row counts, below 0 for what was turned down. Default: 1.
    """
    users, items = np.asarray(users, dtype=np.int64), np.asarray(items, dtype=np.int64)
    place = np.arange(1, users.size + 1, dtype=np.float64)
    if at is not None:
        order = np.argsort(np.asarray(at), kind="stable")
        place[order] = place.copy()
    weights = np.ones(users.size) if weights is None else np.asarray(weights)
    by_cell = np.lexsort((place, items, users))
    users, items, place, weights = users[by_cell], items[by_cell], place[by_cell], weights[by_cell]
    latest = np.ones(users.size, dtype=np.bool_)
    latest[:-1] = (users[1:] != users[:-1]) | (items[1:] != items[:-1])
    starts = np.searchsorted(users[latest], np.arange(n_users + 1))
    times = csr_array((place[latest], items[latest], starts), shape=(n_users, n_items))
    values = weights[latest].astype(np.float32)
    return Interactions(csr_array((values, times.indices, times.indptr), shape=times.shape), times)
