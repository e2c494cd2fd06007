"""Builds small interaction matrices for the tests of the engine."""

import numpy as np
from scipy.sparse import csr_array


def matrices(histories, n_items):
    """X and times of histories given as lists of items, the earliest first; times count from 1."""
    users = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
    items = np.array([item for history in histories for item in history], dtype=np.int64)
    places = np.array([place for history in histories for place in range(1, len(history) + 1)], dtype=float)
    shape = (len(histories), n_items)
    X = csr_array((np.ones(items.size), (users, items)), shape=shape)
    return X, csr_array((places, (users, items)), shape=shape)
