"""A saved pathway as a calendar file: RFC 5545 to the letter, and for its owner only."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.learners.calendar import escaped, folded
from recommender.learners.models import SavedPathway
from tests.cast import signed_in
from tests.factories import make_course, make_offering, make_user

CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"])


def unfolded(text):
    return text.replace("\r\n ", "")


@given(st.text(CHARACTERS, max_size=400))
def test_folded_lines_hold_75_octets_at_most_and_unfold_to_the_same(line):
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert all(piece.startswith(" ") for piece in pieces[1:])
    assert unfolded(folded(line)) == line


def test_a_line_is_folded_at_the_last_character_that_fits():
    assert folded("x" * 75) == "x" * 75
    assert folded("x" * 76) == "x" * 75 + "\r\n x"
    # Three octets each: 25 fit, then 24 after the space.
    assert folded("學" * 50) == "學" * 25 + "\r\n " + "學" * 24 + "\r\n " + "學"


def test_what_means_something_in_a_calendar_is_escaped():
    assert escaped("a, b; c\\d\r\ne") == "a\\, b\\; c\\\\d\\ne"


@pytest.fixture
def pathway(city):
    pathway = SavedPathway.objects.create(learner=city.learner, role=city.role, kind="fastest", coverage=100)
    own_pace = make_course(title_en="Models, trees; and forests", provider=city.rich.provider)
    offering = make_offering(city.rich, is_synthetic=True)
    days = [
        (city.rich, offering, date(2027, 1, 4), date(2027, 2, 28)),
        (own_pace, None, *[date(2027, 3, 1)] * 2),
    ]
    for position, (course, offering, first, last) in enumerate(days, start=1):
        pathway.steps.create(
            position=position, course=course, offering=offering, starts_on=first, ends_on=last
        )
    return pathway


@pytest.mark.django_db
def test_each_course_is_an_event_with_the_day_after_as_its_end(city, ada, pathway):
    answer = ada.get(f"/my-pathway/{pathway.pk}/calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="pathway-{pathway.pk}.ics"'
    text = answer.content.decode()
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines = unfolded(text).split("\r\n")
    assert lines[:4] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//HK Talent//Pathway//EN",
        "X-WR-CALNAME:Pathway to Data scientist",
    ]
    first = lines[4 : lines.index("END:VEVENT") + 1]
    stamp = first.pop(2)
    assert len(stamp) == len("DTSTAMP:20261125T213000Z")
    assert stamp.endswith("Z")
    assert first == [
        "BEGIN:VEVENT",
        f"UID:pathway-{city.learner.pk}-data-scientist-course-{city.rich.pk}@testserver",
        "DTSTART;VALUE=DATE:20270104",
        "DTEND;VALUE=DATE:20270301",
        "SUMMARY:Statistics with Python",
        "DESCRIPTION:Synthetic sample date\\nUniversity of Hong Kong\\n"
        f"http://testserver/courses/{city.rich.pk}/",
        f"URL:http://testserver/courses/{city.rich.pk}/",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]
    assert "SUMMARY:Models\\, trees\\; and forests" in lines
    assert "DTEND;VALUE=DATE:20270302" in lines


@pytest.mark.django_db
def test_a_calendar_is_its_owners(cast, pathway):
    address = f"/my-pathway/{pathway.pk}/calendar.ics"
    assert cast["anonymous"].get(address)["Location"] == f"/accounts/login/?next={address}"
    for person in ("owner", "other", "officer", "superuser"):
        assert cast[person].get(address).status_code == 404
    assert signed_in(pathway.learner.user).get(address).status_code == 200
    assert signed_in(make_user()).get("/my-pathway/0/calendar.ics").status_code == 404


@pytest.mark.django_db
def test_my_pathway_leads_to_the_calendar(ada, pathway):
    assert f'href="/my-pathway/{pathway.pk}/calendar.ics"' in ada.get("/my-pathway/").content.decode()
