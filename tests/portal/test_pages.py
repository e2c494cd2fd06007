"""The frame of every page: language, security policy, errors, and no more queries for more rows."""

import re
from datetime import date

import pytest
from django.test import Client, RequestFactory
from django.views import defaults

from recommender.catalogue.models import Offering
from recommender.learners.consents import decide
from recommender.learners.models import Event, SkillHeld
from recommender.learners.services import add_subsidy_claim
from recommender.recommendations.models import LiveRun
from tests.cast import signed_in
from tests.factories import (
    continuing_education_fund,
    make_course,
    make_enrolment,
    make_learner,
    make_listing,
    make_offering,
    make_provider,
    make_role,
    make_run,
    make_sector,
    make_skill,
    make_user,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def test_the_language_switch_stays_on_the_page(city, client):
    address = "/courses/?q=python&free=on"
    page = client.get(address)
    assert 'value="/courses/?q=python&amp;free=on"' in page.content.decode()
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": address})
    assert answer["Location"] == address
    assert '<html lang="zh-hans">' in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("accepted", "lang"), [("zh-HK", "zh-hant"), ("zh-CN", "zh-hans"), ("en-GB", "en"), ("fr", "en")]
)
def test_the_browsers_language_is_the_first_choice(client, accepted, lang):
    page = client.get("/", headers={"accept-language": accepted})
    assert f'<html lang="{lang}">' in page.content.decode()


def test_no_page_needs_an_inline_script_or_style(city, ada):
    pages = [
        "/",
        "/courses/",
        f"/courses/{city.rich.pk}/",
        "/welcome/where-i-want-to-go/",
        "/welcome/what-i-can-do/",
        "/courses-for-you/",
        "/my-gap/",
        "/my-learning/",
        "/profile/",
        "/roles/",
        "/roles/data-scientist/",
        "/skills/python/",
    ]
    for address in pages:
        page = ada.get(address)
        policy = page["Content-Security-Policy"]
        assert "unsafe" not in policy
        text = page.content.decode()
        assert "style=" not in text
        assert "<style" not in text
        assert "onclick" not in text
        # Structured data is nothing that a browser loads or runs.
        text = re.sub(r'<script type="application/ld\+json">.*?</script>', "", text, flags=re.DOTALL)
        assert "http://" not in text.replace("http://www.w3.org", "")


def test_a_missing_page_has_a_way_on(client):
    page = client.get("/nothing/here/")
    assert page.status_code == 404
    assert "Page not found" in page.content.decode()
    assert 'href="/courses/"' in page.content.decode()


@pytest.mark.parametrize(
    ("view", "status", "words"),
    [
        (defaults.bad_request, 400, "We did not understand that"),
        (defaults.server_error, 500, "Something went wrong"),
    ],
)
def test_an_error_page_needs_no_session(view, status, words):
    request = RequestFactory().get("/")
    page = view(request) if status == 500 else view(request, ValueError())
    assert page.status_code == status
    assert words in page.content.decode()


def test_not_allowed_is_said_kindly(client):
    request = client.get("/").wsgi_request
    page = defaults.permission_denied(request, PermissionError())
    assert "Not allowed" in page.content.decode()


def test_a_form_without_its_token_is_explained(city):
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.learner.user)
    page = client.post(f"/courses/{city.rich.pk}/enrolment/", {"status": "saved"})
    assert page.status_code == 403
    assert "This form was open for too long" in page.content.decode()


def test_who_is_refused_may_change_the_language_and_go_on(city):
    client = Client(enforce_csrf_checks=True)
    client.force_login(city.learner.user)
    page = client.post(f"/courses/{city.rich.pk}/enrolment/", {"status": "saved", "next": "/my-learning/"})
    text = " ".join(page.content.decode().split())
    assert 'action="/i18n/setlang/"' in text
    assert 'name="next" value="/my-learning/"' in text
    assert 'aria-label="Main"' in text


@pytest.mark.parametrize(
    ("address", "sent", "error"),
    [
        ("/profile/", {"hours_a_week": "999"}, 'href="#id_hours_a_week"'),
        ("/my-data/erase/", {"password": "wrong"}, "This is not your password. Nothing was erased."),
        ("/ask-an-adviser/", {"text": ""}, 'href="#id_text"'),
        ("/my-learning/earlier-courses/", {"file": ""}, 'href="#id_file"'),
        ("/accounts/password/change/", {"oldpassword": "wrong"}, 'href="#id_oldpassword"'),
    ],
)
def test_what_is_wrong_in_a_form_stands_first_on_the_page(ada, city, address, sent, error):
    city.learner.user.set_password("right")
    city.learner.user.save()
    ada.force_login(city.learner.user)
    untouched = ada.get(address).content.decode()
    assert "error-summary" not in untouched
    assert "Error:" not in untouched.split("</title>")[0]
    text = ada.post(address, sent).content.decode()
    assert "Error:" in text.split("</title>")[0]
    summary = text.split("error-summary")[1].split("</ul>")[0]
    assert error in summary
    assert text.index("error-summary") < text.index("<h1")


def test_a_refused_sign_in_leads_to_its_first_field(client, city):
    page = client.post("/accounts/login/", {"login": "ada@example.hk", "password": "wrong"})
    assert 'href="#id_login"' in page.content.decode().split("error-summary")[1].split("</ul>")[0]


def test_the_model_card_tells_the_figures_of_the_live_run(client):
    figures = {"ndcg": 0.1234, "recall": 0.2, "hit_rate": 0.2, "coverage": 0.5, "n_learners": 120}
    sector = make_sector("finance", name_en="Financial services")
    quality = {
        "k": 10,
        "model": figures | {"gap_closed": 0.07},
        "popularity": figures | {"ndcg": 0.0567},
        "live": None,
        "groups": {
            "sectors": [{"sector": sector.pk, "n_learners": 31, "ndcg": 0.3, "recall": 0.4}],
            "courses": [{"from": 5, "n_learners": 89, "ndcg": 0.1, "recall": 0.1}],
        },
        "demand": {"n_skills": 9, "n_known": 4},
        "n_synthetic": 3,
    }
    run = make_run(n_learners=150, n_courses=7, n_enrolments=20, quality=quality, shortage_weight=0.35)
    run.read_at = run.finished_at
    run.save()
    LiveRun.objects.create(run=run)
    text = " ".join(client.get("/how-recommendations-are-made/").content.decode().split())
    for words in [
        "3 of the learners are synthetic",
        "Data as of",
        "NDCG@10",
        "0.123",
        "0.057",
        "0.070",
        "Financial services",
        "With 5 courses or more",
        "The weight in force was 0.35",
        "Demand is known for 4 of the 9 skills",
    ]:
        assert words in text


def test_a_run_that_nobody_could_judge_says_so(client):
    LiveRun.objects.create(run=make_run())
    text = client.get("/how-recommendations-are-made/").content.decode()
    assert "It was not judged." in text
    assert "None" not in text


def grow(learner, *, n):
    """Adds n of everything that the pages list."""
    for _ in range(n):
        skill, before = make_skill(), make_course()
        role = make_role(needs={skill: (0.5, 3)})
        learner.target_roles.add(role)
        SkillHeld.objects.create(learner=learner, skill=make_skill(), level=2)
        add_subsidy_claim(learner, continuing_education_fund(), 100, date(2025, 1, 1))
        course = make_course(
            fee_cents=500_000,
            provider=make_provider(),
            raises={skill: 3},
            needs={make_skill(): 1},
            after=[before],
        )
        make_listing(course)
        make_offering(course)
        make_enrolment(learner, make_course(provider=make_provider()), "saved")
        make_enrolment(learner, make_course(provider=make_provider()), "completed")
        Event.objects.create(learner=learner, course=make_course(provider=make_provider()), kind="dismissed")


def grow_course(course, *, n):
    for _ in range(n):
        skill = make_skill()
        course.skills_raised.create(skill=skill, level=3)
        course.prerequisites.create(skill=skill, level=1)
        course.prerequisites.create(required_course=make_course())
        make_offering(course, fee_cents=100)
        make_offering(course, fee_cents=100, starts_on=date(2020, 1, 1))
    Offering.objects.update(is_synthetic=True)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/courses/",
        "/courses/?q=skill&sort=fee",
        "/courses-for-you/",
        "/courses-for-you/?all=on&cost=more&cost=15000",
        "/my-gap/",
        "/my-learning/",
        "/profile/",
    ],
)
def test_a_page_asks_no_more_queries_for_twenty_rows_than_for_one(address):
    learner = make_learner(user=make_user())
    client = signed_in(learner.user)
    grow(learner, n=1)
    one = count_queries(client, address)
    grow(learner, n=19)
    assert count_queries(client, address) == one


def test_comparing_two_lists_asks_no_more_queries_for_more_courses():
    learner = make_learner(user=make_user())
    decide(learner, "profiling", True)
    client, address = signed_in(learner.user), "/courses-for-you/?history=off&all=on"
    grow(learner, n=1)
    one = count_queries(client, address)
    grow(learner, n=19)
    assert count_queries(client, address) == one


def test_a_course_page_asks_no_more_queries_for_more_facts():
    learner, course = make_learner(user=make_user()), make_course()
    client = signed_in(learner.user)
    grow_course(course, n=1)
    one = count_queries(client, f"/courses/{course.pk}/")
    grow_course(course, n=19)
    assert count_queries(client, f"/courses/{course.pk}/") == one
