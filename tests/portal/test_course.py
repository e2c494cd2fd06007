"""The page of one course."""

import json
import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from recommender.catalogue.models import CourseSkill
from recommender.learners.models import Event
from tests.factories import make_course, make_offering, make_skill

pytestmark = pytest.mark.django_db


def page_of(client, course):
    page = client.get(f"/courses/{course.pk}/")
    assert page.status_code == 200
    return page


def test_a_visitor_reads_the_facts_with_source_and_date(city, client):
    text = page_of(client, city.rich).content.decode()
    for words in [
        "Statistics with Python",
        "A degree in any subject.",
        "Level 6: master’s degree or postgraduate diploma",
        "https://example.hk/statistics",
        "22 November 2026",
        "Tuesdays, 19:00 to 21:30",
        "12 seats left",
        "Full or already begun",
        "Synthetic sample date",
        "Sign in to save or enrol",
    ]:
        assert words in text
    assert "You have it" not in text
    assert "Not yet in your profile" not in text


def test_a_learner_sees_which_prerequisites_are_met(city, ada):
    needs = page_of(ada, city.rich).context["needs"]
    assert [(need.prerequisite.skill, need.is_met) for need in needs] == [
        (city.python, True),
        (city.statistics, False),
    ]


def test_a_course_to_take_first_is_met_once_completed(city, ada):
    course = make_course(after=[city.taken, city.saved])
    assert [need.is_met for need in page_of(ada, course).context["needs"]] == [True, False]


def test_open_offerings_come_before_past_ones(city, client):
    page = page_of(client, city.rich)
    assert [offering.starts_on.year for offering in page.context["card"].offerings] == [2099]
    assert [offering.starts_on.year for offering in page.context["past_offerings"]] == [2020]


def test_a_closed_course_says_so_and_offers_only_what_is_true_of_the_past(city, ada):
    text = page_of(ada, city.closed).content.decode()
    assert "This course is closed." in text
    assert 'value="completed"' in text
    assert 'value="enrolled"' not in text


def test_a_draft_has_no_page(city, ada):
    assert ada.get(f"/courses/{city.draft.pk}/").status_code == 404


def test_a_source_that_is_no_web_address_is_no_link(db, client):
    course = make_course(source_url="javascript:alert(1)")
    assert 'href="javascript' not in page_of(client, course).content.decode()


def test_a_view_is_noted_once_a_day(city, ada):
    page_of(ada, city.rich)
    page_of(ada, city.rich)
    [viewed] = Event.objects.filter(course=city.rich, kind="viewed")
    Event.objects.update(at=viewed.at - timedelta(days=1))
    page_of(ada, city.rich)
    assert Event.objects.filter(course=city.rich, kind="viewed", learner=city.learner).count() == 2


def test_a_visitors_view_is_not_noted(city, client):
    page_of(client, city.rich)
    assert not Event.objects.filter(kind="viewed").exists()


def test_a_view_does_not_make_the_list_anew(city, ada):
    before = city.learner.changed_at
    page_of(ada, city.rich)
    city.learner.refresh_from_db()
    assert city.learner.changed_at == before


def test_a_bare_course_has_a_page_too(db, client):
    text = page_of(client, make_course()).content.decode()
    for words in [
        "The source names no skills.",
        "The source names no prerequisites.",
        "The source names no dates.",
        "Whole fee not known",
        "Not stated",
    ]:
        assert words in text


def structured(client, course):
    text = page_of(client, course).content.decode()
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])


def test_search_engines_read_what_the_page_shows(city, client):
    make_offering(city.rich, code="real", starts_on=date(2098, 1, 1), ends_on=date(2098, 2, 1))
    said = structured(client, city.rich)
    assert said["@type"] == "Course"
    assert said["name"] == "Statistics with Python"
    assert said["description"].startswith("Two parts.")
    assert said["provider"] == {"@type": "Organization", "name": "University of Hong Kong"}
    assert said["offers"] == [
        {"@type": "Offer", "category": "Paid", "price": "1234.50", "priceCurrency": "HKD"}
    ]
    assert said["hasCourseInstance"] == [
        {
            "@type": "CourseInstance",
            "courseMode": "blended",
            "courseWorkload": "PT120H",
            "startDate": "2098-01-01",
            "endDate": "2098-02-01",
        }
    ]


def test_a_bare_course_is_described_from_its_facts(city, client):
    said = structured(client, city.free)
    assert said["description"] == (
        "Résumé writing for coders, a course by University of Hong Kong. It teaches: Python."
    )
    assert said["offers"][0]["category"] == "Free"
    assert "hasCourseInstance" not in said


def test_no_text_ends_the_structured_data_early(city, client):
    hostile = make_course(title_en="</script><script>alert(1)</script> & more")
    assert structured(client, hostile)["name"] == hostile.title_en


def test_only_skills_that_count_are_shown_and_a_proposed_one_says_so(city, client):
    for name, state, confidence in [
        ("Knitting", "proposed", 0.6),
        ("Sewing", "proposed", 0.4),
        ("Weaving", "vetoed", 0.9),
    ]:
        skill = make_skill(name_en=name)
        CourseSkill.objects.create(course=city.rich, skill=skill, level=2, state=state, confidence=confidence)
    text = page_of(client, city.rich).content.decode()
    assert "Knitting" in text
    assert text.count("Read from the course’s text, not confirmed yet") == 1
    assert "Sewing" not in text
    assert "Weaving" not in text


def test_the_way_to_an_adviser_names_the_course_also_beyond_a_thousand(city, ada):
    course = make_course("late", pk=1_234_567)
    assert "/ask-an-adviser/?course=1234567" in page_of(ada, course).content.decode()


def test_a_language_that_is_not_stated_is_said_to_who_named_theirs(city, ada, client):
    words = "Language not stated: ask the provider"
    assert words not in page_of(ada, city.free).content.decode()
    city.learner.languages.set(city.rich.languages.all())
    assert words in page_of(ada, city.free).content.decode()
    assert words not in page_of(ada, city.rich).content.decode()
    assert words not in page_of(client, city.free).content.decode()
    assert words in ada.get("/courses/").content.decode()
    assert words in ada.get("/courses-for-you/").content.decode()


def test_a_date_says_where_it_is_and_its_timetable_in_the_readers_language(city, client):
    make_offering(
        city.free, district="wan_chai", timetable_en="Tuesdays", timetable_zh_hant="逢星期二", mode="blended"
    )
    for words in ("<span>Tuesdays</span>", "<span>Wan Chai</span>", "<small>Wan Chai</small>"):
        assert words in page_of(client, city.free).content.decode()
    client.cookies["django_language"] = "zh-hant"
    assert "<span>逢星期二</span>" in page_of(client, city.free).content.decode()
    assert '<span lang="en">Tuesdays, 19:00 to 21:30</span>' in page_of(client, city.rich).content.decode()


def test_a_providers_own_words_say_in_which_language_they_are(city, client):
    city.free.entry_text, city.free.note = "持有學士學位", "The page says 免費 once."
    city.free.save()
    text = page_of(client, city.free).content.decode()
    assert '<span lang="zh">持有學士學位</span>' in text
    assert "The page says 免費 once.</p>" in text
    client.cookies["django_language"] = "zh-hans"
    text = page_of(client, city.free).content.decode()
    assert "<p>持有學士學位</p>" in text
    assert '<span lang="en">The page says 免費 once.</span>' in text


@pytest.mark.parametrize(
    ("fee_cents", "basis", "category", "unit"),
    [
        (4_450_000, "year", "Paid", "A year"),
        (0, "audit", "Partially Free", "Taking part without a certificate"),
    ],
)
def test_search_engines_read_what_a_fee_is_for(db, client, fee_cents, basis, category, unit):
    [offer] = structured(client, make_course(fee_cents=fee_cents, fee_basis=basis))["offers"]
    assert offer == {
        "@type": "Offer",
        "category": category,
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "unitText": unit,
            "price": f"{fee_cents / 100:.2f}",
            "priceCurrency": "HKD",
        },
    }


def facts_of(client, course):
    return re.sub(r"\s+", " ", page_of(client, course).content.decode())


@pytest.mark.parametrize(("budget", "said"), [(123_449, True), (123_450, False), (None, False)])
def test_a_fee_over_the_budget_says_so_with_the_budget(city, ada, client, budget, said):
    course = make_course("plain", title_en="Plain", fee_cents=123_450)
    city.learner.budget_cents = budget
    city.learner.save()
    assert ("Over your budget of HK$1,234.49" in facts_of(ada, course)) == said
    assert "your budget" not in facts_of(client, course).partition("<main")[2]


def test_a_year_alone_may_be_over_the_budget(city, ada):
    year = make_course("year", fee_cents=1_500_001, fee_basis="year")
    unclear = make_course("unclear", fee_cents=1_500_001, fee_basis="unstated")
    assert facts_of(ada, year).count("Over your budget of HK$15,000") == 2
    assert "Over your budget" not in facts_of(ada, unclear)
    assert "Over your budget of HK$15,000" in ada.get("/courses/").content.decode()


def test_hours_that_are_not_stated_are_said_to_who_gave_theirs(city, ada, client):
    assert "Hours not stated; you have 6" in facts_of(ada, city.free)
    assert "Hours not stated" not in facts_of(ada, city.rich)
    assert "Hours not stated" not in facts_of(client, city.free)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "We do not know when the facts were last checked: ask the provider before you enrol."),
        (731, "The facts were last checked on"),
        (730, None),
    ],
)
def test_facts_that_nobody_checked_lately_say_so_at_the_top(city, client, days, words):
    as_of = None if days is None else timezone.localdate() - timedelta(days=days)
    head = facts_of(client, make_course(as_of=as_of)).partition("At a glance")[0]
    assert (words in head) if words else ("ask the provider" not in head)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("https://www.hku.hk/ai", "Go to the provider’s page (www.hku.hk)"),
        ("https://cs.hku.hk/ai", "Go to the provider’s page (cs.hku.hk)"),
        ("https://nothku.hk/ai", "Go to the page of the source (nothku.hk)"),
        ("A prospectus", None),
        ("", None),
    ],
)
def test_the_way_to_the_provider_is_beside_the_actions(city, client, source, words):
    university = city.rich.provider
    university.url = "https://www.hku.hk/"
    university.save()
    text = facts_of(client, make_course(source_url=source, provider=university))
    assert (words in text) if words else ("Go to the" not in text)
