"""What a linear model sees of a history: each item by its age, and pairs of items that often come together.

The features of one user form one sparse row. It holds one block of n_items columns for each decay, in which
an item of weight v and age a (how many wanted items came after it) has the value v * decay^a, and then one
column for each of some chosen pairs of items: where both are among the last `WINDOW` wanted items, with the
product of their weights and PAIR_DECAY^(sum of their ages). Where a model wants it, a last column is 1 for
everybody.

References
----------
Choe, Kang, Lee and Kim (2021), "Session-aware linear item-item models", doi:10.1145/3442381.3450005: decay.
Steck and Liang (2021), "Negative interactions for improved collaborative filtering: don't go deeper, go
higher", doi:10.1145/3460231.3474273: columns for pairs of items in a closed-form linear model.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.compiled import compiled
from recommender.engine.histories import Histories, ordered_histories

# Pairs are formed among so many of the last items; farther back they were measured to add nothing.
WINDOW = 5
PAIR_DECAY = 0.8
# Which pairs are frequent is counted in about so many histories.
MOST_COUNTED = 200_000
# A pair that fewer people hold would show what single persons did.
LEAST_HOLDERS = 10
# A value below this share of its weight is left out when scoring: a very long history costs no more than a
# long one.
NEGLIGIBLE = 1e-4


NO_PAIRS = np.zeros(0, dtype=np.int64)


class FeatureSpace(NamedTuple):
    """Which features there are.

    n_items : int
    decays : tuple of float in (0, 1], one block of columns each
    pairs : int64 ndarray of shape (n_pairs,), ascending; lower item * n_items + higher item
    has_constant : bool, whether the last column is 1 for everybody
    """

    n_items: int
    decays: tuple[float, ...]
    pairs: NDArray[np.int64] = NO_PAIRS
    has_constant: bool = False

    @property
    def n_features(self) -> int:
        """Columns of all blocks."""
        return self.n_items * len(self.decays) + self.pairs.size + self.has_constant

    def of(self, X: csr_array, times: csr_array | None) -> csr_array:
        """Features of each user, float32 of shape (n_users, n_features).

        Without `times` a history is a set: every item has age 0, and there are no pairs.
        """
        if times is None:
            ages = np.zeros(X.nnz, dtype=np.int64)
            histories = Histories(X.indptr.astype(np.int64), X.indices.astype(np.int64), X.data)
            pairs = self.pairs[:0]
        else:
            histories = ordered_histories(X, times)
            ages = _ages(histories)
            pairs = self.pairs
        values = _decayed(ages, histories.weights, self.decays)
        kept = np.abs(values) > NEGLIGIBLE * np.abs(histories.weights)
        kept[:, ages == 0] = True
        n_most = int(kept.sum()) + X.shape[0] * (1 + (WINDOW * (WINDOW - 1) // 2 if pairs.size else 0))
        starts, columns, data = _rows(
            *histories, values, kept, n_most, pairs, self.n_items, self.n_features if self.has_constant else 0
        )
        return csr_array((data, columns, starts), shape=(X.shape[0], self.n_features))

    def items_of(self, features: NDArray[Any]) -> NDArray[np.int64]:
        """The two items behind each feature, shape (n_features given, 2): twice the same but for pairs.

        -1 stands for the constant.
        """
        n_singles = self.n_items * len(self.decays)
        items = np.repeat((features % self.n_items)[:, np.newaxis], 2, axis=1).astype(np.int64)
        items[features >= n_singles + self.pairs.size] = -1
        is_pair = (features >= n_singles) & (features < n_singles + self.pairs.size)
        keys = self.pairs[features[is_pair] - n_singles]
        items[is_pair] = np.column_stack(np.divmod(keys, self.n_items))
        return items


def frequent_pairs(histories: Histories, n_items: int, n_pairs: int) -> NDArray[np.int64]:
    """Keys of the pairs of items that most often stand within `WINDOW` items of each other, ascending.

    Counted in whole histories, evenly drawn where there are more than `MOST_COUNTED`, the last item left out,
    since nothing comes after it. Among equals the lower key comes first. Pairs found with fewer than
    `LEAST_HOLDERS` users, who hold a pair at most once each, are left out.
    """
    if n_pairs == 0:
        return NO_PAIRS
    step = 1 + (histories.starts.size - 1) // MOST_COUNTED
    histories = _every(step, histories)
    keys = _all_pairs(histories.starts, histories.items, histories.weights, n_items)
    keys, counts = np.unique(keys, return_counts=True)
    keys, counts = keys[counts >= LEAST_HOLDERS], counts[counts >= LEAST_HOLDERS]
    most = np.argsort(-counts, kind="stable")[:n_pairs]
    return np.sort(keys[most])


def _ages(histories: Histories) -> NDArray[np.int64]:
    """How many wanted items came after each: turning something down makes nothing older."""
    starts, _, weights = histories
    so_far = np.concatenate(([0], np.cumsum(weights > 0)))
    ages: NDArray[np.int64] = np.repeat(so_far[starts[1:]], np.diff(starts)) - so_far[1:]
    return ages


def _every(step: int, histories: Histories) -> Histories:
    """Every step-th history."""
    starts, items, weights = histories
    if step == 1:
        return histories
    lengths = np.diff(starts)
    kept = np.repeat(np.arange(lengths.size) % step == 0, lengths)
    return Histories(np.concatenate(([0], np.cumsum(lengths[::step]))), items[kept], weights[kept])


def _decayed(
    ages: NDArray[np.int64], weights: NDArray[Any], decays: tuple[float, ...]
) -> NDArray[np.float32]:
    values = [weights * float(decay) ** ages for decay in decays]
    return np.array(values, dtype=np.float32).reshape(len(decays), ages.size)


@compiled
def _all_pairs(starts, items, weights, n_items):  # type: ignore[no-untyped-def]
    """Keys of all pairs of wanted items within the window before each step, one after the other."""
    n = 0
    for user in range(starts.size - 1):
        for later in range(starts[user] + 1, starts[user + 1] - 1):
            n += min(later - starts[user], WINDOW - 1)
    keys = np.empty(n, np.int64)
    n = 0
    for user in range(starts.size - 1):
        for later in range(starts[user] + 1, starts[user + 1] - 1):
            for earlier in range(max(starts[user], later - WINDOW + 1), later):
                if weights[later] > 0 and weights[earlier] > 0:
                    low, high = min(items[later], items[earlier]), max(items[later], items[earlier])
                    keys[n] = low * n_items + high
                    n += 1
    return keys[:n]


@compiled
def pairs_before(step, start, items, weights, pairs, n_items, columns, values):  # type: ignore[no-untyped-def]
    """Writes the pair features of the items before position `step` of a history; how many there are."""
    n = 0
    first = max(start, step - WINDOW)
    for later in range(step - 1, first, -1):
        for earlier in range(later - 1, first - 1, -1):
            low, high = min(items[later], items[earlier]), max(items[later], items[earlier])
            key = low * n_items + high
            place = np.searchsorted(pairs, key)
            if place < pairs.size and pairs[place] == key:
                columns[n] = place
                ages = (step - 1 - later) + (step - 1 - earlier)
                values[n] = weights[later] * weights[earlier] * PAIR_DECAY**ages
                n += 1
    return n


@compiled
def _last_wanted(start, end, items, weights, last_items, last_weights):  # type: ignore[no-untyped-def]
    """Writes the last wanted items of a history to the ends of two arrays; how many there are."""
    n = 0
    for place in range(end - 1, start - 1, -1):
        if n == WINDOW:
            break
        if weights[place] > 0:
            n += 1
            last_items[WINDOW - n], last_weights[WINDOW - n] = items[place], weights[place]
    return n


@compiled
def _rows(  # type: ignore[no-untyped-def]
    starts, items, weights, values, kept, n_most, pairs, n_items, constant
):
    """The three arrays of the features' rows; `constant` is 1 + the column that is 1 for everybody, or 0."""
    n_users, n_decays = starts.size - 1, values.shape[0]
    columns, data = np.empty(n_most, np.int32), np.empty(n_most, np.float32)
    last_items, last_weights = np.empty(WINDOW, np.int64), np.empty(WINDOW, np.float32)
    row_starts = np.zeros(n_users + 1, np.int64)
    pair_columns, pair_values = np.empty(WINDOW * WINDOW, np.int64), np.empty(WINDOW * WINDOW, np.float64)
    n = 0
    for user in range(n_users):
        for block in range(n_decays):
            for place in range(starts[user], starts[user + 1]):
                if kept[block, place]:
                    columns[n] = block * n_items + items[place]
                    data[n] = values[block, place]
                    n += 1
        if pairs.size:
            n_last = _last_wanted(starts[user], starts[user + 1], items, weights, last_items, last_weights)
            found = pairs_before(
                WINDOW, WINDOW - n_last, last_items, last_weights, pairs, n_items, pair_columns, pair_values
            )
            for i in range(found):
                columns[n] = n_decays * n_items + pair_columns[i]
                data[n] = pair_values[i]
                n += 1
        if constant:
            columns[n], data[n] = constant - 1, 1.0
            n += 1
        row_starts[user + 1] = n
    return row_starts, columns[:n], data[:n]
