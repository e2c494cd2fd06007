"""A course that nobody has taken yet is recommended for what it teaches."""

import numpy as np
import pytest

from recommender.engine import blend, neighbours, selection
from recommender.learners.models import Learner
from recommender.recommendations import learning
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


def make_fields():
    """Both fields, a learner at the beginning of each, and a new course for engineers; the two learners."""
    random = np.random.default_rng(0)
    people = {}
    for field, words in FIELDS.items():
        courses = make_field(words, random)
        people[field] = factories.make_learner()
        for course in courses[:2]:
            factories.make_enrolment(people[field], course)
    factories.make_course("new", title_en="python neural networks vision")
    return people


def carried_out():
    run = Run.objects.create()
    carry_out(run.pk)
    run.refresh_from_db()
    return run


def test_a_new_course_reaches_those_whom_its_like_would_reach():
    people = make_fields()
    assert carried_out().model["places_new_courses"] is True
    ranks = {}
    for field, learner in people.items():
        listed = {item.course.code: item for item in shown_list(learner, limit=20).items}
        is_listed = "new" in listed and listed["new"].source == Source.MODEL
        ranks[field] = listed["new"].rank if is_listed else 99
    assert ranks["engineer"] <= 10 < ranks["lawyer"]


def test_the_judged_model_places_new_courses_as_well():
    """Everybody ends with a course of their field that nobody has taken before."""
    random = np.random.default_rng(0)
    for words in FIELDS.values():
        old = make_field(words, random)
        new = factories.make_course(title_en=" ".join(words[:4]))
        for learner in Learner.objects.filter(enrolments__course__in=old).distinct():
            factories.make_enrolment(learner, new)
    figures = carried_out().quality["model"]
    assert figures["n_learners"] == 120
    assert figures["recall"] > 0.5


def test_where_new_courses_cannot_be_placed_the_run_says_so(monkeypatch):
    for module in (blend, neighbours, selection):
        monkeypatch.setattr(module, "MOST_DENSE_ITEMS", 10)
    monkeypatch.setattr(learning, "SELECTION_SECONDS", 0)
    people = make_fields()
    run = carried_out()
    assert run.model["places_new_courses"] is False
    assert [member["family"] for member in run.model["members"]] == ["ItemNeighbours"]
    for learner in people.values():
        listed = {item.course.code: item.source for item in shown_list(learner, limit=20).items}
        assert Source.MODEL in listed.values()
        assert listed.get("new") != Source.MODEL
