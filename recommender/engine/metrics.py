"""How good lists are: whether they hold what users went on to do, and what else can be said of them.

Figures named after a user's list are one per user, nan for users of whom nothing can be said: average with
`numpy.nanmean`. Coverage and Gini are one figure for all lists together. No list may hold an item twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from sklearn.preprocessing import normalize

from recommender.engine.histories import held, wanted

BLOCK_CELLS = 2**18  # similarities held at a time: 2 MB in float64, which stay in the cache


def recall_at_k(ranked: Any, relevant: Any, k: int) -> NDArray[np.float64]:
    """Share of each user's relevant items that are among the first k listed.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), best first, -1 for an empty slot
    relevant : csr_array of shape (n_users, n_items), above 0 where an item is relevant
        It may have more columns than there are items to list: what cannot be listed is missed.
    k : int >= 1

    Returns
    -------
    float64 ndarray of shape (n_users,) in [0, 1]; nan where nothing is relevant
    """
    hits, n_relevant = _hits(ranked, relevant, k)
    return _share(hits.sum(axis=1), n_relevant)


def ndcg_at_k(ranked: Any, relevant: Any, k: int) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain of each user's first k items, with gains of 0 and 1.

    The ideal list starts with min(k, number of relevant items) hits.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), best first, -1 for an empty slot
    relevant : csr_array of shape (n_users, n_items), above 0 where an item is relevant
    k : int >= 1

    Returns
    -------
    float64 ndarray of shape (n_users,) in [0, 1]; nan where nothing is relevant

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
    relevant : csr_array of shape (n_users, n_items), above 0 where an item is relevant
    k : int >= 1

    Returns
    -------
    float64 ndarray of shape (n_users,), 0 or 1; nan where nothing is relevant
    """
    hits, n_relevant = _hits(ranked, relevant, k)
    return _share(hits.max(axis=1), np.minimum(n_relevant, 1))


def reciprocal_rank_at_k(ranked: Any, relevant: Any, k: int) -> NDArray[np.float64]:
    """1 / place of each user's first relevant item, 0 when it is not among the first k. Its mean is MRR.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), best first, -1 for an empty slot
    relevant : csr_array of shape (n_users, n_items), above 0 where an item is relevant
    k : int >= 1

    Returns
    -------
    float64 ndarray of shape (n_users,), 0 or in [1 / k, 1]; nan where nothing is relevant

    References
    ----------
    Voorhees (1999), The TREC-8 Question Answering Track Report.
    """
    hits, n_relevant = _hits(ranked, relevant, k)
    return _share(hits.max(axis=1) / (hits.argmax(axis=1) + 1), np.minimum(n_relevant, 1))


def novelty_at_k(ranked: Any, X: Any, k: int) -> NDArray[np.float64]:
    """Mean self-information, in bits, of each user's first k items: high for what few users hold.

    An item that a share p of the users holds tells -log2(p). One that nobody holds counts as if one user did:
    more cannot be told apart with this many users.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), -1 for an empty slot
    X : csr_array of shape (any number of users, n_items), above 0 where an item is held
    k : int >= 1

    Returns
    -------
    float64 ndarray of shape (n_users,) in [0, log2(number of rows of X)]; nan where nothing is listed

    References
    ----------
    Zhou et al. (2010), doi:10.1073/pnas.1000488107, "surprisal".
    """
    first = _first(ranked, k)
    X = positive(X)
    n_holders = np.bincount(X.indices, minlength=X.shape[1])
    information = np.log2(X.shape[0] / np.maximum(n_holders, 1))
    information = np.append(information, 0.0)  # an empty slot, -1, reads the last
    return _share(information[first].sum(axis=1), (first >= 0).sum(axis=1))


def intra_list_similarity_at_k(ranked: Any, vectors: Any, k: int) -> NDArray[np.float64]:
    """Mean cosine between two of each user's first k items: low for a list that is diverse.

    A vector of zeros has a cosine of 0 with every other. Memory grows neither with the square of the number
    of items nor with the square of k.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), -1 for an empty slot
    vectors : sparse or dense of shape (n_items, d), what describes each item
        For interaction data, who holds it: `X.T`.
    k : int >= 1

    Returns
    -------
    float64 ndarray of shape (n_users,) in [-1, 1]; nan where fewer than two items are listed

    References
    ----------
    Ziegler et al. (2005), doi:10.1145/1060745.1060754, here divided by the number of pairs.
    """
    first = _first(ranked, k)
    n_users = first.shape[0]
    listed, places = _renumbered(first, vectors.shape[0])
    units = _unit_vectors(vectors, listed)
    transposed = csr_array(units.T) if issparse(units) else units.T
    users, slots = np.nonzero(first >= 0)
    items = places[users, slots]
    order = np.argsort(items, kind="stable")
    users, items = users[order], items[order]

    totals = np.zeros(n_users)
    for rows in _blocks(listed.size, listed.size + 1):
        similar = np.zeros((rows.stop - rows.start, listed.size + 1))  # the last column is an empty slot
        product = units[rows] @ transposed
        similar[:, :-1] = product.toarray() if issparse(product) else product
        start, stop = np.searchsorted(items, [rows.start, rows.stop])
        for entries in _blocks(stop - start, k, start):
            one, own = users[entries], items[entries]
            sums = similar[(own - rows.start)[:, np.newaxis], places[one]].sum(axis=1)
            sums -= similar[own - rows.start, own]
            np.add.at(totals, one, sums)
    n_listed = (first >= 0).sum(axis=1)
    return _share(totals, n_listed * (n_listed - 1))


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
    return int(np.count_nonzero(_exposures(ranked, n_items, k))) / n_items


def exposure_gini_at_k(ranked: Any, n_items: int, k: int) -> float:
    """Gini coefficient of how often each item is among the first k: how unequally the lists treat the items.

    Items that are never listed count too. A place counts the same wherever it is in the list.

    Parameters
    ----------
    ranked : int array of shape (n_users, >= k), -1 for an empty slot
    n_items : int, how many items could be listed
    k : int >= 1

    Returns
    -------
    float in [0, 1 - 1 / n_items]
        0 when all items are listed equally often, the most when a single item is; nan when nothing is listed.

    References
    ----------
    Fleder and Hosanagar (2009), doi:10.1287/mnsc.1080.0974, who take it of sales.
    """
    exposures = np.sort(_exposures(ranked, n_items, k))
    total = exposures.sum()
    if total == 0:
        return float("nan")
    places = np.arange(1, n_items + 1)
    return float(((2 * places - n_items - 1) @ exposures) / (n_items * total))


def positive(matrix: Any) -> csr_array:
    """The entries above 0 of a sparse or dense matrix: what is relevant, or held and not turned down."""
    entries, _ = wanted(held(matrix)[0])
    return entries


def _first(ranked: Any, k: int) -> NDArray[np.int64]:
    ranked = np.asarray(ranked)
    if not 1 <= k <= ranked.shape[1]:
        raise ValueError(f"k must be in [1, {ranked.shape[1]}], the length of the lists, got {k}")
    first: NDArray[np.int64] = ranked[:, :k].astype(np.int64)
    return first


def _hits(ranked: Any, relevant: Any, k: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether each of the first k items is relevant, and how many items are relevant to each user."""
    first = _first(ranked, k)
    relevant = positive(relevant)
    if first.shape[0] != relevant.shape[0]:
        raise ValueError(
            f"ranked and relevant must have the same users, got {first.shape[0]} and {relevant.shape[0]}"
        )
    n_relevant = np.diff(relevant.indptr).astype(np.int64)
    hits = np.zeros(first.shape, dtype=np.bool_)
    if relevant.nnz:
        users = np.broadcast_to(np.arange(first.shape[0])[:, np.newaxis], first.shape)
        hits = (relevant[users, first].toarray() > 0) & (first >= 0)
    return hits, n_relevant


def _exposures(ranked: Any, n_items: int, k: int) -> NDArray[np.int64]:
    """How often each item is among the first k."""
    first = _first(ranked, k)
    return np.bincount(first[first >= 0], minlength=n_items)


def _renumbered(first: NDArray[np.int64], n_items: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The items that are listed at all, ascending, and for each slot which of them it holds.

    An empty slot holds one more than there are.
    """
    listed = np.flatnonzero(np.bincount(first[first >= 0], minlength=n_items))
    numbers = np.full(n_items + 1, listed.size, dtype=np.int64)
    numbers[listed] = np.arange(listed.size)
    return listed, numbers[first]


def _unit_vectors(vectors: Any, items: NDArray[np.int64]) -> Any:
    """The items' vectors in float64, each of length 1 unless it is all zeros: a csr_array or an ndarray."""
    chosen = csr_array(vectors)[items] if issparse(vectors) else np.asarray(vectors)[items]
    return normalize(chosen.astype(np.float64)) if items.size else chosen


def _blocks(n_rows: int, n_columns: int, start: int = 0) -> list[slice]:
    """Slices that cover n_rows rows from `start` on, each of about `BLOCK_CELLS` cells."""
    size = max(1, BLOCK_CELLS // n_columns)
    stop = start + n_rows
    return [slice(at, min(at + size, stop)) for at in range(start, stop, size)]


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    shares = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
