"""How sure a figure is that was measured on some users, and whether one run is really better than another."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

CONFIDENCE = 95.0  # per cent
N_RESAMPLES = 1_000
N_FLIPS = 10_000
# So that the random numbers of one step stay in the processor's cache.
USERS_AT_ONCE = 256
BYTES_AT_ONCE = 16


class Figure(NamedTuple):
    """value : what was measured; low, high : 95% interval of it, nan where none can be given."""

    value: float
    low: float
    high: float


class Comparison(NamedTuple):
    """n_users : users compared; difference : mean of the first run minus mean of the second.

    p_value : in (0, 1], how often a difference at least as large, either way, would come about if it were
    chance which of the two runs got which of each user's two figures.
    """

    n_users: int
    difference: Figure
    p_value: float


def mean_figures(values: Any, *, random_state: int = 0) -> list[Figure]:
    """The mean of each column with its bootstrap interval over the rows, which are users.

    Each resample weighs the users by independent exponential numbers of mean 1 and is the same for all
    columns. Unlike drawing users with replacement this leaves nobody out, so a column of which few users know
    anything has a mean in every resample.

    Parameters
    ----------
    values : float array of shape (n_users, n_columns); nan where a user has no figure
    random_state : int

    Returns
    -------
    list of n_columns Figures
        The value is nan where no user has a figure, the interval where fewer than two have.

    References
    ----------
    Rubin (1981), The Bayesian Bootstrap, doi:10.1214/aos/1176345338.
    """
    values = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(values)
    n_known = known.sum(axis=0)
    means = _quotient(np.where(known, values, 0.0).sum(axis=0), n_known)
    # Only deviations from the mean go through float32, so that its rounding is small beside the interval.
    deviations = np.where(known, values - means, 0.0)
    sums = _resampled_sums(np.hstack([deviations, known]).astype(np.float32).T, random_state)
    shifts = _quotient(sums[: means.size], sums[means.size :])
    tail = (100.0 - CONFIDENCE) / 2
    bounds = means + np.percentile(shifts, [tail, 100.0 - tail], axis=1)
    bounds[:, n_known < 2] = np.nan
    return [
        Figure(float(mean), float(low), float(high)) for mean, low, high in zip(means, *bounds, strict=True)
    ]


def compare(a: Any, b: Any, *, random_state: int = 0) -> Comparison:
    """Whether one run serves the same users better than another: a paired two-sided randomisation test.

    Users of whom either run has no figure are left out.

    Parameters
    ----------
    a, b : float arrays of shape (n_users,), a metric of the two runs, the same user at the same place
    random_state : int

    Returns
    -------
    Comparison
        Its p-value is no less than 1 / (1 + N_FLIPS); nan where there is no user to compare.

    References
    ----------
    Smucker, Allan and Carterette (2007), doi:10.1145/1321440.1321528. That the observed labelling counts as
    one of those drawn: Phipson and Smyth (2010), doi:10.2202/1544-6115.1585.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(
            f"a and b must be one figure per user of the same users, got {a.shape} and {b.shape}"
        )
    differences = a - b
    differences = differences[~np.isnan(differences)]
    (difference,) = mean_figures(differences[:, np.newaxis], random_state=random_state)
    p_value = _flip_p_value(differences, random_state) if differences.size else float("nan")
    return Comparison(differences.size, difference, p_value)


def _resampled_sums(terms: NDArray[np.float32], random_state: int) -> NDArray[np.float64]:
    """Weighted sum of each row of `terms`, one column per user, in each resample: (n_rows, N_RESAMPLES)."""
    rng = np.random.default_rng(random_state)
    weights = np.empty((USERS_AT_ONCE, N_RESAMPLES), dtype=np.float32)
    sums = np.zeros((terms.shape[0], N_RESAMPLES))
    # Products this small gain nothing from threads and lose much to them where the cores are busy.
    with threadpool_limits(1, user_api="blas"):
        for start in range(0, terms.shape[1], USERS_AT_ONCE):
            block = terms[:, start : start + USERS_AT_ONCE]
            drawn = weights[: block.shape[1]]
            rng.standard_exponential(dtype=np.float32, out=drawn)
            sums += block @ drawn
    return sums


def _flip_p_value(differences: NDArray[np.float64], random_state: int) -> float:
    """Share of random sign patterns under which the differences add up to at least as much, either way."""
    differences = differences[differences != 0]  # their sign changes nothing
    sums = _flipped_sums(differences, random_state)
    # Sums that are equal but for rounding must count as equal: with few users many are.
    least = abs(differences.sum()) - 1e-10 * np.abs(differences).sum()
    return (1 + int(np.count_nonzero(np.abs(sums) >= least))) / (1 + N_FLIPS)


def _flipped_sums(differences: NDArray[np.float64], random_state: int) -> NDArray[np.float64]:
    """Sum of the differences under each of N_FLIPS random sign patterns.

    A random byte holds the signs of eight users, whose 256 possible sums are looked up.
    """
    rng = np.random.default_rng(random_state)
    eights = np.pad(differences, (0, -differences.size % 8)).reshape(-1, 8)
    signs = 2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1) - 1.0
    possible = eights @ signs.T
    sums = np.zeros(N_FLIPS)
    for start in range(0, possible.shape[0], BYTES_AT_ONCE):
        block = possible[start : start + BYTES_AT_ONCE]
        drawn = rng.integers(256, size=(N_FLIPS, block.shape[0]), dtype=np.uint8)
        sums += block.ravel()[drawn + 256 * np.arange(block.shape[0])].sum(axis=1)
    return sums


def _quotient(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    quotient = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=quotient, where=whole > 0)
    return quotient
