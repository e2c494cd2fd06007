"""The hard rules: what may stand on a learner's list, whatever a model says."""

import numpy as np


def allowed(courses, learners):
    """Which courses each learner may be recommended.

    A course is out when it is inactive or has no open offering where offerings exist, when the learner has it
    in their learning or dismissed it, lacks a prerequisite or the level to enter, follows none of its
    languages, or has fewer hours a week than it takes. What is not known of a course or a learner forbids
    nothing, but a skill that nobody stated is not held.

    Parameters
    ----------
    courses : CourseFacts of n courses
    learners : LearnerFacts of b learners about the same courses

    Returns
    -------
    bool ndarray of shape (b, n)
    """
    may = courses.is_open & ~learners.taken
    may &= courses.entry_level <= learners.hkqf_level[:, None]
    may &= courses.hours_a_week <= learners.hours_a_week[:, None]
    may &= (
        (courses.languages & learners.languages[:, None]).astype(bool)
        | (courses.languages == 0)
        | (learners.languages == 0)[:, None]
    )
    for course, skill, level in courses.needs_skill:
        may[:, course] &= learners.held[:, skill] >= level
    for course, required in courses.needs_course:
        may[:, course] &= learners.completed[:, required]
    return np.asarray(may)
