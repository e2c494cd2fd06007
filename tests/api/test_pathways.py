"""Pathways by program: planned, kept, given up, and nobody else's."""

import pytest

from recommender.learners.models import SavedPathway
from tests.factories import make_course, make_enrolment, make_role, make_skill

pytestmark = pytest.mark.django_db
PLANNED, KEPT = "/api/v1/me/pathways/", "/api/v1/me/saved-pathways/"


@pytest.fixture
def course():
    skill = make_skill("vision")
    make_role("engineer", needs={skill: (1.0, 3)})
    return make_course("seeing", raises={skill: 3}, notional_hours=20, fee_cents=50_000)


def put(client, body, role="engineer"):
    return client.put(f"{KEPT}{role}/", body, content_type="application/json")


def test_three_alternatives(cast, course):
    body = cast["owner"].get(f"{PLANNED}?role=engineer&hours_a_week=10").json()
    assert [each["kind"] for each in body["alternatives"]] == ["fastest", "cheapest", "surest"]
    first = body["alternatives"][0]
    assert (first["net_cents"], first["covered"], first["is_proven"]) == (50_000, 100, True)
    (step,) = first["steps"]
    assert (step["course"]["code"], step["offering"], step["hours"]) == ("seeing", None, 20)
    assert body["why_none"] is None


def test_why_none(cast, course):
    body = cast["owner"].get(f"{PLANNED}?role=engineer&budget_cents=10000").json()
    assert body["alternatives"] == []
    assert body["why_none"]["changes"] == [
        [{"limit": "budget", "before": "10000", "after": "50000", "languages": []}]
    ]


@pytest.mark.parametrize(
    "query", ["", "role=none", "role=engineer&hours_a_week=0", "role=engineer&coverage=101"]
)
def test_a_bad_question_is_a_problem(cast, course, query):
    answer = cast["owner"].get(f"{PLANNED}?{query}")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_a_pathway_is_kept_with_its_progress_and_given_up(cast, course):
    owner = cast["owner"]
    assert put(owner, {"kind": "cheapest"}).status_code == 200
    make_enrolment(owner.user.learner, course, "enrolled")
    (kept,) = owner.get(KEPT).json()
    assert (kept["role"], kept["kind"], kept["coverage"]) == ("engineer", "cheapest", 100)
    assert [step["progress"] for step in kept["steps"]] == ["under_way"]
    assert owner.delete(f"{KEPT}engineer/").status_code == 204
    assert owner.get(f"{KEPT}engineer/").status_code == 404


def test_what_does_not_exist_cannot_be_kept(cast, course):
    assert put(cast["owner"], {"kind": "cheapest", "budget_cents": 1}).status_code == 400
    assert put(cast["owner"], {"kind": "cheapest"}, role="none").status_code == 404
    assert put(cast["owner"], {"kind": "best"}).status_code == 400
    assert not SavedPathway.objects.exists()


def test_planning_is_asked_for_a_few_times_a_minute(cast, course):
    owner = cast["owner"]
    answers = [owner.get(f"{PLANNED}?role=engineer").status_code for _ in range(10)]
    assert answers == [200] * 10
    assert owner.get(f"{PLANNED}?role=engineer").status_code == 429
    assert put(owner, {"kind": "fastest"}).status_code == 429
    assert owner.get(KEPT).status_code == 200
    assert owner.get(f"{KEPT}engineer/").status_code == 404
    assert cast["other"].get(f"{PLANNED}?role=engineer").status_code == 200


def test_what_is_under_way_is_named(cast, course):
    make_enrolment(cast["owner"].user.learner, course, "enrolled")
    body = cast["owner"].get(f"{PLANNED}?role=engineer").json()
    assert [each["code"] for each in body["under_way"]] == ["seeing"]
    assert (body["covered_now"], body["alternatives"][0]["steps"]) == (0, [])


def test_a_role_that_states_no_needs_has_no_pathway(cast, course):
    make_role("vague")
    answers = cast["owner"].get(f"{PLANNED}?role=vague"), put(cast["owner"], {"kind": "fastest"}, "vague")
    for answer in answers:
        assert answer.status_code == 400
        assert "We do not know yet what this role needs" in answer.content.decode()
    assert not SavedPathway.objects.exists()


def test_pathways_are_their_owners(cast, course):
    put(cast["owner"], {"kind": "fastest"})
    for person in ("other", "officer", "staff", "superuser"):
        assert cast[person].get(KEPT).json() == []
        assert cast[person].get(f"{KEPT}engineer/").status_code == 404
        assert cast[person].delete(f"{KEPT}engineer/").status_code == 404
    assert SavedPathway.objects.count() == 1
    for address in (PLANNED, KEPT, f"{KEPT}engineer/"):
        assert cast["anonymous"].get(address).status_code == 403
