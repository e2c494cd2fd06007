"""What is a person's own, and nobody else's."""

from datetime import date

import pytest

from recommender.learners.models import Enrolment, Event, SubsidyClaim
from recommender.learners.services import add_subsidy_claim
from recommender.recommendations.models import LiveRun, Run
from tests.factories import (
    continuing_education_fund,
    make_course,
    make_enrolment,
    make_learner,
    make_listing,
    make_role,
    make_sector,
    make_skill,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"
SIGNED_IN = ["owner", "other", "officer", "staff", "superuser"]


def send(client, method, address, body=None):
    return getattr(client, method)(address, body or {}, content_type="application/json")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("patch", ""),
        ("get", "recommendations/"),
        ("get", "enrolments/"),
        ("post", "enrolments/"),
        ("get", "enrolments/a/"),
        ("put", "enrolments/a/"),
        ("delete", "enrolments/a/"),
        ("get", "events/"),
        ("post", "events/"),
        ("delete", "dismissals/a/"),
        ("get", "costs/a/"),
        ("get", "subsidy-claims/"),
        ("post", "subsidy-claims/"),
        ("delete", "subsidy-claims/1/"),
    ],
)
def test_only_people_with_an_account_come_in(cast, method, path):
    answer = getattr(cast["anonymous"], method)(f"{ME}{path}")
    assert answer.status_code == 403
    assert answer.json()["status"] == 403


@pytest.mark.parametrize("part", SIGNED_IN)
def test_everybody_sees_their_own_and_nothing_of_the_owner(cast, part):
    owner = cast["owner"].user.learner
    make_enrolment(owner, make_course("a"))
    Event.objects.create(learner=owner, course=make_course("b"), kind="viewed")
    n = 1 if part == "owner" else 0
    assert cast[part].get(ME).json()["email"] == cast[part].user.email
    assert cast[part].get(f"{ME}enrolments/").json()["count"] == n
    assert cast[part].get(f"{ME}events/").json()["count"] == n
    assert cast[part].get(f"{ME}enrolments/a/").status_code == (200 if n else 404)


def test_nobody_removes_the_enrolment_of_another(cast):
    make_enrolment(cast["owner"].user.learner, make_course("a"))
    assert cast["other"].delete(f"{ME}enrolments/a/").status_code == 204
    assert Enrolment.objects.count() == 1
    assert cast["owner"].delete(f"{ME}enrolments/a/").status_code == 204
    assert Enrolment.objects.count() == 0


def test_a_profile_is_changed_field_by_field(cast):
    make_role("engineer")
    make_sector("finance")
    change = {
        "languages": ["yue", "en"],
        "hours_a_week": 6,
        "budget_cents": 500000,
        "preferred_modes": ["online"],
        "district": "sha_tin",
        "born_on": "1999-02-28",
        "target_roles": ["engineer"],
        "sector": "finance",
        "present_role": "engineer",
        "studies": "nlp",
        "consents_to_profiling": False,
    }
    body = send(cast["owner"], "patch", ME, change).json()
    assert {key: body[key] for key in change} == change | {"languages": ["en", "yue"]}
    assert body["profiling_decided_at"]
    assert send(cast["owner"], "patch", ME, {"hours_a_week": None}).json()["sector"] == "finance"


def test_a_change_of_profile_counts_for_the_list(cast):
    learner = cast["owner"].user.learner
    before = learner.changed_at
    send(cast["owner"], "patch", ME, {"hours_a_week": 3})
    learner.refresh_from_db()
    assert learner.changed_at != before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours_a_week", 169),
        ("budget_cents", -1),
        ("hkqf_level", 8),
        ("preferred_modes", ["telepathy"]),
        ("born_on", "2099-01-01"),
        ("district", "kowloon"),
        ("present_role", "nobody"),
        ("studies", "alchemy"),
        ("sector", "nowhere"),
        ("sector", "a\0b"),
        ("target_roles", ["a\0b"]),
        ("languages", ["a\0b"]),
        ("target_roles", ["nobody"]),
        ("languages", ["klingon"]),
        ("consents_to_profiling", "perhaps"),
        ("display_name", "a\0b"),
    ],
)
def test_a_profile_that_cannot_be_is_a_problem(cast, field, value):
    answer = send(cast["owner"], "patch", ME, {field: value})
    assert answer.status_code == 400
    assert answer.json()["title"] == "The input is not valid."
    assert answer.json()["errors"][0]["field"].startswith(field)


def test_an_enrolment_is_put_where_there_was_none_and_moved_on(cast):
    make_course("HKU:1.0+x")
    address = f"{ME}enrolments/HKU:1.0+x/"
    assert send(cast["owner"], "put", address, {"status": "saved"}).json()["status"] == "saved"
    assert send(cast["owner"], "put", address, {"status": "completed"}).json()["status"] == "completed"
    refused = send(cast["owner"], "put", address, {"status": "saved"})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == ""
    assert "cannot become" in refused.json()["errors"][0]["message"]
    assert Enrolment.objects.get().status == "completed"


def test_an_enrolment_is_posted(cast):
    make_course("a")
    answer = send(cast["owner"], "post", f"{ME}enrolments/", {"course": "a", "status": "enrolled"})
    assert (answer.status_code, answer.json()["course"]["code"]) == (201, "a")


@pytest.mark.parametrize("body", [{}, {"course": "draft", "status": "saved"}, {"course": "a", "status": "x"}])
def test_an_enrolment_that_cannot_be_is_a_problem(cast, body):
    make_course("a")
    make_course("draft", status="draft")
    assert send(cast["owner"], "post", f"{ME}enrolments/", body).status_code == 400


def test_a_dismissal_is_noted_once_and_undone(cast):
    make_course("a")
    for _ in range(2):
        answer = send(cast["owner"], "post", f"{ME}events/", {"course": "a", "kind": "dismissed"})
        assert answer.status_code == 201
    assert Event.objects.count() == 1
    assert cast["other"].delete(f"{ME}dismissals/a/").status_code == 204
    assert Event.objects.count() == 1
    assert cast["owner"].delete(f"{ME}dismissals/a/").status_code == 204
    assert Event.objects.count() == 0


def test_a_dismissal_may_say_why(cast):
    make_course("a")
    said = {"course": "a", "kind": "dismissed", "reason": "too_hard"}
    assert send(cast["owner"], "post", f"{ME}events/", said).json()["reason"] == "too_hard"
    for wrong in ({"kind": "viewed"}, {"reason": "ugly"}):
        assert send(cast["owner"], "post", f"{ME}events/", said | wrong).status_code == 400


def test_views_are_noted_once_a_day_and_clicks_always(cast):
    make_course("a")
    for kind in ("viewed", "viewed", "clicked", "clicked"):
        send(cast["owner"], "post", f"{ME}events/", {"course": "a", "kind": kind})
    assert Event.objects.count() == 3


def test_recommendations_say_from_which_run_and_why(cast):
    skill = make_skill("vision")
    learner = cast["owner"].user.learner
    learner.target_roles.add(make_role(needs={skill: (1.0, 4)}))
    make_course("a", raises={skill: 4})
    make_course("b")
    run = Run.objects.create(status="failed")
    body = cast["owner"].get(f"{ME}recommendations/?limit=1").json()
    (item,) = body["items"]
    assert (body["run"], body["made_at"], item["rank"]) == (None, None, 1)
    assert item["course"]["code"] == "a"
    assert item["source"] == "goal"
    assert (item["value"], item["gap_closed"], item["relevance"]) == (1, 1, 0)
    # Nobody has counted demand, so value comes from the gap alone.
    assert item["demand"] == "unknown"
    assert item["by_value"]["reasons"][0]["skill"]["slug"] == "vision"
    assert item["by_relevance"]["reasons"] == []
    for name in ("by_relevance", "by_value"):
        part = item[name]
        shares = sum(reason["share"] for reason in part["reasons"])
        assert shares + part["rest"] == pytest.approx(part["share"], abs=1e-6)
    parts = item["by_relevance"]["share"] + item["by_value"]["share"]
    assert parts == pytest.approx(item["score"], abs=1e-6)
    assert not LiveRun.objects.filter(run=run).exists()


@pytest.mark.parametrize("limit", ["0", "51", "many", "99999999999999999999"])
def test_a_list_of_an_impossible_length_is_a_problem(cast, limit):
    assert cast["owner"].get(f"{ME}recommendations/?limit={limit}").status_code == 400


def test_ones_own_claims_count_and_nobody_elses(cast):
    make_listing(make_course("a", fee_cents=1_600_000))
    said = {"scheme": "cef", "amount_cents": 800_000, "claimed_on": "2025-03-01"}
    answer = send(cast["owner"], "post", f"{ME}subsidy-claims/", said)
    assert answer.status_code == 201
    claim = answer.json()
    assert {name: claim[name] for name in said} == said
    # 2,000 of the first 2,500; 60% of 13,500.
    assert cast["owner"].get(f"{ME}costs/a/").json()["back_if_passed_cents"] == 1_010_000
    assert cast["other"].get(f"{ME}costs/a/").json()["back_if_passed_cents"] == 1_210_000
    assert cast["other"].get(f"{ME}subsidy-claims/").json()["count"] == 0
    cast["other"].delete(f"{ME}subsidy-claims/{claim['id']}/")
    assert cast["owner"].get(f"{ME}subsidy-claims/").json()["results"] == [claim]
    assert cast["owner"].delete(f"{ME}subsidy-claims/{claim['id']}/").status_code == 204
    assert cast["owner"].get(f"{ME}costs/a/").json()["back_if_passed_cents"] == 1_210_000


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scheme", "none"),
        ("scheme", "a\0b"),
        ("course", "a\0b"),
        ("amount_cents", 0),
        ("amount_cents", 10**13),
        ("claimed_on", "2099-01-01"),
        ("claimed_on", "1899-12-31"),
        ("course", "draft"),
    ],
)
def test_a_claim_that_cannot_be_is_a_problem(cast, field, value):
    continuing_education_fund()
    make_course("draft", status="draft")
    said = {"scheme": "cef", "amount_cents": 100, "claimed_on": "2025-03-01"} | {field: value}
    answer = send(cast["owner"], "post", f"{ME}subsidy-claims/", said)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert not SubsidyClaim.objects.exists()


def test_the_cost_of_a_draft_is_not_told(cast):
    make_course("draft", status="draft")
    assert cast["owner"].get(f"{ME}costs/draft/").status_code == 404


@pytest.mark.parametrize("path", ["", "recommendations/", "enrolments/", "events/", "subsidy-claims/"])
def test_ones_own_asks_as_much_of_20_rows_as_of_one(cast, path):
    def do_something():
        learner = make_learner() if path == "recommendations/" else cast["owner"].user.learner
        course = make_course(raises={make_skill(): 3})
        make_enrolment(learner, course)
        Event.objects.create(learner=learner, course=course, kind="viewed")
        learner.skills_held.create(skill=make_skill(), level=3)
        add_subsidy_claim(learner, continuing_education_fund(), 100, date(2025, 1, 1))

    do_something()
    before = count_queries(cast["owner"], f"{ME}{path}")
    for _ in range(20):
        do_something()
    assert count_queries(cast["owner"], f"{ME}{path}") == before


def test_an_enrolment_says_whether_a_certificate_is_held(cast):
    owner = cast["owner"]
    make_enrolment(owner.user.learner, make_course("done"), "completed")
    held = owner.get(f"{ME}enrolments/done/").json()
    assert (held["has_certificate"], held["certificate_url"]) == (None, "")
    address = "https://example.hk/1"
    owner.user.learner.enrolments.update(has_certificate=True, certificate_url=address)
    held = owner.get(f"{ME}enrolments/done/").json()
    assert (held["has_certificate"], held["certificate_url"]) == (True, address)
