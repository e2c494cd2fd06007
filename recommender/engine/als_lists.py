"""Scores and lists from a vector for each user and one for each item, without writing all scores down.

Scores are summed in double precision, in an order that depends on nothing but the item: a user alone and the
same user among others get the same figures to the last bit, which a library's matrix product does not
promise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.compiled import compiled
from recommender.engine.ranking import TILE, excluded, keep_best, listable_mask


def all_dots(users: NDArray[np.float64], factors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of all items.

    Parameters
    ----------
    users : float64 ndarray of shape (n_users, n_factors)
    factors : float32 ndarray of shape (n_items, n_factors)

    Returns
    -------
    float32 ndarray of shape (n_users, n_items), rounded
    """
    scores = np.empty((users.shape[0], factors.shape[0]), dtype=np.float32)
    groups = _in_fours(users)
    _write(groups, factors, *_room(groups), scores)
    return scores


def best_dots(
    users: NDArray[np.float64], factors: NDArray[np.float32], k: int, exclude: csr_array, listable: Any = None
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """`top_k` of unrounded `all_dots`, tile by tile of items, with the k best so far kept aside.

    Parameters
    ----------
    users, factors : as in `all_dots`
    k, exclude, listable, and what is returned : as in `ranking.top_k`
    """
    n_users, n_items = users.shape[0], factors.shape[0]
    items = np.full((n_users, k), -1, dtype=np.int32)
    best = np.full((n_users, k), np.nan)
    groups = _in_fours(users)
    _fill(groups, factors, *_room(groups), *excluded(exclude), listable_mask(listable, n_items), items, best)
    return items, best


def dots_at(
    users: NDArray[np.float64], factors: NDArray[np.float32], items: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Some scores of each user; nan where `items`, int32 of shape (n_users, k), hold -1."""
    sums = np.where(items < 0, np.nan, 0.0)
    _sum_at(users, factors, items, sums)
    return sums


def _in_fours(users: NDArray[np.float64]) -> NDArray[np.float64]:
    """Users in groups of four, shape (n_groups, 4, n), users and factors filled up with zeros to fours."""
    n_users, n_factors = users.shape
    padded = np.zeros((n_users + -n_users % 4, n_factors + -n_factors % 4))
    padded[:n_users, :n_factors] = users
    return padded.reshape(-1, 4, padded.shape[1])


def _room(groups: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Space for the vectors of a tile of items, and for a group's scores of it."""
    return np.zeros((groups.shape[2], TILE)), np.empty((4, TILE))


@compiled
def _write(groups, factors, tile, sums, scores):  # type: ignore[no-untyped-def]
    n_users, n_items = scores.shape
    for first in range(0, n_items, TILE):
        size = _load(factors, first, tile)
        for group in range(groups.shape[0]):
            _multiply(groups[group], tile, sums)
            for user in range(4 * group, min(4 * group + 4, n_users)):
                scores[user, first : first + size] = sums[user % 4, :size]


@compiled
def _fill(  # type: ignore[no-untyped-def]
    groups, factors, tile, sums, out_starts, out_items, is_out, mask, items, best
):
    n_users, n_items = items.shape[0], factors.shape[0]
    found = np.zeros(n_users, np.int64)
    next_out = out_starts[:-1].copy()
    scores = np.empty(TILE, np.float64)
    for first in range(0, n_items, TILE):
        size = _load(factors, first, tile)
        for group in range(groups.shape[0]):
            _multiply(groups[group], tile, sums)
            for user in range(4 * group, min(4 * group + 4, n_users)):
                for j in range(size):
                    scores[j] = sums[user % 4, j]
                while next_out[user] < out_starts[user + 1] and out_items[next_out[user]] < first + size:
                    if is_out[next_out[user]]:
                        scores[out_items[next_out[user]] - first] = -np.inf
                    next_out[user] += 1
                found[user] = keep_best(scores, size, first, mask, items[user], best[user], found[user])


@compiled
def _sum_at(users, factors, items, sums):  # type: ignore[no-untyped-def]
    for user in range(items.shape[0]):
        for slot in range(items.shape[1]):
            for f in range(users.shape[1]):
                sums[user, slot] += users[user, f] * factors[max(items[user, slot], 0), f]


@compiled
def _load(factors, first, tile):  # type: ignore[no-untyped-def]
    """Turns the vectors of the items from `first` on into columns of the tile; how many they are."""
    size = min(TILE, factors.shape[0] - first)
    for f in range(factors.shape[1]):
        for j in range(size):
            tile[f, j] = factors[first + j, f]
    return size


@compiled
def _multiply(group, tile, sums):  # type: ignore[no-untyped-def]
    """Scores of four users, four factors at a time, so that each figure fetched is used four times."""
    sums[:] = 0.0
    s0, s1, s2, s3 = sums[0], sums[1], sums[2], sums[3]
    for f in range(0, group.shape[1], 4):
        a0, a1, a2, a3 = group[0, f], group[0, f + 1], group[0, f + 2], group[0, f + 3]
        b0, b1, b2, b3 = group[1, f], group[1, f + 1], group[1, f + 2], group[1, f + 3]
        c0, c1, c2, c3 = group[2, f], group[2, f + 1], group[2, f + 2], group[2, f + 3]
        d0, d1, d2, d3 = group[3, f], group[3, f + 1], group[3, f + 2], group[3, f + 3]
        t0, t1, t2, t3 = tile[f], tile[f + 1], tile[f + 2], tile[f + 3]
        for j in range(sums.shape[1]):
            s0[j] = s0[j] + a0 * t0[j] + a1 * t1[j] + a2 * t2[j] + a3 * t3[j]
            s1[j] = s1[j] + b0 * t0[j] + b1 * t1[j] + b2 * t2[j] + b3 * t3[j]
            s2[j] = s2[j] + c0 * t0[j] + c1 * t1[j] + c2 * t2[j] + c3 * t3[j]
            s3[j] = s3[j] + d0 * t0[j] + d1 * t1[j] + d2 * t2[j] + d3 * t3[j]
