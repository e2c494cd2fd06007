"""Small interaction matrices for the tests of the engine."""

import numpy as np
from hypothesis import strategies as st
from scipy.sparse import csr_array

N_ITEMS = 6


def matrices(histories, n_items=N_ITEMS):
    """X and times of histories given as lists of items, the earliest first; times count from 1."""
    users = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    items = np.array([item for history in histories for item in history], dtype=np.int64)
    places = np.array([place for history in histories for place in range(1, len(history) + 1)], dtype=float)
    shape = (len(histories), n_items)
    X = csr_array((np.ones(items.size), (users, items)), shape=shape)
    return X, csr_array((places, (users, items)), shape=shape)


def some_histories(min_size=1, max_size=6):
    """Strategy: histories of up to `N_ITEMS` different items each, empty ones among them."""
    length = st.integers(0, N_ITEMS)
    history = st.tuples(st.permutations(range(N_ITEMS)), length).map(lambda drawn: drawn[0][: drawn[1]])
    return st.lists(history, min_size=min_size, max_size=max_size)
