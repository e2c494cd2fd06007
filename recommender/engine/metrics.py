"""How good lists are, by what users did next.

Every figure but coverage is per user, nan for users of whom nothing is known: average with `numpy.nanmean`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


def recall_at_k(ranked: Any, relevant: Any, k: int) -> NDArray[np.float64]:
    """Share of each user's relevant items that are among the first k listed.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), best first, -1 for an empty slot
    relevant : csr_array of shape (n_users, n_items), true where an item is relevant
        It may have more columns than there are items to list: what cannot be listed is missed.
    k : int >= 1

    Returns
    -------
    float ndarray of shape (n_users,) in [0, 1]; nan where nothing is relevant
    """
    hits, n_relevant = _hits(ranked, relevant, k)
    return _share(hits.sum(axis=1), n_relevant)


def ndcg_at_k(ranked: Any, relevant: Any, k: int) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain of each user's first k items, with gains of 0 and 1.

    The ideal list starts with min(k, number of relevant items) hits.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), best first, -1 for an empty slot
    relevant : csr_array of shape (n_users, n_items), true where an item is relevant
    k : int >= 1

    Returns
    -------
    float ndarray of shape (n_users,) in [0, 1]; nan where nothing is relevant

    References
    ----------
    Järvelin and Kekäläinen (2002), doi:10.1145/582415.582418.
    """
    hits, n_relevant = _hits(ranked, relevant, k)
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate(([0.0], np.cumsum(discounts)))
    return _share(hits @ discounts, ideal[np.minimum(n_relevant, k)])


def hit_rate_at_k(ranked: Any, relevant: Any, k: int) -> NDArray[np.float64]:
    """1 for each user with a relevant item among the first k listed, else 0.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), best first, -1 for an empty slot
    relevant : csr_array of shape (n_users, n_items), true where an item is relevant
    k : int >= 1

    Returns
    -------
    float ndarray of shape (n_users,), 0 or 1; nan where nothing is relevant
    """
    hits, n_relevant = _hits(ranked, relevant, k)
    return _share(hits.max(axis=1), np.minimum(n_relevant, 1))


def coverage_at_k(ranked: Any, n_items: int, k: int) -> float:
    """Share of the items that are among the first k of at least one list.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), -1 for an empty slot
    n_items : int, how many items could be listed
    k : int >= 1

    Returns
    -------
    float in [0, 1]; nan when there is no item
    """
    if n_items == 0:
        return float("nan")
    listed = np.unique(_first(ranked, k))
    return np.count_nonzero(listed >= 0) / n_items


def _first(ranked: Any, k: int) -> NDArray[np.int64]:
    ranked = np.asarray(ranked, dtype=np.int64)
    if not 1 <= k <= ranked.shape[1]:
        raise ValueError(f"k must be in [1, {ranked.shape[1]}], the length of the lists, got {k}")
    first: NDArray[np.int64] = ranked[:, :k]
    return first


def _hits(ranked: Any, relevant: Any, k: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether each of the first k items is relevant, and how many items are relevant to each user."""
    first = _first(ranked, k)
    relevant = csr_array(relevant, dtype=np.bool_)
    users, items = relevant.nonzero()
    n_users, n_items = relevant.shape
    if first.shape[0] != n_users:
        raise ValueError(f"ranked and relevant must have the same users, got {first.shape[0]} and {n_users}")
    cells = np.arange(n_users)[:, np.newaxis] * n_items + first
    hits = np.isin(cells, users.astype(np.int64) * n_items + items) & (first >= 0)
    return hits, np.bincount(users, minlength=n_users)


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    shares = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
