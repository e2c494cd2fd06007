"""Pathways by program: planned, kept, given up, and nobody else's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommender.learners.models import SavedPathway
from recommender.skills.models import Language
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


def test_what_is_not_known_is_null(cast, course):
    course.fee_cents = None
    course.save()
    body = cast["owner"].get(f"{PLANNED}?role=engineer&budget_cents=10000").json()
    assert [each["kind"] for each in body["alternatives"]] == ["fastest", "surest"]
    for each in body["alternatives"]:
        assert (each["pay_now_cents"], each["back_cents"], each["net_cents"]) == (None, None, None)
        assert (each["n_unknown_fees"], each["is_budget_open"]) == (1, True)
        assert (each["has_dates_at_once"], each["missing"]) == (False, [])
    refused = put(cast["owner"], {"kind": "cheapest"})
    assert refused.status_code == 400
    assert "no pathway is the cheapest" in refused.content.decode()
    assert put(cast["owner"], {"kind": "fastest"}).status_code == 200


def test_what_stays_missing_and_what_the_changes_are_for(cast, course):
    alchemy = make_skill("alchemy")
    role = make_role("sage", needs={alchemy: (1.0, 4)})
    make_course(raises={alchemy: 1}, notional_hours=2, fee_cents=0)
    make_course(raises={alchemy: 3}, notional_hours=2, fee_cents=90_000)
    owner, query = cast["owner"], f"{PLANNED}?role={role.slug}&budget_cents=10000"
    reasons = owner.get(query).json()["why_none"]
    assert (reasons["coverage"], reasons["coverage_changed"]) == (25, 75)
    assert [change["after"] for (change,) in reasons["changes"]] == ["90000"]
    first = owner.get(f"{query}&coverage=25").json()["alternatives"][0]
    [missing] = first["missing"]
    assert (missing["skill"]["slug"], missing["reached"], missing["needed"]) == ("alchemy", 1, 4)


def test_why_none(cast, course):
    body = cast["owner"].get(f"{PLANNED}?role=engineer&budget_cents=10000").json()
    assert body["alternatives"] == []
    assert body["why_none"]["changes"] == [
        [{"limit": "budget", "before": "10000", "after": "50000", "languages": []}]
    ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "role=none",
        "role=engineer&hours_a_week=0",
        "role=engineer&coverage=101",
        "role=engineer&starts_on=2001-01-01",
        "role=engineer&finish_by=2001-01-01",
        "role=engineer&languages=xx",
        "role=engineer&hkqf_level=8",
    ],
)
def test_a_bad_question_is_a_problem(cast, course, query):
    answer = cast["owner"].get(f"{PLANNED}?{query}")
    assert (answer.status_code, answer.json()["status"]) == (400, 400)


def test_an_end_out_of_bounds_is_said_at_its_field(cast, course):
    answer = cast["owner"].get(f"{PLANNED}?role=engineer&finish_by=2001-01-01").json()
    [fault] = answer["errors"]
    assert fault["field"] == "finish_by"
    assert fault["message"].startswith("Give a day from ")


def test_what_a_change_names_can_be_asked(cast, course):
    Language.objects.get_or_create(code="en", defaults={"name_en": "English"})
    cantonese, _ = Language.objects.get_or_create(code="yue", defaults={"name_en": "Cantonese"})
    course.languages.add(cantonese)
    course.entry_hkqf_level = 5
    course.save()
    owner, query = cast["owner"], f"{PLANNED}?role=engineer&hours_a_week=1"
    refused = f"{query}&languages=en&hkqf_level=4&finish_by={timezone.localdate() + timedelta(days=30)}"
    [changes] = owner.get(refused).json()["why_none"]["changes"]
    assert {change["limit"] for change in changes} == {"languages", "level", "horizon"}
    after = {change["limit"]: change["after"] for change in changes}
    asked = f"&languages=en&languages=yue&hkqf_level={after['level']}&finish_by={after['horizon']}"
    assert len(owner.get(query + asked).json()["alternatives"]) == 3


def test_a_kept_pathway_for_a_calendar(cast, course):
    owner = cast["owner"]
    put(owner, {"kind": "fastest"})
    answer = owner.get(f"{KEPT}engineer/calendar/")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    pathway = SavedPathway.objects.get()
    assert answer["Content-Disposition"] == f'attachment; filename="pathway-{pathway.pk}.ics"'
    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    assert (lines[0], lines.count("BEGIN:VEVENT")) == ("BEGIN:VCALENDAR", 1)
    assert "URL:http://testserver/api/v1/courses/seeing/" in lines
    missing = owner.get(f"{KEPT}nobody/calendar/")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/json")
    assert missing.json()["status"] == 404
    assert cast["other"].get(f"{KEPT}engineer/calendar/").status_code == 404
    assert cast["anonymous"].get(f"{KEPT}engineer/calendar/").status_code == 403


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
    answers = [owner.get(f"{PLANNED}?role=engineer").status_code for _ in range(30)]
    assert answers == [200] * 30
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
