"""What the closed-form models need to know of the users: sums over users, so that users come and go exactly.

Adding the statistics of some users adds the users, subtracting takes them out, and sums over blocks of users
may be made anywhere and in any order.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import deque
from concurrent.futures import Executor
from functools import reduce
from itertools import pairwise
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.base import RecommenderMixin
from recommender.engine.compiled import compiled, in_parallel, n_cores
from recommender.engine.features import WINDOW, FeatureSpace, pairs_before
from recommender.engine.histories import ordered_histories, wanted

# Sums by name: dense arrays, or sparse ones where most cells stay empty.
Statistics: TypeAlias = dict[str, Any]

# Above so many items matrices of items x items stay sparse: a dense one would take over 1.6 GB in float32.
MOST_DENSE_ITEMS = 20_000
ENTRIES_A_BLOCK = 5_000_000  # what one task of an executor reads
CELLS_A_STEP = 2**20  # figures rounded at a time
TINY = np.finfo(np.float64).eps  # what has decayed to less adds nothing


class SummedMixin(RecommenderMixin):
    """A recommender that is fitted to sums over users, so that its fit can be spread and updated."""

    @property
    def is_lasting(self) -> bool:
        """Whether a user's part of the sums stays the same whatever other users do."""
        return True

    @abstractmethod
    def statistics(self, X: csr_array, times: csr_array | None) -> Statistics:
        """The sums over the users of X, as `histories.held` gives it."""

    @abstractmethod
    def fit_statistics(self, statistics: Statistics) -> Self:
        """Fit to the users that the statistics were summed over. What is handed over may be used up."""

    def prepare(self, X: csr_array, times: csr_array | None) -> None:
        """Check the hyperparameters, and choose what all users' statistics must agree on."""

    def fit(self, X: Any, y: Any = None, *, times: Any = None, executor: Executor | None = None) -> Self:
        """Sum the statistics over users and solve once; `y` is there for scikit-learn's sake."""
        X, times = self._checked(X, times, reset=True)
        self.prepare(X, times)
        return self.fit_statistics(sum_statistics(self, X, times, executor))


def sum_statistics(
    model: SummedMixin,
    X: csr_array,
    times: csr_array | None,
    executor: Executor | None = None,
    n_blocks: int | None = None,
) -> Statistics:
    """The statistics of a prepared model over blocks of users, each a task of the executor.

    Without an executor this process sums over all users at once, which takes no more memory. By default a
    block holds some `ENTRIES_A_BLOCK` entries.
    """
    if executor is None and n_blocks is None:
        return model.statistics(X, times)
    if n_blocks is None:
        n_blocks = -(-X.nnz // ENTRIES_A_BLOCK)
    cuts = np.searchsorted(X.indptr, np.linspace(0, X.nnz, max(1, n_blocks) + 1))
    cuts[-1] = X.shape[0]
    blocks = [slice(start, stop) for start, stop in pairwise(cuts.tolist()) if stop > start]
    parts = [(X[rows], None if times is None else times[rows]) for rows in blocks]
    if executor is None:
        return reduce(add, (model.statistics(*part) for part in parts))
    futures = deque(executor.submit(model.statistics, *part) for part in parts)
    total = futures.popleft().result()
    while futures:
        # Each sum is let go once it has been added.
        total = add(total, futures.popleft().result())
    return total


def add(total: Statistics, other: Statistics) -> Statistics:
    """Take other users in; dense sums of `total` are added to in place."""
    for name, value in other.items():
        if isinstance(total[name], np.ndarray):
            total[name] += value
        else:
            total[name] = total[name] + value
    return total


def subtract(total: Statistics, other: Statistics) -> Statistics:
    """Take other users out; dense sums of `total` are subtracted from in place."""
    for name, value in other.items():
        if isinstance(total[name], np.ndarray):
            total[name] -= value
        else:
            total[name] = total[name] - value
    return total


def rounded(sums: NDArray[np.float64]) -> NDArray[np.float32]:
    """The same figures in single precision, in the memory of the sums, whose other half is given back.

    The sums are used up. A view, such as what is mapped from a file, is copied instead and stays as it is.
    """
    if not (sums.flags.owndata and sums.flags.c_contiguous):
        return sums.astype(np.float32)
    shape, n = sums.shape, sums.size
    double = sums.reshape(-1)
    single = double.view(np.float32)
    for start in range(0, n, CELLS_A_STEP):
        # What is written never reaches what is still to be read.
        single[start : min(start + CELLS_A_STEP, n)] = double[start : start + CELLS_A_STEP]
    del double, single  # of memory that may move now
    sums.resize(-(-n // 2), refcheck=False)
    return sums.view(np.float32)[:n].reshape(shape)


class NextItemWeights(NamedTuple):
    """How much each step of a history counts.

    Step t of a history of n items weighs n^(-length_power) * recency^(n - 1 - t), times the weight of the
    item that came at step t.
    """

    length_power: float
    recency: float


def next_item_statistics(
    X: csr_array, times: csr_array, space: FeatureSpace, weights: NextItemWeights
) -> Statistics:
    """F'WF as `gram` and F'WT as `cross`, float64: features of what came before, target what came next.

    Shapes (n_features, n_features), of which only the lower triangle counts, and (n_features, n_items). Users
    who hold fewer than two items add nothing.

    For blocks with decays d and e, and positions p <= q of a history, F'WF gains d^(q - p) S_q v_p v_q, where
    S_q sums w_t (d e)^(t - 1 - q) over the steps t after q: S_q = w_(q+1) + d e S_(q+1). So no step's
    features are ever built but those of pairs, of which a step has few.
    """
    histories = ordered_histories(*wanted(X, times))
    gram = np.zeros((space.n_features, space.n_features))
    cross = np.zeros((space.n_features, space.n_items))
    n_parts = n_cores()
    arguments = (*histories, gram, cross, space.n_items, np.array(space.decays), space.pairs, *weights)
    in_parallel(_add_steps, [(*arguments, part, n_parts) for part in range(n_parts)])
    return {"gram": gram, "cross": cross}


def set_gram(X: csr_array, *, length_power: float) -> NDArray[np.float64]:
    """X'DX, where a user who holds n items weighs n^(-length_power) in the diagonal D. A sum over users."""
    X, _ = wanted(X)
    gram = np.zeros((X.shape[1], X.shape[1]))
    n_parts = n_cores()
    arguments = (X.indptr.astype(np.int64), X.indices.astype(np.int64), X.data, gram, length_power)
    in_parallel(_add_sets, [(*arguments, part, n_parts) for part in range(n_parts)])
    return gram


@compiled
def _add_sets(starts, items, weights, gram, length_power, part, n_parts):  # type: ignore[no-untyped-def]
    """Adds to the rows of `gram` whose number modulo n_parts is `part`."""
    for user in range(starts.size - 1):
        start, end = starts[user], starts[user + 1]
        if start == end:
            continue
        scale = float(end - start) ** -length_power
        for i in range(start, end):
            if items[i] % n_parts != part:
                continue
            row = gram[items[i]]
            weight = scale * weights[i]
            for j in range(start, end):
                row[items[j]] += weight * weights[j]


@compiled
def _add_steps(  # type: ignore[no-untyped-def]
    starts, items, weights, gram, cross, n_items, decays, pairs, length_power, recency, part, n_parts
):
    """Adds to the rows of `gram` and `cross` whose number modulo n_parts is `part`."""
    n_blocks = decays.size
    longest = 1
    for user in range(starts.size - 1):
        longest = max(longest, starts[user + 1] - starts[user])
    step_weights, sums = np.zeros(longest), np.zeros(longest)

    for user in range(starts.size - 1):
        start, end = starts[user], starts[user + 1]
        n = end - start
        if n < 2:
            continue
        for t in range(1, n):
            step_weights[t] = float(n) ** -length_power * recency ** (n - 1 - t) * weights[start + t]
        for a in range(n_blocks):
            _add_targets(start, n, items, weights, step_weights, cross, a * n_items, decays[a], part, n_parts)
            for b in range(a + 1):
                sums[n - 1] = 0.0
                for q in range(n - 2, -1, -1):
                    sums[q] = step_weights[q + 1] + decays[a] * decays[b] * sums[q + 1]
                _add_block(start, n, items, weights, sums, gram, n_items, decays, a, b, part, n_parts)
        if pairs.size == 0:
            continue
        _add_pairs(start, n, items, weights, step_weights, gram, cross, n_items, decays, pairs, part, n_parts)


@compiled
def _add_block(  # type: ignore[no-untyped-def]
    start, n, items, weights, sums, gram, n_items, decays, a, b, part, n_parts
):
    """Adds one user's steps to the block of `gram` that belongs to the decays a and b."""
    first = b * n_items
    for p in range(n - 1):
        if items[start + p] % n_parts != part:
            continue
        row = gram[a * n_items + items[start + p]]
        weight = weights[start + p]
        row[first + items[start + p]] += weight * weight * sums[p]
        decayed = 1.0
        for q in range(p + 1, n - 1):
            decayed *= decays[a]
            if decayed < TINY:
                break
            row[first + items[start + q]] += decayed * sums[q] * weight * weights[start + q]
        decayed = 1.0
        for q in range(p - 1, -1, -1):
            decayed *= decays[b]
            if decayed < TINY:
                break
            row[first + items[start + q]] += decayed * sums[p] * weight * weights[start + q]


@compiled
def _add_pairs(  # type: ignore[no-untyped-def]
    start, n, items, weights, step_weights, gram, cross, n_items, decays, pairs, part, n_parts
):
    """Adds the pairs of one user's steps to the rows of `gram` and `cross` that belong to pairs."""
    first = decays.size * n_items
    pair_columns, pair_values = np.empty(WINDOW * WINDOW, np.int64), np.empty(WINDOW * WINDOW, np.float64)
    for t in range(2, n):
        found = pairs_before(start + t, start, items, weights, pairs, n_items, pair_columns, pair_values)
        for i in range(found):
            if pair_columns[i] % n_parts != part:
                continue
            value = step_weights[t] * pair_values[i]
            number = first + pair_columns[i]
            row = gram[number]
            cross[number, items[start + t]] += value
            for j in range(found):
                row[first + pair_columns[j]] += value * pair_values[j]
            for b in range(decays.size):
                decayed = value
                for q in range(t - 1, -1, -1):
                    row[b * n_items + items[start + q]] += decayed * weights[start + q]
                    decayed *= decays[b]
                    if decayed < TINY * value:
                        break


@compiled
def _add_targets(  # type: ignore[no-untyped-def]
    start, n, items, weights, step_weights, cross, first, decay, part, n_parts
):
    for p in range(n - 1):
        if items[start + p] % n_parts != part:
            continue
        row = cross[first + items[start + p]]
        decayed = weights[start + p]
        for t in range(p + 1, n):
            row[items[start + t]] += decayed * step_weights[t]
            decayed *= decay
            if decayed < TINY * weights[start + p]:
                break
