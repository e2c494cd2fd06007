"""The catalogue as JSON: open to everybody, filtered, in three languages."""

from datetime import date

import pytest

from recommender.catalogue.models import CourseSkill
from recommender.skills.models import Language
from recommender.workforce.models import Demand, ShortageOverride
from tests.factories import (
    continuing_education_fund,
    make_course,
    make_graduates,
    make_listing,
    make_offering,
    make_openings,
    make_provider,
    make_role,
    make_sector,
    make_skill,
    make_supply,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
COURSES = "/api/v1/courses/"


def codes(client, **filters):
    return [course["code"] for course in client.get(COURSES, filters).json()["results"]]


def test_a_course_tells_everything_in_three_languages(client):
    python, first = make_skill("python", name_zh_hant="程式"), make_course("first")
    course = make_course(
        "HKU:COMP.7801+24",
        title_en="Vision",
        title_zh_hant="視覺",
        raises={make_skill("vision"): 4},
        needs={python: 2},
        after=[first],
        languages=[Language.objects.get(code="yue")],
    )
    make_offering(course, code="2099A", starts_on=date(2099, 1, 1), fee_cents=1_600_000)
    make_listing(course, source_url="https://example.hk/list")
    body = client.get(f"{COURSES}HKU:COMP.7801+24/").json()
    assert body["title"] == {"en": "Vision", "zh-Hant": "視覺", "zh-Hans": ""}
    assert body["languages"] == ["yue"]
    assert body["skills"][0]["skill"]["slug"] == "vision"
    assert body["skills"][0]["level"] == 4
    assert body["prerequisites"][0]["skill"]["name"]["zh-Hant"] == "程式"
    assert body["prerequisites"][0]["course"] is None
    assert body["prerequisites"][1]["course"]["code"] == "first"
    assert body["offerings"][0]["starts_on"] == "2099-01-01"
    assert body["subsidy_listings"][0]["scheme"] == "cef"
    cost = body["cost"]
    amounts = {name.removesuffix("_cents"): value for name, value in cost.items() if name.endswith("_cents")}
    assert amounts == {
        "fee": 1_600_000,
        "pay_now": 1_600_000,
        "back_if_passed": 1_210_000,
        "net": 390_000,
        "left_after": 1_290_000,
        "what_if": None,
    }
    assert cost["scheme"]["name"]["zh-Hant"] == "持續進修基金"
    assert cost["rule"]["valid_from"] == "2022-08-01"
    assert (cost["why_not"], cost["budget"]) == (None, None)


def test_the_cost_says_what_is_not_known(client):
    make_course("a")
    make_course("b", fee_cents=1_600_000)
    continuing_education_fund()
    unknown_fee, unknown_listing = (client.get(f"{COURSES}{code}/").json()["cost"] for code in "ab")
    assert (unknown_fee["pay_now_cents"], unknown_fee["back_if_passed_cents"]) == (None, None)
    assert (unknown_listing["why_not"], unknown_listing["what_if_cents"]) == ("not_known", 1_210_000)


def test_lists_hold_active_courses_and_codes_find_closed_ones_too_but_no_drafts(client):
    for status in ("draft", "active", "closed"):
        make_course(status, status=status)
    assert codes(client) == ["active"]
    assert client.get(f"{COURSES}closed/").status_code == 200
    assert client.get(f"{COURSES}draft/").status_code == 404


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"search": "robots"}, ["a"]),
        ({"provider": "hku"}, ["a"]),
        ({"discipline": "robotics"}, ["a"]),
        ({"hkqf_level": 6}, ["a"]),
        ({"mode": "online"}, ["a"]),
        ({"language": "yue"}, ["a"]),
        ({"skill": "robotics"}, ["a"]),
        ({"district": "sha_tin"}, ["a"]),
        ({"free": "true"}, ["a"]),
        ({"free": "false"}, ["b"]),
        ({"search": "robots", "free": "false"}, []),
    ],
)
def test_filters(client, filters, expected):
    robots = make_course(
        "a",
        title_en="Robots",
        provider=make_provider("hku"),
        discipline="robotics",
        hkqf_level=6,
        hkqf_basis="stated",
        mode="online",
        fee_cents=0,
        languages=[Language.objects.get(code="yue")],
        raises={make_skill("robotics"): 3},
    )
    other = make_course("b", provider=make_provider("cuhk"), fee_cents=100)
    make_offering(robots, district="sha_tin")
    make_offering(other, district="sha_tin", seats=0)
    assert codes(client, **filters) == expected


@pytest.mark.parametrize(
    "filters", [{"hkqf_level": 8}, {"mode": "by post"}, {"discipline": "x"}, {"search": "a\0b"}]
)
def test_a_filter_that_cannot_be_is_a_problem(client, filters):
    answer = client.get(COURSES, filters)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == next(iter(filters))


def test_every_list_is_paged(client):
    for _ in range(51):
        make_course()
    page = client.get(COURSES).json()
    assert (page["count"], len(page["results"])) == (51, 50)
    assert len(client.get(page["next"]).json()["results"]) == 1
    assert client.get(f"{COURSES}?page=99").status_code == 404


def test_skills_roles_and_providers_are_open(client):
    skill = make_skill("python", aliases=["snake"])
    role = make_role("engineer", needs={skill: (0.5, 3)})
    role.sectors.add(make_sector("finance"))
    make_provider("hku")
    assert client.get("/api/v1/skills/python/").json()["aliases"] == ["snake"]
    body = client.get("/api/v1/roles/engineer/").json()
    assert body["skills"] == [
        {
            "skill": {"slug": "python", "name": {"en": "python", "zh-Hant": "", "zh-Hans": ""}},
            "importance": 0.5,
            "level": 3,
        }
    ]
    assert body["sectors"][0]["slug"] == "finance"
    assert client.get("/api/v1/providers/?kind=university").json()["count"] == 1


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_catalogue_is_read_only(cast, method):
    make_course("a")
    for address in (COURSES, f"{COURSES}a/"):
        assert getattr(cast["superuser"], method)(address).status_code == 405


def full_course(n):
    skills = [make_skill() for _ in range(n)]
    course = make_course(
        raises=dict.fromkeys(skills, 3),
        needs=dict.fromkeys(skills, 2),
        after=[make_course() for _ in range(n)],
    )
    for _ in range(n):
        make_offering(course)
    role, sector = make_role(needs=dict.fromkeys(skills, (0.5, 3))), make_sector()
    role.sectors.add(sector)
    make_openings(role, 10, sector)
    make_openings(role, 3, sector, description="postings")
    Demand.objects.filter(description="postings").update(measure="counted_postings")
    make_graduates(role, 1, sector)
    make_supply(role, 1)
    ShortageOverride.objects.create(role=role, sector=sector, shortage=0.5, reason="a")
    return course


@pytest.mark.parametrize("name", ["courses", "providers", "skills", "roles"])
def test_a_list_asks_as_much_of_20_rows_as_of_one(client, name):
    full_course(1)
    make_provider()
    before = count_queries(client, f"/api/v1/{name}/")
    for _ in range(20):
        full_course(1)
        make_provider()
    assert count_queries(client, f"/api/v1/{name}/") == before


def test_a_course_asks_as_much_with_20_skills_as_with_one(client):
    small, large = full_course(1), full_course(20)
    assert count_queries(client, f"{COURSES}{small.code}/") == count_queries(
        client, f"{COURSES}{large.code}/"
    )


def test_only_skills_that_count_are_told_and_found(client):
    course = make_course("a")
    rows = [("known", "confirmed", None), ("likely", "proposed", 0.7), ("unlikely", "proposed", 0.3)]
    for slug, state, confidence in [*rows, ("wrong", "vetoed", 0.9)]:
        skill = make_skill(slug)
        CourseSkill.objects.create(course=course, skill=skill, level=2, state=state, confidence=confidence)
    told = client.get(f"{COURSES}a/").json()["skills"]
    assert {(row["skill"]["slug"], row["state"], row["confidence"]) for row in told} == set(rows[:2])
    found = {slug: codes(client, skill=slug) for slug in ("known", "likely", "unlikely", "wrong", "none")}
    assert found == {"known": ["a"], "likely": ["a"], "unlikely": [], "wrong": [], "none": []}


def test_free_is_what_the_next_start_costs(client):
    for code, of_course, of_offering in (("a", 100, 0), ("b", 0, 100)):
        make_offering(make_course(code, fee_cents=of_course), fee_cents=of_offering)
    make_course("c", fee_cents=0, fee_basis="audit")
    make_course("d", fee_cents=100, fee_basis="year")
    assert codes(client, free="true") == ["a"]
    assert codes(client, free="false") == ["b", "d"]


def test_a_fee_says_what_it_is_for_and_an_offering_where_it_is(client):
    course = make_course("a", fee_cents=4_450_000, fee_basis="year")
    make_offering(course, district="sha_tin", timetable_en="Tuesdays", timetable_zh_hant="逢星期二")
    body = client.get(f"{COURSES}a/").json()
    assert (body["fee_cents"], body["fee_basis"]) == (4_450_000, "year")
    cost = body["cost"]
    assert (cost["fee_cents"], cost["fee_basis"], cost["pay_now_cents"]) == (4_450_000, "year", None)
    [offering] = body["offerings"]
    assert offering["district"] == "sha_tin"
    assert offering["timetable"] == {"en": "Tuesdays", "zh-Hant": "逢星期二", "zh-Hans": ""}
    assert client.get(COURSES).json()["results"][0]["fee_basis"] == "year"
