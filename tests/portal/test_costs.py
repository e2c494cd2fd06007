"""What a course costs, as its page and cards say it, and the claims in the profile."""

from datetime import date

import pytest

from recommender.learners.models import SubsidyClaim
from tests.factories import continuing_education_fund, make_course, make_listing, make_offering

pytestmark = pytest.mark.django_db


def text_of(client, address):
    page = client.get(address)
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def page_of(client, course):
    return text_of(client, f"/courses/{course.pk}/")


def claim(client, amount="8000", **changes):
    said = {"scheme": continuing_education_fund().pk, "amount": amount, "claimed_on": "2025-03-01"} | changes
    return client.post(
        "/profile/claims/", {f"claim-{name}": value for name, value in said.items()}, follow=True
    )


@pytest.fixture
def listed(city):
    course = make_course("listed", title_en="Listed course", fee_cents=1_600_000)
    make_listing(course, source_url="https://example.hk/list")
    return course


def test_a_visitor_reads_three_numbers_conditions_and_sources(listed, client):
    text = page_of(client, listed)
    for words in [
        "You pay now",
        "HK$16,000",
        "You get back if you pass",
        "HK$12,100",
        "Final cost",
        "HK$3,900",
        "You have left to claim afterwards",
        "HK$12,900",
        "You are at least 18 years old when the course starts.",
        "You attend at least 70% of the course",
        "You have claimed nothing from it before.",
        'href="https://example.hk/list"',
        'href="https://www.wfsfaa.gov.hk/cef/"',
        "because no date is stated",
    ]:
        assert words in text
    assert "budget" not in text.partition("<main")[2]


def test_a_card_of_the_catalogue_says_what_is_paid_and_what_comes_back(listed, client):
    text = text_of(client, "/courses/?q=listed")
    for words in ["You pay now", "HK$16,000", "You get back if you pass", "HK$12,100", "HK$12,900"]:
        assert words in text


def test_earlier_claims_and_the_budget_count_for_their_learner(listed, ada, client):
    assert "HK$8,000 of Continuing Education Fund is in your profile." in claim(ada).content.decode()
    text = page_of(ada, listed)
    # 2,000 of the first 2,500 and 60% of 13,500; the budget is HK$15,000.
    for words in ["HK$10,100", "HK$5,900", "HK$6,900", "Within your budget once you have the money back"]:
        assert words in text
    assert "HK$12,100" in page_of(client, listed)
    row = SubsidyClaim.objects.get()
    text = text_of(ada, "/profile/")
    assert f"/profile/claims/{row.pk}/remove/" in text
    ada.post(f"/profile/claims/{row.pk}/remove/")
    assert not SubsidyClaim.objects.exists()
    assert "HK$12,100" in page_of(ada, listed)


def test_a_claim_of_somebody_else_cannot_be_removed(cast):
    claim(cast["owner"])
    row = SubsidyClaim.objects.get()
    assert cast["other"].post(f"/profile/claims/{row.pk}/remove/").status_code == 404
    assert cast["anonymous"].post(f"/profile/claims/{row.pk}/remove/").status_code == 302
    assert SubsidyClaim.objects.get().learner == cast["owner"].user.learner
    assert "HK$8,000" not in text_of(cast["other"], "/profile/")


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0"},
        {"amount": "-5"},
        {"amount": "1.234"},
        {"amount": "nan"},
        {"scheme": ""},
        {"scheme": "999999"},
        {"claimed_on": "2099-01-01"},
        {"claimed_on": ""},
    ],
)
def test_a_claim_without_sense_is_refused(city, ada, changes):
    page = claim(ada, **changes).content.decode()
    assert "Choose a scheme, an amount above zero and a day up to today." in page
    assert not SubsidyClaim.objects.exists()


def test_cents_are_kept(city, ada):
    claim(ada, amount="1234.56")
    assert SubsidyClaim.objects.get().amount_cents == 123_456


def test_a_free_course_says_free(city, client):
    text = page_of(client, city.free)
    assert "This course is free." in text
    assert "You get back" not in text


def test_an_unknown_fee_is_not_shown_as_zero(city, client):
    text = page_of(client, city.saved)
    assert "We know no fee for the whole course, so we cannot say what you pay or get back." in text
    assert "HK$0" not in text
    assert "You get back" not in text


def test_an_unknown_listing_is_said_with_what_would_come_back(city, client):
    text = page_of(client, make_course(fee_cents=1_600_000))
    assert "We do not know whether it lists this course." in text
    assert "If it does, you get back <b>HK$12,100</b> after passing." in text
    assert "Final cost" not in text


def test_a_learner_who_is_too_young_is_told(listed, ada, city):
    city.learner.born_on = date(2085, 1, 1)
    city.learner.save()
    make_offering(listed)
    text = page_of(ada, listed)
    assert "You are too young for it at the start." in text
    assert "Reckoned for the start on 1 January 2099." in text
    assert "HK$12,100" not in text


def test_the_fee_of_an_offering_stands_beside_its_date(listed, client):
    make_offering(listed, fee_cents=1_700_000)
    text = page_of(client, listed)
    # 10,000 and 60% of 4,500.
    assert "HK$17,000" in text
    assert "HK$12,700" in text
    assert "HK$16,000" not in text


def test_the_scheme_is_named_in_the_readers_language(listed, client):
    client.cookies["django_language"] = "zh-hant"
    assert "持續進修基金" in page_of(client, listed)


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("year", "HK$16,000 a year"),
        ("module", "HK$16,000 a module"),
        ("credit", "HK$16,000 a credit"),
        ("audit", "HK$16,000 without a certificate"),
        ("unstated", "HK$16,000, not stated for what"),
    ],
)
def test_a_listed_course_with_the_fee_of_a_part_gets_a_warning_and_no_sum(listed, client, basis, words):
    listed.fee_basis = basis
    listed.save()
    text = page_of(client, listed)
    assert text.count(words) == 2
    assert "This is not known to be the fee for the whole course, so we cannot say" in text
    assert "It lists this course." in text
    assert "Ask it how much of such a fee it pays back" in text
    for sum_of_it in ("You pay now", "You get back if you pass", "HK$12,100", "HK$3,900", "HK$0"):
        assert sum_of_it not in text
    assert words in text_of(client, "/courses/?q=listed")


def test_an_offering_has_its_own_fee_on_the_basis_of_its_course(listed, client):
    listed.fee_basis = "year"
    listed.save()
    make_offering(listed, fee_cents=1_700_000)
    assert page_of(client, listed).count("HK$17,000 a year") == 3


def test_what_is_free_without_a_certificate_is_not_called_free(listed, client):
    listed.fee_cents, listed.fee_basis = 0, "audit"
    listed.save()
    text = page_of(client, listed)
    assert "Free without a certificate" in text
    assert "This course is free." not in text
