"""My learning: by status, with the next steps, and what was turned down."""

import pytest

from tests.cast import signed_in
from tests.factories import make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db


def test_courses_stand_by_status_newest_first(city, ada):
    make_enrolment(city.learner, city.rich, "enrolled")
    make_enrolment(city.learner, city.free, "dropped")
    taken = ada.get("/my-learning/").context["taken"]
    assert [(item.heading, item.enrolment.course.code) for item in taken] == [
        ("Enrolled", "rich"),
        ("Saved", "saved"),
        ("Completed", "taken"),
        ("Dropped", "free"),
    ]


def test_each_status_offers_its_next_steps(city, ada):
    make_enrolment(city.learner, city.rich, "enrolled")
    taken = ada.get("/my-learning/").context["taken"]
    assert {item.heading: [status for status, _ in item.steps] for item in taken} == {
        "Enrolled": ["completed", "dropped"],
        "Saved": ["enrolled", "completed"],
        "Completed": [],
    }


def test_what_was_turned_down_can_be_taken_back(city, ada):
    text = ada.get("/my-learning/").content.decode()
    assert f'action="/courses/{city.dismissed.pk}/dismissal/undo/"' in text
    ada.post(f"/courses/{city.dismissed.pk}/dismissal/undo/", {"next": "/my-learning/"})
    assert not ada.get("/my-learning/").context["dismissals"]


def test_someone_new_is_shown_the_way(db):
    assert "Nothing here yet" in signed_in(make_user()).get("/my-learning/").content.decode()


def test_a_long_history_has_pages(city, ada):
    for _ in range(60):
        make_enrolment(city.learner, make_course())
    assert len(ada.get("/my-learning/").context["taken"]) == 50
    assert len(ada.get("/my-learning/?page=2").context["taken"]) == 12
