import numpy as np
import pytest

from recommender.engine import cholesky
from recommender.engine.cholesky import factorise, solve

# Of rows: one block not filled, blocks filled exactly, and a last one of a single row.
SIZES = [1, 5, 6, 18, 25]
PRECISION = {np.float32: 2e-4, np.float64: 1e-12}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(cholesky, "BLOCK", 6)


def system(n, dtype, seed=5):
    """A positive definite matrix whose figures do not depend on the type."""
    half = np.random.default_rng(seed).normal(size=(n, n + 3))
    return (half @ half.T + np.eye(n)).astype(dtype)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("n", SIZES)
def test_the_lower_triangle_becomes_the_factor(n, dtype):
    matrix = system(n, dtype)
    factor = matrix.copy()
    factorise(factor)
    assert factor.dtype == dtype
    lower = np.tril(factor).astype(np.float64)
    np.testing.assert_allclose(lower @ lower.T, matrix, rtol=PRECISION[dtype], atol=PRECISION[dtype])


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("n_columns", [1, 7, 40])
def test_the_solution_is_that_of_numpy(n, dtype, n_columns):
    matrix = system(n, dtype)
    right = np.random.default_rng(n).normal(size=(n, n_columns)).astype(dtype)
    solution = right.copy()
    factor = matrix.copy()
    factorise(factor)
    solve(factor, solution)
    expected = np.linalg.solve(matrix.astype(np.float64), right.astype(np.float64))
    scale = np.abs(expected).max()
    assert solution.dtype == dtype
    np.testing.assert_allclose(solution / scale, expected / scale, rtol=0, atol=PRECISION[dtype])


def test_the_upper_triangle_is_not_read():
    matrix = system(20, np.float64)
    right = np.ones((20, 2))
    expected = np.linalg.solve(matrix, right)
    matrix[np.triu_indices(20, 1)] = np.nan
    factorise(matrix)
    solve(matrix, right)
    np.testing.assert_allclose(right, expected, rtol=1e-9)


def test_right_hand_sides_of_none_and_of_the_inverse():
    matrix = system(13, np.float64)
    factor, inverse = matrix.copy(), np.eye(13)
    factorise(factor)
    solve(factor, inverse)
    np.testing.assert_allclose(inverse, np.linalg.inv(matrix), rtol=1e-9, atol=1e-12)
    solve(factor, np.empty((13, 0)))


def test_blocks_do_not_show(monkeypatch):
    matrix, right = system(25, np.float64), np.random.default_rng(1).normal(size=(25, 3))
    solutions = []
    for size in (1, 6, 100):
        monkeypatch.setattr(cholesky, "BLOCK", size)
        factor, solution = matrix.copy(), right.copy()
        factorise(factor)
        solve(factor, solution)
        solutions.append(solution)
    np.testing.assert_allclose(solutions[0], solutions[2], rtol=1e-9)
    np.testing.assert_allclose(solutions[1], solutions[2], rtol=1e-9)


@pytest.mark.parametrize("dtype", PRECISION)
@pytest.mark.parametrize("row", [0, 8, 19])
def test_a_matrix_that_is_not_positive_definite_is_refused(row, dtype):
    matrix = system(20, dtype)
    matrix[row, row] = -1.0
    first = row // 6 * 6
    message = f"not positive definite in {np.dtype(dtype)}, row {first} and on: more ridge is needed"
    with pytest.raises(np.linalg.LinAlgError, match=message):
        factorise(matrix)


def test_a_matrix_that_is_singular_to_its_precision_is_refused():
    # Two rows that differ by less than float32 can hold.
    matrix = np.array([[1.0, 1.0], [1.0, 1.0 + 1e-12]])
    factorise(matrix.copy())
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite in float32"):
        factorise(matrix.astype(np.float32))
