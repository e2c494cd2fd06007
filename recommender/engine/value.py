"""What a course is worth to a learner's goal: how much of the gap it closes, skills in short supply first.

gap(u, k) = max over target roles r of importance(r, k) * max(0, needed(r, k) - held(u, k)), and
value(u, c) = sum over skills k of weight(k) * (gap(u, k) before course c - gap(u, k) after it), where after
it the level held is the higher one of held and raised.

It is worked out skill by skill: only the skills that somebody lacks are looked at, and for each of those only
the courses that raise it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csc_array, csr_array

from recommender.engine.compiled import compiled

MOST_LEVEL = 5


class Needs(NamedTuple):
    """What n_roles roles need; role r has the needs from starts[r] to starts[r + 1].

    starts : int64 ndarray of shape (n_roles + 1,)
    skills : int64 ndarray of shape (n_needs,)
    importance : float64 ndarray of shape (n_needs,), in (0, 1]
    levels : int64 ndarray of shape (n_needs,), 1 to 5
    """

    starts: NDArray[np.int64]
    skills: NDArray[np.int64]
    importance: NDArray[np.float64]
    levels: NDArray[np.int64]

    @classmethod
    def of(cls, importance: ArrayLike, needed: ArrayLike) -> Needs:
        """From two arrays of shape (n_roles, n_skills); 0 in either says that a skill is not needed."""
        importance = np.asarray(importance, dtype=np.float64)
        needed = _checked_levels("needed", needed)
        counts = (importance > 0) & (needed > 0)
        roles, skills = np.nonzero(counts)
        starts = np.searchsorted(roles, np.arange(importance.shape[0] + 1))
        return cls(starts, skills, importance[counts], needed[counts].astype(np.int64))


class Raises(NamedTuple):
    """The levels that courses raise skills to, once by skill and once by course.

    skill_starts, courses, skill_levels : course courses[e] raises skill k for e in the range of
        skill_starts[k : k + 2]; int64 ndarrays of shapes (n_skills + 1,), (n_entries,), (n_entries,)
    course_starts, skills, course_levels : the same turned round
    """

    skill_starts: NDArray[np.int64]
    courses: NDArray[np.int64]
    skill_levels: NDArray[np.int64]
    course_starts: NDArray[np.int64]
    skills: NDArray[np.int64]
    course_levels: NDArray[np.int64]

    @classmethod
    def of(cls, raises: Any) -> Raises:
        """From an array, sparse or dense, of shape (n_courses, n_skills), levels 0 to 5."""
        by_course = csr_array(raises)
        _checked_levels("raises", by_course.data)
        by_skill = csc_array(by_course)
        return cls(
            by_skill.indptr.astype(np.int64),
            by_skill.indices.astype(np.int64),
            by_skill.data.astype(np.int64),
            by_course.indptr.astype(np.int64),
            by_course.indices.astype(np.int64),
            by_course.data.astype(np.int64),
        )


class Targets(NamedTuple):
    """Where b learners stand and where they want to go.

    held : uint8 ndarray of shape (b, n_skills), levels 0 to 5
    starts : int64 ndarray of shape (b + 1,); learner u wants the roles from starts[u] to starts[u + 1]
    roles : int64 ndarray of shape (n_targets,), rows of `Needs`
    """

    held: NDArray[np.uint8]
    starts: NDArray[np.int64]
    roles: NDArray[np.int64]

    @classmethod
    def of(cls, held: ArrayLike, roles: Sequence[Sequence[int]]) -> Targets:
        """From the levels held, and the rows of the roles that each learner wants."""
        starts = np.cumsum([0, *map(len, roles)]).astype(np.int64)
        flat = np.array([role for wanted in roles for role in wanted], dtype=np.int64)
        return cls(_checked_levels("held", held).astype(np.uint8, copy=False), starts, flat)


def _checked_levels(name: str, levels: ArrayLike) -> NDArray[Any]:
    checked = np.asarray(levels)
    if checked.size and not 0 <= checked.min() <= checked.max() <= MOST_LEVEL:
        raise ValueError(
            f"{name} must hold levels from 0 to {MOST_LEVEL}, got {checked.min()} to {checked.max()}"
        )
    return checked


@compiled
def lacking(user, targets, needs, gap_at, is_lacking, skills):  # type: ignore[no-untyped-def]
    """Puts the skills that a learner lacks into `skills`, and the gap left at each level into `gap_at`.

    How many there are. `is_lacking` is all false before, and true of those skills after.
    """
    held, n_lacking = targets.held[user], 0
    for target in range(targets.starts[user], targets.starts[user + 1]):
        role = targets.roles[target]
        for need in range(needs.starts[role], needs.starts[role + 1]):
            skill, needed = needs.skills[need], needs.levels[need]
            if needed <= held[skill]:
                continue
            if not is_lacking[skill]:
                is_lacking[skill] = True
                skills[n_lacking] = skill
                n_lacking += 1
                gap_at[skill] = 0.0
            for level in range(held[skill], needed):
                gap_at[skill, level] = max(gap_at[skill, level], needs.importance[need] * (needed - level))
    return n_lacking


@compiled
def add_up(held, skills, gap_at, raises, weights, value, closed):  # type: ignore[no-untyped-def]
    """Adds what each course closes of the gap in `skills` to `closed`, weighed to `value`; the whole gap."""
    whole = 0.0
    for skill in skills:
        before = gap_at[skill, held[skill]]
        whole += before
        for entry in range(raises.skill_starts[skill], raises.skill_starts[skill + 1]):
            level = raises.skill_levels[entry]
            if level > held[skill]:
                part = before - gap_at[skill, level]
                closed[raises.courses[entry]] += part
                value[raises.courses[entry]] += weights[skill] * part
    return whole


def whole_gaps(targets: Targets, needs: Needs) -> NDArray[np.float64]:
    """The sum of each learner's gap over all skills, shape (b,): importance times levels."""
    sums = np.zeros(targets.held.shape[0])
    _add_gaps(targets, needs, sums)
    return sums


@compiled
def _add_gaps(targets, needs, sums):  # type: ignore[no-untyped-def]
    n_skills = targets.held.shape[1]
    gap_at = np.zeros((n_skills, MOST_LEVEL + 1))
    is_lacking, skills = np.zeros(n_skills, np.bool_), np.empty(n_skills, np.int64)
    for user in range(sums.size):
        for at in range(lacking(user, targets, needs, gap_at, is_lacking, skills)):
            sums[user] += gap_at[skills[at], targets.held[user, skills[at]]]
            is_lacking[skills[at]] = False
