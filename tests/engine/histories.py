"""Small interaction matrices for the tests of the engine, and their features worked out one by one."""

import numpy as np
from hypothesis import strategies as st
from scipy.sparse import csr_array

from recommender.engine.features import PAIR_DECAY, WINDOW

N_ITEMS = 8
# Exact in float32, so that figures worked out from them in float64 are theirs.
WEIGHTS = (-2.0, -0.5, 0.25, 0.5, 1.0, 3.0)


def matrices(histories, n_items=N_ITEMS):
    """X and times of histories given as lists of items or of (item, weight), the earliest first.

    Times count from 1.
    """
    rows = [[entry if isinstance(entry, tuple) else (entry, 1.0) for entry in row] for row in histories]
    users = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    items = np.array([item for row in rows for item, _ in row], dtype=np.int64)
    weights = np.array([weight for row in rows for _, weight in row], dtype=float)
    places = np.array([place for row in rows for place in range(1, len(row) + 1)], dtype=float)
    shape = (len(rows), n_items)
    X = csr_array((weights, (users, items)), shape=shape)
    return X, csr_array((places, (users, items)), shape=shape)


def some_histories(min_size=1, max_size=6):
    """Strategy: histories of up to `N_ITEMS` different items each, empty ones among them."""
    length = st.integers(0, N_ITEMS)
    history = st.tuples(st.permutations(range(N_ITEMS)), length).map(lambda drawn: drawn[0][: drawn[1]])
    return st.lists(history, min_size=min_size, max_size=max_size)


def weighted_histories(min_size=1, max_size=6):
    """Strategy: the same with weights, some of them of items that were turned down."""
    weights = st.lists(st.sampled_from(WEIGHTS), min_size=N_ITEMS, max_size=N_ITEMS)
    weigh = st.tuples(some_histories(1, 1), weights).map(
        lambda drawn: list(zip(drawn[0][0], drawn[1], strict=False))
    )
    return st.lists(weigh, min_size=min_size, max_size=max_size)


def feature_row(history, n_items, decays, pairs=()):
    """The features of one history of (item, weight), from their definition; no constant."""
    row = np.zeros(n_items * len(decays) + len(pairs))
    for place, (item, weight) in enumerate(history):
        age = sum(later > 0 for _, later in history[place + 1 :])
        for block, decay in enumerate(decays):
            row[block * n_items + item] = weight * decay**age
    last = [entry for entry in history if entry[1] > 0][-WINDOW:]
    for newer in range(len(last)):
        for older in range(newer):
            low, high = sorted((last[newer][0], last[older][0]))
            if low * n_items + high in pairs:
                ages = (len(last) - 1 - newer) + (len(last) - 1 - older)
                place = n_items * len(decays) + list(pairs).index(low * n_items + high)
                row[place] = last[newer][1] * last[older][1] * PAIR_DECAY**ages
    return row


def training_rows(histories, n_items, decays, pairs, length_power, recency):
    """F, W and T of the regression on the next item: a row for each step of each history."""
    F, w, T = [feature_row([], n_items, decays, pairs)], [0.0], [np.zeros(n_items)]
    for history in histories:
        history = [entry for entry in history if entry[1] > 0]
        n = len(history)
        for t in range(1, n):
            item, weight = history[t]
            F.append(feature_row(history[:t], n_items, decays, pairs))
            w.append(n**-length_power * recency ** (n - 1 - t) * weight)
            T.append(np.eye(n_items)[item])
    return np.array(F), np.diag(w), np.array(T)
