"""A course that nobody has taken yet is recommended for what it teaches."""

import numpy as np
import pytest

from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import Run
from recommender.recommendations.packing import Source
from recommender.recommendations.runs import carry_out
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

FIELDS = {
    "engineer": ["python", "data", "neural", "networks", "learning", "vision", "language", "cloud"],
    "lawyer": ["contracts", "evidence", "privacy", "ordinance", "tort", "courts", "trusts", "banking"],
}


def make_field(words, random, n_courses=12, n_learners=60):
    """Courses titled with the words of a field, and learners who stay within it."""
    courses = [
        factories.make_course(title_en=" ".join(random.choice(words, 4, replace=False)))
        for _ in range(n_courses)
    ]
    for _ in range(n_learners):
        learner = factories.make_learner()
        for course in random.choice(courses, 4, replace=False):
            factories.make_enrolment(learner, course)
    return courses


def test_a_new_course_reaches_those_whom_its_like_would_reach():
    random = np.random.default_rng(0)
    people = {}
    for field, words in FIELDS.items():
        courses = make_field(words, random)
        people[field] = factories.make_learner()
        for course in courses[:2]:
            factories.make_enrolment(people[field], course)
    factories.make_course("new", title_en="python neural networks vision")
    run = Run.objects.create()
    carry_out(run.pk)
    ranks = {}
    for field, learner in people.items():
        listed = {item.course.code: item for item in shown_list(learner, limit=20).items}
        is_listed = "new" in listed and listed["new"].source == Source.MODEL
        ranks[field] = listed["new"].rank if is_listed else 99
    assert ranks["engineer"] <= 10 < ranks["lawyer"]
