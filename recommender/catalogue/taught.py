"""Which course teaches which skill, all of it at once, for counting."""

import numpy as np
from django.core.cache import cache

from recommender.catalogue.models import Course, CourseSkill

# `search_index.index` forgets it when skills of courses change.
TAUGHT = "catalogue-skills-taught"
TAUGHT_SECONDS = 600


def skills_taught():
    """int64 ndarray (n, 2): ids of an active course and of a skill that counts as taught there."""
    return cache.get_or_set(TAUGHT, _read, TAUGHT_SECONDS)


def _read():
    taught = CourseSkill.objects.counted().filter(course__status=Course.Status.ACTIVE)
    return np.array(taught.values_list("course_id", "skill_id"), dtype=np.int64).reshape(-1, 2)
