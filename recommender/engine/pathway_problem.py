"""What a pathway is asked of: a goal, courses with their offerings, and the limits of a learner.

Days are whole numbers counted from a day 0 that the caller chooses, such as today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from recommender.engine.subsidies import subsidy_cents

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNKNOWN_FEE = -1


@dataclass(frozen=True)
class Courses:
    """Facts of n courses.

    raises : csr_array of shape (n, n_skills), the level of each skill that who finishes has
    needs_skill : int64 ndarray of shape (n_rows, 3): course, skill, level to hold before the start
    needs_course : int64 ndarray of shape (n_rows, 2): course, course to complete before the start
    languages : uint64 ndarray of shape (n,), bit sets, 0 where unknown
    entry_level : int64 ndarray of shape (n,), HKQF level needed to enter, 0 where none is stated
    """

    raises: csr_array
    needs_skill: Ints
    needs_course: Ints
    languages: NDArray[np.uint64]
    entry_level: Ints

    @property
    def n(self) -> int:
        return int(self.raises.shape[0])


@dataclass(frozen=True)
class Offerings:
    """Facts of m occasions to take a course: on dates, or at one's own pace.

    course : int64 ndarray of shape (m,)
    is_dated : bool ndarray of shape (m,); what is not dated may be worked at at any time
    starts, ends : int64 ndarrays of shape (m,), first and last day; 0 where not dated
    hours : float64 ndarray of shape (m,), more than 0: a week where dated, else in all
    fee_cents : int64 ndarray of shape (m,), -1 where unknown, which the sums leave out
    part_cents : int64 ndarray of shape (m,), what is to be paid at least where the fee is unknown, such as
        that of the first year; else 0
    is_subsidised : bool ndarray of shape (m,)
    chance : float64 ndarray of shape (m,), of finishing it, in (0, 1]
    """

    course: Ints
    is_dated: Bools
    starts: Ints
    ends: Ints
    hours: Floats
    fee_cents: Ints
    part_cents: Ints
    is_subsidised: Bools
    chance: Floats


@dataclass(frozen=True)
class Limits:
    """What a learner can give.

    start, horizon : the first day of learning; the day by which all is finished, which is no day of learning
    hours_a_week : more than 0
    budget_cents : to spend after subsidy, None for any sum; of an unknown fee the stated part counts
    languages : bit set, 0 for any
    hkqf_level : 1 to 7
    coverage : share to reach of the needed levels, each weighed by importance, in (0, 1]
    tiers : (percent, cents left) of the subsidy, the highest percentage first; fees of all courses that are
        claimed for go through them together, in this order
    claims : how many courses the subsidy may still be claimed for, None for any number
    """

    start: int
    horizon: int
    hours_a_week: float
    budget_cents: int | None = None
    languages: int = 0
    hkqf_level: int = 7
    coverage: float = 1.0
    tiers: Sequence[tuple[int, int]] = ()
    claims: int | None = None


@dataclass(frozen=True)
class Problem:
    """From what is held to what is needed.

    needed, held : int64 ndarrays of shape (n_skills,), levels 0 to 5
    importance : float64 ndarray of shape (n_skills,), in [0, 1]; a skill of importance 0 is not needed
    completed : bool ndarray of shape (n_courses,); what they raised is in `held` already
    """

    needed: Ints
    importance: Floats
    held: Ints
    completed: Bools
    courses: Courses
    offerings: Offerings
    limits: Limits

    def __post_init__(self) -> None:
        limits, offerings = self.limits, self.offerings
        if not limits.hours_a_week > 0:
            raise ValueError(f"hours_a_week must be more than 0, got {limits.hours_a_week}")
        if not 0 < limits.coverage <= 1:
            raise ValueError(f"coverage must be in (0, 1], got {limits.coverage}")
        percents = [percent for percent, _ in limits.tiers]
        if percents != sorted(percents, reverse=True):
            raise ValueError(f"tiers must have the highest percentage first, got {percents}")
        if not (offerings.hours > 0).all():
            raise ValueError("hours of offerings must be more than 0")
        if not ((offerings.chance > 0) & (offerings.chance <= 1)).all():
            raise ValueError("chance must be in (0, 1]")

    @property
    def missing(self) -> Ints:
        """Positions of the needed skills that are held below the needed level."""
        return np.flatnonzero((self.importance > 0) & (self.needed > self.held))


def levels_to_gain(problem: Problem) -> float:
    """Importance-weighted levels still to gain for the coverage that is asked for; more than 0 when any."""
    whole = problem.importance @ problem.needed
    has = problem.importance @ np.minimum(problem.held, problem.needed)
    return float(problem.limits.coverage * whole - has)


def least_cents(problem: Problem, taken: Sequence[int]) -> int:
    """What offerings that are taken cost at least after subsidy: known fees and stated parts of others."""
    fees, back = cost_cents(problem, taken)
    return fees - back + int(problem.offerings.part_cents[taken].sum())


def claimed(problem: Problem, taken: Sequence[int]) -> list[int]:
    """Of offerings that are taken, those to claim the subsidy for: the dearest, where claims are few."""
    offerings = problem.offerings
    eligible = [one for one in taken if offerings.is_subsidised[one] and offerings.fee_cents[one] > 0]
    return sorted(eligible, key=lambda one: -offerings.fee_cents[one])[: problem.limits.claims]


def cost_cents(problem: Problem, taken: Sequence[int]) -> tuple[int, int]:
    """The known fees of offerings that are taken, and what the subsidy gives back of them."""
    fees = np.maximum(problem.offerings.fee_cents, 0)
    eligible = int(fees[claimed(problem, taken)].sum())
    return int(fees[taken].sum()), subsidy_cents(eligible, problem.limits.tiers)
