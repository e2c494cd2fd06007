"""Why a course is on the caller's list or not, through the API."""

from datetime import date

import pytest

from recommender.learners.models import Event
from recommender.skills.models import Language
from tests.factories import make_course, make_enrolment, make_offering, make_role, make_skill

pytestmark = pytest.mark.django_db


def ask(client, code, **query):
    answer = client.get(f"/api/v1/me/courses/{code}/why/", query)
    assert answer.status_code == 200
    return answer.json()


def test_only_people_with_an_account_ask(cast):
    make_course("a")
    assert cast["anonymous"].get("/api/v1/me/courses/a/why/").status_code == 403


def test_a_draft_and_what_is_not_there_are_not_found(cast):
    make_course("a", status="draft")
    for code in ("a", "b"):
        assert cast["owner"].get(f"/api/v1/me/courses/{code}/why/").status_code == 404


def test_each_asks_for_themselves(cast):
    make_enrolment(cast["owner"].user.learner, make_course("a"), "completed")
    assert [one["rule"] for one in ask(cast["owner"], "a")["obstacles"]] == ["completed"]
    for part in ("other", "officer", "staff", "superuser"):
        assert ask(cast[part], "a")["obstacles"] == []


def test_every_rule_is_named_with_what_it_asks_for(cast):
    learner = cast["owner"].user.learner
    english, cantonese = (Language.objects.get_or_create(pk=code)[0] for code in ("en", "yue"))
    learner.languages.set([cantonese])
    learner.hours_a_week, learner.hkqf_level = 5, 3
    learner.save()
    skill, first = make_skill("python"), make_course("first")
    course = make_course(
        "a",
        status="closed",
        languages=[english],
        entry_hkqf_level=4,
        study_pattern="full_time",
        needs={skill: 2},
        after=[first],
    )
    make_offering(course, starts_on=date(2020, 1, 1), ends_on=date(2020, 2, 1))
    make_enrolment(learner, course, "dropped")
    Event.objects.create(learner=learner, course=course, kind="dismissed")
    answer = ask(cast["owner"], "a")
    assert (answer["own"], answer["last"], answer["is_listed"], answer["copies"]) == (None, None, False, [])
    obstacles = {one.pop("rule"): one for one in answer["obstacles"]}
    bare = {"needed": None, "have": None, "languages": [], "skills": [], "courses": []}
    for rule in ("inactive", "no_offering", "in_learning", "dismissed"):
        assert obstacles.pop(rule) == bare
    assert obstacles.pop("entry_level") == bare | {"needed": 4, "have": 3}
    assert obstacles.pop("hours") == bare | {"needed": 20, "have": 5}
    assert obstacles.pop("language") == bare | {"languages": ["en"]}
    prerequisite = obstacles.pop("prerequisite")
    assert [(s["skill"]["slug"], s["needed"], s["held"]) for s in prerequisite["skills"]] == [
        ("python", 2, 0)
    ]
    assert [c["code"] for c in prerequisite["courses"]] == ["first"]
    assert obstacles == {}


def test_an_outranked_course_says_by_what_and_what_would_move_it(cast):
    learner, skill = cast["owner"].user.learner, make_skill("python")
    learner.target_roles.set([make_role(needs={skill: (1.0, 4)})])
    make_course("far", raises={skill: 4})
    make_course("near", raises={skill: 2})
    answer = ask(cast["owner"], "near", limit=1)
    assert (answer["is_listed"], answer["limit"], answer["run"]) == (False, 1, None)
    assert (answer["own"]["rank"], answer["own"]["course"]["code"]) == (2, "near")
    assert (answer["last"]["rank"], answer["last"]["course"]["code"]) == (1, "far")
    assert answer["own"]["score"] < answer["last"]["score"]
    [one] = answer["counterfactuals"]
    assert (one["skill"]["slug"], one["course"], one["level"], one["rank"]) == ("python", None, 2, 2)
    assert ask(cast["owner"], "near")["is_listed"]


@pytest.mark.parametrize("limit", ["0", "21", "x"])
def test_a_limit_out_of_range_is_refused(cast, limit):
    make_course("a")
    assert cast["owner"].get("/api/v1/me/courses/a/why/", {"limit": limit}).status_code == 400
