"""What somebody lacks for the roles they want, and what stands before the items that would give it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array, csr_array

from recommender.engine.compiled import compiled


def gap(importance: ArrayLike, needed: ArrayLike, held: ArrayLike) -> NDArray[np.float64]:
    """gap(k) = max over roles r of importance(r, k) * max(0, needed(r, k) - held(k)).

    Parameters
    ----------
    importance : array of shape (n_roles, n_skills), in [0, 1]
    needed : integer array of shape (n_roles, n_skills), levels 0 to 5
    held : integer array of shape (n_skills,), levels 0 to 5

    Returns
    -------
    float64 ndarray of shape (n_skills,), 0 where nothing is lacking
    """
    lacking = np.maximum(0, np.asarray(needed, dtype=np.int64) - np.asarray(held, dtype=np.int64))
    return np.asarray((np.asarray(importance, dtype=np.float64) * lacking).max(axis=0, initial=0.0))


def highest_needed(importance: ArrayLike, needed: ArrayLike) -> NDArray[np.int64]:
    """The highest level that any role needs of each skill, (n_skills,), 0 where none does.

    A role needs a skill that matters to it: of importance above 0. Parameters as for `gap`.
    """
    levels = np.where(np.asarray(importance) > 0, np.asarray(needed, dtype=np.int64), 0)
    return np.asarray(levels.max(axis=0, initial=0))


def share_covered(importance: ArrayLike, needed: ArrayLike, held: ArrayLike) -> float:
    """The share, in [0, 1], of the levels that one role needs which are held, weighed by importance.

    All three are of shape (n_skills,). nan where the role needs nothing.
    """
    importance, needed = np.asarray(importance, dtype=np.float64), np.asarray(needed, dtype=np.int64)
    whole = importance @ needed
    return float(importance @ np.minimum(needed, held) / whole) if whole > 0 else float("nan")


class Obstacles(NamedTuple):
    """What stands between each user and the items that would raise each feature above what is held.

    fewest : uint8 ndarray of shape (n_users, n_skills), the fewest obstacles before any one item; NO_ITEM
        where no item leads further, or where nothing is lacking
    alone : uint16 ndarray of shape (n_users, n_skills), bit sets of the obstacles that each stand alone
        before some item
    """

    fewest: NDArray[np.uint8]
    alone: NDArray[np.uint16]


NO_ITEM = 255


def obstacles(needed: ArrayLike, held: ArrayLike, before: ArrayLike, raises: csr_array) -> Obstacles:
    """What stands before the items that lead further in what each user lacks.

    Parameters
    ----------
    needed, held : integer arrays of shape (n_users, n_skills), levels 0 to 5
    before : array of shape (n_users, n_items), bit sets of at most 16 obstacles
    raises : csr_array of shape (n_items, n_skills), the level that each item raises a skill to
    """
    needed, held = np.asarray(needed, dtype=np.uint8), np.asarray(held, dtype=np.uint8)
    fewest = np.full(held.shape, NO_ITEM, dtype=np.uint8)
    alone = np.zeros(held.shape, dtype=np.uint16)
    before = np.ascontiguousarray(before, dtype=np.uint16)
    by_skill = csc_array(raises)
    places = by_skill.indptr, by_skill.indices, by_skill.data.astype(np.uint8)
    _obstacles(needed, held, before, np.bitwise_count(before), *places, fewest, alone)
    return Obstacles(fewest, alone)


@compiled
def _obstacles(needed, held, before, n_before, starts, items, levels, fewest, alone):  # type: ignore[no-untyped-def]
    for user in range(held.shape[0]):
        for skill in range(held.shape[1]):
            now = held[user, skill]
            if needed[user, skill] <= now:
                continue
            for place in range(starts[skill], starts[skill + 1]):
                if levels[place] <= now:
                    continue
                item = items[place]
                fewest[user, skill] = min(fewest[user, skill], n_before[user, item])
                if n_before[user, item] == 1:
                    alone[user, skill] |= before[user, item]
