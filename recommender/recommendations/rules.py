"""The hard rules: what may stand on a learner's list, whatever a model says.

Each rule is one function of CourseFacts of n courses and LearnerFacts of b learners about the same courses,
which gives the bool ndarray, of shape (b, n) or one that broadcasts to it, of the pairs that keep it. What is
not known of a course or a learner breaks no rule, but a skill that nobody stated is not held.
"""

from enum import IntFlag, auto

import numpy as np


class Rule(IntFlag):
    """What may stand between a learner and a course, one bit each."""

    INACTIVE = auto()
    NO_OFFERING = auto()
    COMPLETED = auto()
    IN_LEARNING = auto()
    DISMISSED = auto()
    ENTRY_LEVEL = auto()
    PREREQUISITE = auto()
    LANGUAGE = auto()
    HOURS = auto()


def is_active(courses, learners):
    return courses.is_active


def has_an_open_offering(courses, learners):
    """Where offerings exist."""
    return courses.has_offering


def is_not_completed(courses, learners):
    return ~learners.completed


def is_not_in_learning(courses, learners):
    """Saved, enrolled in or dropped."""
    return ~learners.in_learning


def is_not_dismissed(courses, learners):
    return ~learners.dismissed


def has_the_level_to_enter(courses, learners):
    return courses.entry_level <= learners.hkqf_level[:, None]


def has_what_is_required_first(courses, learners):
    may = np.ones((learners.ids.size, courses.ids.size), dtype=bool)
    for course, skill, level in courses.needs_skill:
        may[:, course] &= learners.held[:, skill] >= level
    for course, required in courses.needs_course:
        may[:, course] &= learners.completed[:, required]
    return may


def follows_a_language(courses, learners):
    return (
        (courses.languages & learners.languages[:, None]).astype(bool)
        | (courses.languages == 0)
        | (learners.languages == 0)[:, None]
    )


def has_the_hours(courses, learners):
    return courses.hours_a_week <= learners.hours_a_week[:, None]


RULES = {
    Rule.INACTIVE: is_active,
    Rule.NO_OFFERING: has_an_open_offering,
    Rule.COMPLETED: is_not_completed,
    Rule.IN_LEARNING: is_not_in_learning,
    Rule.DISMISSED: is_not_dismissed,
    Rule.ENTRY_LEVEL: has_the_level_to_enter,
    Rule.PREREQUISITE: has_what_is_required_first,
    Rule.LANGUAGE: follows_a_language,
    Rule.HOURS: has_the_hours,
}


def allowed(courses, learners):
    """Which courses each learner may be recommended: those that break no rule.

    Returns
    -------
    bool ndarray of shape (b, n)
    """
    may = np.ones((learners.ids.size, courses.ids.size), dtype=bool)
    for keeps in RULES.values():
        may &= keeps(courses, learners)
    return may


def broken_rules(courses, learners):
    """Which rules each course breaks for each learner.

    Returns
    -------
    uint16 ndarray of shape (b, n), bit sets of `Rule`; 0 where the course is allowed
    """
    broken = np.zeros((learners.ids.size, courses.ids.size), dtype=np.uint16)
    for rule, keeps in RULES.items():
        broken |= ~keeps(courses, learners) * np.uint16(rule)
    return broken
