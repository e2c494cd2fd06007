"""Solves large symmetric positive definite systems in place, block by block.

LAPACK's own factorisation was seen to crash in single precision at some 30,000 rows, where indices into the
matrix outgrow 32 bits; blocks stay far below that, need no copy of the matrix, and spend their time in matrix
products.

References
----------
Golub and Van Loan (2013), "Matrix computations", 4th edition, section 4.2.9 (block Cholesky).
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cholesky, get_blas_funcs

BLOCK = 4096


def factorise(matrix: NDArray[Any]) -> None:
    """Overwrite the lower triangle with L, where L L' is the matrix; the upper one is not read.

    Parameters
    ----------
    matrix : float32 or float64 ndarray of shape (n, n), C-contiguous

    Raises
    ------
    numpy.linalg.LinAlgError
        If the matrix is not positive definite to the precision of its type.
    """
    (trsm,) = get_blas_funcs(("trsm",), (matrix,))
    for here in _blocks(matrix.shape[0]):
        before, rest = slice(0, here.start), slice(here.start, matrix.shape[0])
        panel = matrix[rest, here] - matrix[rest, before] @ matrix[here, before].T
        n_here = here.stop - here.start
        try:
            # The transpose of the lower triangle is the upper one of a Fortran-ordered array: no copy.
            factor = cholesky(panel[:n_here].T, check_finite=False).T
        except LinAlgError as error:
            raise LinAlgError(
                f"not positive definite in {matrix.dtype}, row {here.start} and on: more ridge is needed"
            ) from error
        matrix[here, here] = factor
        # X L' = P for the rows below.
        below = panel[n_here:]
        matrix[here.stop :, here] = trsm(1.0, factor.T, below.T, side=0, lower=0, trans_a=1).T


def solve(factor: NDArray[Any], right: NDArray[Any]) -> None:
    """Overwrite `right` with the solution x of (L L') x = right, given L of `factorise`.

    Parameters
    ----------
    factor : ndarray of shape (n, n), C-contiguous
    right : ndarray of the same dtype, shape (n, m), C-contiguous
    """
    (trsm,) = get_blas_funcs(("trsm",), (factor, right))
    blocks = _blocks(factor.shape[0])
    for here in blocks:
        before = slice(0, here.start)
        right[here] -= factor[here, before] @ right[before]
        # x' L' = r', on the transpose, which is in Fortran's order
        right[here] = trsm(
            1.0, factor[here, here], right[here].T, side=1, lower=1, trans_a=1, overwrite_b=1
        ).T
    for here in reversed(blocks):
        after = slice(here.stop, factor.shape[0])
        right[here] -= factor[after, here].T @ right[after]
        right[here] = trsm(1.0, factor[here, here], right[here].T, side=1, lower=1, overwrite_b=1).T


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK)]
