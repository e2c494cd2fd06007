"""Similar courses: told by their texts and skills as the live run found them, on the page and in the API."""

import pytest

from recommender.recommendations.models import Run
from recommender.recommendations.runs import carry_out
from recommender.recommendations.similar import similar_courses
from tests.factories import make_course, make_learner, make_skill
from tests.queries import count_queries

pytestmark = pytest.mark.django_db(transaction=True)

TITLES = {
    "nets": "Neural networks in Python",
    "copy": "Neural networks in Python",
    "more": "Deep neural networks with Python",
    "vision": "Vision with neural networks",
    "shut": "Neural networks for speech in Python",
    "law": "Contracts and torts",
}


@pytest.fixture
def courses(settings, tmp_path):
    settings.VAR = tmp_path
    skill = make_skill("nets", name_en="networks")
    raised = {code: {skill: 3} for code in TITLES if code != "law"}
    made = {
        code: make_course(code, title_en=title, raises=raised.get(code)) for code, title in TITLES.items()
    }
    make_learner()
    run = Run.objects.create()
    carry_out(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.PUBLISHED, run.error
    made["shut"].status = "closed"
    made["shut"].save()
    return made


def similar(course):
    return [one.code for one in similar_courses(course)]


def test_the_like_are_named_but_no_near_copy_and_nothing_closed(courses):
    assert set(similar(courses["nets"])) == {"more", "vision"}
    assert similar(courses["law"]) == []
    # A closed course still says what there is instead; a near-copy stands for the other.
    assert "more" in similar(courses["shut"])
    assert len({"nets", "copy"} & set(similar(courses["shut"]))) == 1


def test_the_page_and_the_api_name_them(courses, client):
    text = client.get(f"/courses/{courses['nets'].pk}/").content.decode()
    assert "Similar courses" in text
    assert "Deep neural networks with Python" in text
    assert "Alike in their titles, descriptions and the skills they teach" in text
    named = [one["code"] for one in client.get("/api/v1/courses/nets/").json()["similar"]]
    assert named == similar(courses["nets"])
    assert "Similar courses" not in client.get(f"/courses/{courses['law'].pk}/").content.decode()


def test_more_of_them_ask_no_more_queries(courses, client):
    few = [
        count_queries(client, path) for path in (f"/courses/{courses['vision'].pk}/", "/api/v1/courses/nets/")
    ]
    courses["shut"].status = "active"
    courses["shut"].save()
    assert len(similar(courses["vision"])) > 1
    again = [
        count_queries(client, path) for path in (f"/courses/{courses['vision'].pk}/", "/api/v1/courses/nets/")
    ]
    assert again == few


def test_a_course_that_the_run_did_not_know_has_none_yet(courses):
    assert similar(make_course(title_en="Neural networks in Python again")) == []


def test_before_the_first_run_there_are_none(db):
    assert similar(make_course()) == []
