"""What learners hold: the levels that they stated or had confirmed, and those that courses raise them to."""

import numpy as np
from django.db.models import QuerySet
from scipy.sparse import csr_array

from recommender.catalogue.models import CourseSkill
from recommender.learners.models import SkillHeld

ROWS_A_FETCH = 20_000


def rows_array(queryset: QuerySet, *fields) -> np.ndarray:
    """An int64 array of shape (n_rows, n_fields), fetched in portions."""
    kind = np.dtype((np.int64, (len(fields),)))
    return np.fromiter(queryset.values_list(*fields).iterator(ROWS_A_FETCH), kind)


def positions(rows, first, second):
    """The rows with the ids of their first two columns turned into positions in `first` and `second`.

    Both are ascending. A row that names something newer than those is left out: they were read a moment
    before.
    """
    rows = rows[np.isin(rows[:, 0], first) & np.isin(rows[:, 1], second)]
    rows[:, 0] = np.searchsorted(first, rows[:, 0])
    rows[:, 1] = np.searchsorted(second, rows[:, 1])
    return rows


def read_held(skills, learners, completed) -> np.ndarray:
    """Levels of b learners: stated, confirmed or gained by completing courses.

    Parameters
    ----------
    skills, learners : int64 ndarrays of shape (n_skills,) and (b,), ids, ascending
    completed : int64 ndarray of shape (n_pairs, 2), ids of a learner and a course

    Returns
    -------
    uint8 ndarray of shape (b, n_skills)
    """
    held = read_stated(skills, learners, SkillHeld.objects.filter(learner__in=learners.tolist()))
    courses = np.unique(completed[:, 1])
    raised = CourseSkill.objects.counted().filter(course__in=courses.tolist())
    raises = read_raises(skills, courses, raised)
    raise_levels(held, raises, positions(completed, learners, courses))
    return held


def read_stated(skills, learners, stated: QuerySet) -> np.ndarray:
    """Levels stated or confirmed, by the rows `stated` of SkillHeld.

    Returns a uint8 ndarray of shape (b, n_skills); `skills` and `learners` are ids, ascending.
    """
    held = np.zeros((learners.size, skills.size), dtype=np.uint8)
    rows = positions(rows_array(stated.order_by(), "learner_id", "skill_id", "level"), learners, skills)
    held[rows[:, 0], rows[:, 1]] = rows[:, 2]
    return held


def read_raises(skills, courses, raised: QuerySet) -> csr_array:
    """Levels that courses raise skills to, by the rows `raised` of CourseSkill.

    Returns a uint8 csr_array of shape (n_courses, n_skills); `skills` and `courses` are ids, ascending.
    """
    rows = positions(rows_array(raised.order_by(), "course_id", "skill_id", "level"), courses, skills)
    levels = rows[:, 2].astype(np.uint8)
    return csr_array((levels, (rows[:, 0], rows[:, 1])), shape=(courses.size, skills.size))


def raise_levels(held, raises, done) -> None:
    """Raises levels in place to what courses give; `done` pairs rows of `held` with rows of `raises`."""
    gained = raises[done[:, 1]].tocoo()
    pair, skill = gained.coords
    # Flat places: numpy is many times slower with two indices.
    np.maximum.at(held.reshape(-1), done[pair, 0] * held.shape[1] + skill, gained.data)
