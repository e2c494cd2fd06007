"""The front page: which roles the city is short of, and courses for a role without an account."""

import pytest

from recommender.recommendations.lists import shown_list
from recommender.recommendations.models import Run
from recommender.recommendations.refresh import live_run
from recommender.recommendations.runs import carry_out
from recommender.recommendations.samples import sample_list
from recommender.workforce.models import ShortageOverride
from tests.factories import (
    make_course,
    make_learner,
    make_offering,
    make_openings,
    make_provider,
    make_role,
    make_skill,
    make_supply,
)
from tests.portal.conftest import make_city
from tests.queries import count_queries

pytestmark = pytest.mark.django_db


def titles(page):
    return [str(card.course.title) for card in page.context["cards"]]


def shown_roles(page):
    return [(str(shown.role.name), shown.percent) for shown in page.context["short"]]


def test_roles_stand_by_their_shortage_with_its_source(city, client):
    make_openings(city.role, 200, source_url="https://example.hk/counted")
    make_supply(city.role, n_meeting=50)
    worse, met = make_role(name_en="Worse"), make_role(name_en="Met")
    make_openings(worse, 10, is_synthetic=True)
    make_openings(met, 10)
    make_supply(worse)
    make_supply(met, n_meeting=10)
    page = client.get("/")
    assert shown_roles(page) == [("Worse", 100), ("Data scientist", 75)]
    text = page.content.decode()
    assert 'href="https://example.hk/counted"' in text
    assert "200 openings in 2027" in text
    assert text.count("Synthetic figures") == 1


def test_a_source_that_all_rest_on_is_named_once(city, client):
    for role in (city.role, make_role(name_en="Worse")):
        make_openings(role, 10, is_synthetic=True, source_url="a generator")
        make_supply(role)
    text = client.get("/").content.decode()
    assert text.count("Synthetic: made up with a fixed seed") == 1
    assert "Synthetic figures" not in text


def test_sources_that_differ_stand_with_their_roles(city, client):
    for number, role in enumerate((city.role, make_role(name_en="Worse"))):
        make_openings(role, 10, source_url=f"https://{number}.example.hk/counted")
        make_supply(role)
    text = client.get("/").content.decode()
    assert ">0.example.hk<" in text
    assert ">1.example.hk<" in text


@pytest.mark.parametrize(
    ("value", "period", "words"),
    [
        (121, "2027", "121 openings in 2027"),
        (1, "2027", "1 opening in 2027"),
        (121, "2025 to 2027", '121 openings (<span lang="en">2025 to 2027</span>)'),
    ],
)
def test_openings_are_said_with_their_period(city, client, value, period, words):
    make_openings(city.role, value, period=period)
    make_supply(city.role)
    assert words in client.get("/").content.decode()


def test_what_is_unknown_is_called_unknown(city, client):
    page = client.get("/")
    assert shown_roles(page) == []
    text = page.content.decode()
    assert "Of no role a shortage is known at present." in text
    assert "The shortage of 1 role is unknown, which is not the same as none." in text
    assert "0%" not in text


def test_a_figure_of_an_officer_is_called_one(city, client):
    ShortageOverride.objects.create(role=city.role, shortage=0.6, reason="Two banks froze hiring.")
    page = client.get("/")
    assert shown_roles(page) == [("Data scientist", 60)]
    assert "Set by an officer" in page.content.decode()


def test_a_visitor_sees_the_courses_for_a_role_of_somebody_who_holds_nothing(city, client):
    """The free course is open to all; the rich one asks for Python, which a newcomer does not hold."""
    page = client.get("/?role=data-scientist")
    assert titles(page) == ["Résumé writing for coders"]
    text = page.content.decode()
    assert "1 course on the way to Data scientist." in text
    assert "None → Independent" in text
    assert "University of Hong Kong" in text
    assert "Free" in text


def test_the_course_that_closes_more_of_the_gap_comes_first(city, client):
    """Python 1.0 x 3 against statistics 0.5 x 3: where nothing is known of demand the gap alone counts."""
    make_course(title_en="Statistics", raises={city.statistics: 3})
    assert titles(client.get("/?role=data-scientist")) == ["Résumé writing for coders", "Statistics"]


def test_the_hard_rules_hold_without_an_account(city, client):
    def course(title, **fields):
        return make_course(title_en=title, raises={city.python: 4}, **fields)

    course("Closed", status="closed")
    course("After another", after=[city.free])
    make_offering(course("Was"), starts_on="2020-01-06", ends_on="2020-03-06")
    course("Open")
    assert titles(client.get("/?role=data-scientist")) == ["Open", "Résumé writing for coders"]


@pytest.mark.parametrize("has_run", [False, True])
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_it_is_the_list_of_a_learner_who_is_new(has_run):
    city = make_city()
    make_course(title_en="Statistics", raises={city.statistics: 3})
    if has_run:
        carry_out(Run.objects.create().pk)
    assert (live_run() is not None) == has_run
    new = make_learner(consents=False, target_roles=[city.role])
    expected = [item for item in shown_list(new).items if item.gap_closed]
    found = sample_list(city.role)
    assert len(found) == 2
    assert [(item.course, item.score, item.by_value) for item in found] == [
        (item.course, item.score, item.by_value) for item in expected
    ]


def test_a_role_that_does_not_exist_gives_the_first_one(city, client):
    page = client.get("/?role=astronaut")
    assert page.context["role"] == city.role


def test_a_role_without_courses_says_so(city, client):
    role = make_role(needs={make_skill(): (1.0, 3)})
    text = client.get(f"/?role={role.slug}").content.decode()
    assert "No open course that a beginner may enter teaches a skill of this role yet." in text


def test_the_list_is_kept_for_some_minutes(city, client):
    before = titles(client.get("/?role=data-scientist"))
    make_course(title_en="Brand new", raises={city.python: 4})
    assert titles(client.get("/?role=data-scientist")) == before
    city.free.status = "closed"
    city.free.save()
    assert titles(client.get("/?role=data-scientist")) == []


def test_an_empty_site_has_a_front_page(client, db):
    assert client.get("/").status_code == 200


def test_who_is_signed_in_is_led_to_their_own_list(city, ada):
    page = ada.get("/")
    assert "cards" not in page.context
    assert 'href="/courses-for-you/"' in page.content.decode()


def grow(role, *, n):
    for _ in range(n):
        skill = make_skill()
        role.skills_needed.create(skill=skill, importance=0.5, level=3)
        make_offering(make_course(provider=make_provider(), raises={skill: 3}))
        other = make_role(needs={skill: (0.5, 2)})
        make_openings(other, 10)
        make_supply(other)


@pytest.mark.parametrize("is_kept", [True, False])
def test_no_more_queries_for_more_roles_and_courses(client, db, is_kept, settings):
    if not is_kept:
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    role = make_role("role")
    grow(role, n=1)
    one = count_queries(client, "/?role=role")
    grow(role, n=9)
    assert count_queries(client, "/?role=role") == one
