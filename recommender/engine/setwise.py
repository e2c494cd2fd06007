"""Learning from histories without order: each item from all the others (EASE).

Where nothing says what came next, an item must not help to predict itself: the weights minimise
||X - X B||^2 + ridge ||B||^2 with a zero diagonal, which has a closed form.

References: Steck (2019), "Embarrassingly shallow autoencoders for sparse data", doi:10.1145/3308558.3313710,
equation 8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, diags_array


def set_gram(X: csr_array, *, length_power: float) -> NDArray[np.float64]:
    """X'DX, where a user who holds n items weighs n^(-length_power) in the diagonal D. A sum over users."""
    lengths = np.maximum(np.diff(X.indptr), 1)
    weights = lengths ** -float(length_power)
    gram: NDArray[np.float64] = (X.T @ (diags_array(weights) @ X)).toarray().astype(np.float64)
    return gram


def set_weights(gram: NDArray[np.float64], *, ridge: float) -> NDArray[np.float32]:
    """Steck's equation 8: B = I - P / diag(P), with P = (gram + ridge I)^-1."""
    n_items = gram.shape[0]
    system = gram.copy()
    system.flat[:: n_items + 1] += ridge
    factor = cho_factor(system, overwrite_a=True, check_finite=False)
    inverse = cho_solve(factor, np.eye(n_items), overwrite_b=True, check_finite=False)
    weights = (inverse / -inverse.diagonal()).astype(np.float32)
    np.fill_diagonal(weights, 0.0)
    return np.ascontiguousarray(weights)
