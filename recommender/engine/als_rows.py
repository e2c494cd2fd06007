"""The small systems of alternating least squares, one for each row of a sparse matrix.

A row holds entries i of strength c_i, and each entry has a vector y_i of the other side. The row's own vector
w minimises, for a diagonal matrix D,

    sum of c_i (1 - w'y_i)^2 over its entries + w'D w,    so that    (D + Y'C Y) w = Y'C 1.

D is the ridge and what all that the row does not hold adds to it (see `als`). `improve` takes a few steps
towards the solution, which is all that a fit needs; `fold_in` reaches it.

References
----------
Hu, Koren and Volinsky (2008), "Collaborative filtering for implicit feedback datasets",
doi:10.1109/ICDM.2008.22, sections 4 and 5.
Takács, Pilászy and Tikk (2011), "Applications of the conjugate gradient method for implicit feedback
collaborative filtering", doi:10.1145/2043932.2043987.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

# As `compiled`, but a sum may be split up among the lanes of a vector unit: in each call in the same way.
summing: Any = numba.njit(
    nogil=True, cache=True, error_model="numpy", fastmath={"contract", "nsz", "reassoc"}
)

# Conjugate gradient steps at a time; with exact solutions instead, lists were measured to be no better.
STEPS = 3


@summing
def improve(  # type: ignore[no-untyped-def]
    starts, columns, strengths, others, unobserved, ridges, rows, first, last
):
    """Conjugate gradient steps for the rows from `first` to `last`, from where they are; in place.

    Parameters
    ----------
    starts, columns : int64 ndarrays of shapes (n_rows + 1,) and (n_entries,), as in a csr_array
    strengths : float32 ndarray of shape (n_entries,), positive
    others : float32 ndarray of shape (n_columns, n_factors), the vectors y
    unobserved : float32 ndarray of shape (n_factors,)
    ridges : float32 ndarray of shape (n_rows,); D of a row is `unobserved` plus the row's ridge
    rows : float32 ndarray of shape (n_rows, n_factors), the vectors w
    """
    n_factors = unobserved.size
    diagonal, residual = np.empty(n_factors, np.float32), np.empty(n_factors, np.float32)
    step, product = np.empty(n_factors, np.float32), np.empty(n_factors, np.float32)
    for row in range(first, last):
        here = slice(starts[row], starts[row + 1])
        items, weights, w = columns[here], strengths[here], rows[row]
        if items.size == 0:
            w[:] = 0.0
            continue
        for f in range(n_factors):
            diagonal[f] = unobserved[f] + ridges[row]
        _slope(others, items, weights, diagonal, w, np.float32(1), residual)
        for f in range(n_factors):
            residual[f] = -residual[f]
            step[f] = residual[f] / diagonal[f]
        descent = _dot(residual, step)
        for _ in range(STEPS):
            _slope(others, items, weights, diagonal, step, np.float32(0), product)
            curvature = _dot(step, product)
            if not curvature > 0:
                break
            length = descent / curvature
            for f in range(n_factors):
                w[f] += length * step[f]
                residual[f] -= length * product[f]
                product[f] = residual[f] / diagonal[f]
            descent, before = _dot(residual, product), descent
            for f in range(n_factors):
                step[f] = product[f] + descent / before * step[f]


@summing
def _slope(others, items, weights, diagonal, vector, target, slope):  # type: ignore[no-untyped-def]
    """D v + Y'C (Y v - target); four entries at a time, so that sums are fetched and stored less often."""
    n, n_factors = items.size, vector.size
    for f in range(n_factors):
        slope[f] = diagonal[f] * vector[f]
    for i in range(0, n - 3, 4):
        y0, y1, y2, y3 = others[items[i]], others[items[i + 1]], others[items[i + 2]], others[items[i + 3]]
        s0 = s1 = s2 = s3 = -target
        for f in range(n_factors):
            s0 += y0[f] * vector[f]
            s1 += y1[f] * vector[f]
            s2 += y2[f] * vector[f]
            s3 += y3[f] * vector[f]
        s0, s1, s2, s3 = weights[i] * s0, weights[i + 1] * s1, weights[i + 2] * s2, weights[i + 3] * s3
        for f in range(n_factors):
            slope[f] += s0 * y0[f] + s1 * y1[f] + s2 * y2[f] + s3 * y3[f]
    for i in range(n - n % 4, n):
        y = others[items[i]]
        s = weights[i] * (_dot(y, vector) - target)
        for f in range(n_factors):
            slope[f] += s * y[f]


@summing
def fold_in(starts, columns, strengths, factors, unobserved, ridges, users):  # type: ignore[no-untyped-def]
    """The exact vectors w of all rows, written to `users`, float64 of shape (n_rows, n_factors).

    Other parameters as those of `improve`, but that `unobserved` and `ridges` are float64.
    """
    n_factors = unobserved.size
    matrix, system, solution, roots = _room(starts, n_factors)
    target = np.empty(matrix.shape[1])
    for user in range(starts.size - 1):
        here = slice(starts[user], starts[user + 1])
        items, weights, w = columns[here], strengths[here], users[user]
        for f in range(n_factors):
            roots[f] = 1 / np.sqrt(unobserved[f] + ridges[user])
        _factorise(items, weights, factors, roots, matrix, system)
        for i in range(items.size):
            target[i] = np.sqrt(np.float64(weights[i]))
        _pass(matrix, system, items.size, n_factors, items.size <= n_factors, target, solution, w)
        for f in range(n_factors):
            w[f] *= roots[f]


@summing
def fold_in_shares(  # type: ignore[no-untyped-def]
    starts, columns, strengths, factors, unobserved, ridges, scored, shares
):
    """The share of each entry in the score of item scored[row], written to `shares`, float64.

    A score is linear in the right-hand side of the system, a sum over entries: entry i has a part of
    y'(D + Y'C Y)^-1 y_i c_i in the score of y (Hu, Koren and Volinsky 2008, section 5).
    """
    n_factors = unobserved.size
    matrix, system, solution, roots = _room(starts, n_factors)
    target = np.empty(n_factors)
    for user in range(starts.size - 1):
        here = slice(starts[user], starts[user + 1])
        items, weights, own = columns[here], strengths[here], shares[here]
        for f in range(n_factors):
            roots[f] = 1 / np.sqrt(unobserved[f] + ridges[user])
            target[f] = factors[scored[user], f] * roots[f]
        _factorise(items, weights, factors, roots, matrix, system)
        _pass(matrix, system, n_factors, items.size, items.size > n_factors, target, solution, own)
        for i in range(items.size):
            own[i] *= np.sqrt(np.float64(weights[i]))


@summing
def _room(starts, n_factors):  # type: ignore[no-untyped-def]
    """Space for the longest row: its matrix, its system, a solution, and the roots of D^-1."""
    longest = 0
    for row in range(starts.size - 1):
        longest = max(longest, starts[row + 1] - starts[row])
    rank = min(longest, n_factors)
    matrix = np.empty((rank, max(longest, n_factors)))
    return matrix, np.empty((rank, rank)), np.empty(rank), np.empty(n_factors)


@summing
def _factorise(items, weights, factors, roots, matrix, system):  # type: ignore[no-untyped-def]
    """Writes Z = C^1/2 Y D^-1/2, shorter side first, and the Cholesky factor of the smaller system.

    w = D^-1/2 Z'(I + ZZ')^-1 C^1/2 1 = D^-1/2 (I + Z'Z)^-1 Z'C^1/2 1: either system will do, and neither has
    an eigenvalue below 1.
    """
    n, n_factors = items.size, roots.size
    is_short = n <= n_factors
    for i in range(n):
        y, root = factors[items[i]], np.sqrt(np.float64(weights[i]))
        for f in range(n_factors):
            if is_short:
                matrix[i, f] = root * y[f] * roots[f]
            else:
                matrix[f, i] = root * y[f] * roots[f]
    rank, length = min(n, n_factors), max(n, n_factors)
    for i in range(rank):
        for j in range(i + 1):
            system[i, j] = _dot(matrix[i, :length], matrix[j, :length])
        system[i, i] += 1
    for i in range(rank):
        for j in range(i):
            system[i, j] = (system[i, j] - _dot(system[i, :j], system[j, :j])) / system[j, j]
        system[i, i] = np.sqrt(system[i, i] - _dot(system[i, :i], system[i, :i]))


@summing
def _pass(matrix, system, n_in, n_out, is_short, vector, solution, result):  # type: ignore[no-untyped-def]
    """Takes a vector of one side of Z to the other, through the system that `_factorise` left.

    `is_short` says that the vector is of the shorter side, which is the one the system is of.
    """
    rank = min(n_in, n_out)
    if is_short:
        solution[:rank] = vector[:rank]
    else:
        for i in range(rank):
            solution[i] = _dot(matrix[i, :n_in], vector[:n_in])
    for i in range(rank):
        solution[i] = (solution[i] - _dot(system[i, :i], solution[:i])) / system[i, i]
    for i in range(rank - 1, -1, -1):
        solution[i] /= system[i, i]
        for j in range(i):
            solution[j] -= system[i, j] * solution[i]
    if not is_short:
        result[:] = solution[:rank]
        return
    result[:] = 0.0
    for i in range(rank):
        for j in range(n_out):
            result[j] += solution[i] * matrix[i, j]


@summing
def _dot(one, other):  # type: ignore[no-untyped-def]
    total = one.dtype.type(0)
    for i in range(one.size):
        total += one[i] * other[i]
    return total
