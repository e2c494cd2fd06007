"""Skills that were vetoed, or proposed with little confidence, are neither taught nor recommended for."""

from datetime import date

import pytest

from recommender.catalogue.models import CourseSkill
from recommender.learners.models import Learner
from recommender.portal.standing import standing_of
from recommender.recommendations.dataset import read_training
from recommender.recommendations.facts import read_courses, read_learners, read_vocabulary
from tests.factories import make_course, make_enrolment, make_learner, make_skill

pytestmark = pytest.mark.django_db
STATES = {
    ("confirmed", None): True,
    ("proposed", 0.5): True,
    ("proposed", 0.49): False,
    ("vetoed", 0.9): False,
}


@pytest.fixture
def learner(db):
    """Somebody who has completed a course with a skill in each state; skills in the order of STATES."""
    course, learner = make_course(), make_learner()
    for state, confidence in STATES:
        skill = make_skill()
        CourseSkill.objects.create(course=course, skill=skill, level=3, state=state, confidence=confidence)
    make_enrolment(learner, course, "completed")
    return learner


def test_a_run_sees_what_counts(learner):
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=date(2026, 11, 25))
    assert (courses.raises.toarray()[0] > 0).tolist() == list(STATES.values())
    assert read_training().skills.shape[1] == 2


def test_completing_a_course_gives_what_counts(learner):
    vocabulary = read_vocabulary()
    courses = read_courses(vocabulary, on=date(2026, 11, 25))
    facts = read_learners(vocabulary, courses, [learner.pk])
    assert (facts.held[0] > 0).tolist() == list(STATES.values())
    held = standing_of(Learner.objects.get()).held
    assert [skill in held for skill in vocabulary.skills.tolist()] == list(STATES.values())
