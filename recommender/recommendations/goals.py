"""How much of the way to a learner's target roles each course goes.

A course closes the part of the gap that is gone once its skills are held.
"""

from typing import NamedTuple

import numpy as np

from recommender.engine.gaps import gap


class GapClosed(NamedTuple):
    """Shares of the whole gap, each in [0, 1].

    by_course : float64 ndarray of shape (n_courses,)
    course, skill : int ndarrays of shape (n_parts,), positions; a course's parts add up to its share
    part : float64 ndarray of shape (n_parts,)
    """

    by_course: np.ndarray
    course: np.ndarray
    skill: np.ndarray
    part: np.ndarray


def gap_closed(courses, roles, targets, held):
    """What each course closes of the gap between what is held and what the target roles need.

    Parameters
    ----------
    courses : CourseFacts
    roles : RoleFacts
    targets : list of role ids, at least one
    held : uint8 ndarray of shape (n_skills,), levels
    """
    importance = np.stack([roles.importance[role] for role in targets])
    needed = np.stack([roles.level[role] for role in targets])
    before = gap(importance, needed, held)
    raises = courses.raises.tocoo()
    course, skill = raises.coords
    reached = np.maximum(held[skill], raises.data)
    after = gap(importance[:, skill], needed[:, skill], reached)
    part = (before[skill] - after) / max(before.sum(), np.finfo(float).tiny)
    return GapClosed(np.bincount(course, part, courses.ids.size), course, skill, part)
