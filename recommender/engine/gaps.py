"""What somebody lacks for the roles they want."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


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
