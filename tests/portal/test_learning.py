"""My learning: by status, with the next steps, what was turned down, certificates and earlier courses."""

import re
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommender.learners.history import history_rows
from recommender.learners.models import Enrolment, SavedPathway
from recommender.learners.services import record_enrolment
from recommender.portal import history
from tests.cast import signed_in
from tests.csv_files import CsvFile, zipped
from tests.factories import make_course, make_enrolment, make_user

pytestmark = pytest.mark.django_db


def test_courses_stand_by_status_newest_first(city, ada):
    make_enrolment(city.learner, city.rich, "enrolled")
    make_enrolment(city.learner, city.free, "dropped")
    taken = ada.get("/my-learning/").context["taken"]
    assert [(item.heading, item.enrolment.course.code) for item in taken] == [
        ("Enrolled", "rich"),
        ("Saved", "saved"),
        ("Completed", "taken"),
        ("Dropped", "free"),
    ]


def test_each_status_offers_its_next_steps(city, ada):
    make_enrolment(city.learner, city.rich, "enrolled")
    taken = ada.get("/my-learning/").context["taken"]
    assert {item.heading: [status for status, _ in item.steps] for item in taken} == {
        "Enrolled": ["completed", "dropped"],
        "Saved": ["enrolled", "completed"],
        "Completed": [],
    }


def test_what_was_turned_down_can_be_taken_back(city, ada):
    text = ada.get("/my-learning/").content.decode()
    assert f'action="/courses/{city.dismissed.pk}/dismissal/undo/"' in text
    ada.post(f"/courses/{city.dismissed.pk}/dismissal/undo/", {"next": "/my-learning/"})
    assert not ada.get("/my-learning/").context["dismissals"]


def test_someone_new_is_shown_the_way(db):
    assert "Nothing here yet" in signed_in(make_user()).get("/my-learning/").content.decode()


def test_a_long_history_has_pages(city, ada):
    for _ in range(60):
        make_enrolment(city.learner, make_course())
    assert len(ada.get("/my-learning/").context["taken"]) == 50
    assert len(ada.get("/my-learning/?page=2").context["taken"]) == 12


def test_completed_courses_say_which_skills_they_gave(city, ada):
    make_enrolment(city.learner, make_course(raises={city.python: 1, city.statistics: 2}), "completed")
    make_enrolment(city.learner, city.rich, "completed")
    make_enrolment(city.learner, make_course(raises={city.statistics: 5}), "enrolled")
    gained = ada.get("/my-learning/").context["skills_gained"]
    # Ada states Python herself: that is no skill from a course.
    assert [(one.skill, one.level, one.course) for one in gained] == [
        (city.python, 4, city.rich),
        (city.statistics, 3, city.rich),
    ]


def test_saved_pathways_are_linked(city, ada):
    SavedPathway.objects.create(learner=city.learner, role=city.role, kind="fastest", coverage=80)
    assert "Your pathway to Data scientist" in ada.get("/my-learning/").content.decode()


def certify(client, course, **said):
    client.post(f"/courses/{course.pk}/enrolment/certificate/", said)
    return list(Enrolment.objects.filter(course=course).values_list("has_certificate", "certificate_url"))


def test_a_certificate_is_held_or_not_and_may_have_an_address(city, ada):
    assert "Certificate: not said" in ada.get("/my-learning/").content.decode()
    address = "https://example.hk/c/1"
    assert certify(ada, city.taken, is_held="yes", url=address) == [(True, address)]
    page = ada.get("/my-learning/").content.decode()
    assert "Certificate: you hold one" in page
    assert address in page
    assert certify(ada, city.taken, is_held="no", url=address) == [(False, "")]


@pytest.mark.parametrize("said", [{}, {"is_held": "maybe"}, {"is_held": "yes", "url": "javascript:alert(1)"}])
def test_what_is_no_certificate_is_refused(city, ada, said):
    assert certify(ada, city.taken, **said) == [(None, "")]


def test_only_an_own_completed_course_has_a_certificate(city, ada, cast):
    assert certify(ada, city.saved, is_held="yes") == [(None, "")]
    assert certify(cast["other"], city.taken, is_held="yes") == [(None, "")]
    with pytest.raises(IntegrityError, match="enrolment_address_is_of_a_certificate"), transaction.atomic():
        Enrolment.objects.filter(course=city.taken).update(certificate_url="https://example.hk/")


def completed_on(client, course, day):
    answer = client.post(
        f"/courses/{course.pk}/enrolment/day/", {"day": day, "next": "/my-learning/"}, follow=True
    )
    return answer.content.decode()


def test_the_day_of_completing_can_be_corrected_and_is_the_day_shown(city, ada):
    assert "The day you completed Programming for beginners is changed." in completed_on(
        ada, city.taken, "2024-02-29"
    )
    text = ada.get("/my-learning/").content.decode()
    assert "Completed on 29 February 2024" in text
    assert 'value="2024-02-29"' in text
    assert "29 February 2024" in ada.get("/my-data/").content.decode()
    city.learner.refresh_from_db()
    assert city.learner.changed_at


@pytest.mark.parametrize("day", ["", "2023-02-29", "1899-12-31", "2999-01-01", "yesterday"])
def test_what_is_no_day_up_to_today_is_refused(city, ada, day):
    before = Enrolment.objects.get(course=city.taken).at
    completed_on(ada, city.taken, day)
    assert Enrolment.objects.get(course=city.taken).at == before


def test_today_and_the_first_day_are_days_of_a_life(city, ada):
    for day in ("1900-01-01", f"{timezone.localdate()}"):
        completed_on(ada, city.taken, day)
        assert f"{timezone.localtime(Enrolment.objects.get(course=city.taken).at).date()}" == day


def test_only_an_own_completed_course_has_a_day(city, ada, cast):
    before = Enrolment.objects.get(course=city.saved).at
    assert "Only a course that you completed has such a day." in completed_on(ada, city.saved, "2024-01-01")
    assert Enrolment.objects.get(course=city.saved).at == before
    before = Enrolment.objects.get(course=city.taken).at
    completed_on(cast["other"], city.taken, "2024-01-01")
    assert Enrolment.objects.get(course=city.taken).at == before


def test_a_morning_in_hong_kong_is_not_the_day_before(city, ada):
    at = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
    Enrolment.objects.filter(course=city.taken).update(at=at)
    for page in ("/my-learning/", "/my-data/"):
        assert "4 March 2026" in ada.get(page).content.decode()


UPLOAD = "/my-learning/earlier-courses/"


def upload(client, text):
    return client.post(UPLOAD, {"file": CsvFile(text, "history.csv")})


def confirm(client, page):
    return client.post(f"{UPLOAD}confirm/", {"rows": page.context["token"], "next": "/my-learning/"})


def own(learner):
    return {
        code: (status, f"{timezone.localtime(at):%Y-%m-%d}")
        for code, status, at in Enrolment.objects.filter(learner=learner).values_list(
            "course__code", "status", "at"
        )
    }


def test_a_file_is_looked_through_before_anything_is_stored(city, ada):
    before = own(city.learner)
    page = upload(
        ada,
        "course,status,date\n"
        "free,completed,2024-03-01\n"
        "machine TRANSLATION,,2023-05-02\n"
        "saved,enrolled,2025-01-05\n"
        "taken,saved,2025-01-05\n"
        "taken,completed,2020-01-01\n",
    )
    rows = [(row.course.code, row.before, row.status, row.is_news) for row in page.context["rows"]]
    assert rows == [
        ("free", None, "completed", True),
        ("closed", None, "completed", True),
        ("saved", "saved", "enrolled", True),
        ("taken", "completed", "saved", False),
    ]
    assert "cannot become Saved" in page.content.decode()
    assert [str(problem) for problem in page.context["problems"]] == [
        "history.csv, line 6, course 'taken': stands on line 5 already"
    ]
    assert own(city.learner) == before
    assert confirm(ada, page)["Location"] == "/my-learning/"
    assert own(city.learner) == before | {
        "free": ("completed", "2024-03-01"),
        "closed": ("completed", "2023-05-02"),
        "saved": ("enrolled", "2025-01-05"),
    }
    # Once more, nothing is news.
    assert not any(row.is_news for row in upload(ada, "course,date\nfree,2024-03-01\n").context["rows"])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nowhere,completed,2024-03-01", "line 2, course 'nowhere': is neither the code nor the full title"),
        ("Not ready,completed,2024-03-01", "is neither the code nor the full title"),
        ("Twice,completed,2024-03-01", "is the title of several courses"),
        ("free,passed,2024-03-01", "line 2, status 'passed': must be one of"),
        ("free,completed,1 March", "line 2, date '1 March': must be a date such as"),
        ("free,completed,2099-01-01", "must not be a day to come"),
        ("free,completed,", "date '': must be filled"),
        ("free,completed", "has 2 fields where the header names 3"),
    ],
)
def test_a_bad_row_is_named_with_what_would_be_right(city, ada, row, reason):
    for _ in range(2):
        make_course(title_en="Twice")
    page = upload(ada, f"course,status,date\n{row}\n")
    [problem] = page.context["problems"]
    assert reason in str(problem)
    assert "There is nothing to add." in page.content.decode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title,date\nx,2024-01-01\n", "the columns are wrong"),
        ("course,date\n" + "x,2024-01-01\n" * 501, "more than 500 rows"),
        ("course,date\n" + "x" * 1_000_001, "too large"),
        (b"\xff\xfe\x00c", "UTF-16"),
        pytest.param(zipped("course,date\n").getvalue(), "The file is compressed", id="compressed"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(city, ada, text, reason):
    page = upload(ada, text)
    assert reason in " ".join(page.content.decode().split())
    assert "token" not in page.context


def test_a_row_whose_course_changed_while_the_file_was_confirmed_is_named_and_the_others_go_in(
    city, ada, monkeypatch
):
    page = upload(ada, "course,status,date\nsaved,enrolled,2025-01-05\nfree,completed,2024-03-01\n")

    def read_then_changed(*args):
        rows = history_rows(*args)
        record_enrolment(city.learner, city.saved, "completed")
        return rows

    monkeypatch.setattr(history, "history_rows", read_then_changed)
    answer = ada.post(
        f"{UPLOAD}confirm/", {"rows": page.context["token"], "next": "/my-learning/"}, follow=True
    )
    text = answer.content.decode()
    assert "1 course is in your learning." in text
    assert "could not be added" in text
    assert own(city.learner)["free"] == ("completed", "2024-03-01")
    assert own(city.learner)["saved"][0] == "completed"


def test_rows_go_to_whom_they_were_shown_and_cannot_be_forged(city, ada, cast):
    page = upload(ada, "course,date\nfree,2024-03-01\n")
    before = own(city.learner)
    assert confirm(cast["other"], page)["Location"] == "/my-learning/"
    for forged in ("", "x", re.sub(".$", "", page.context["token"])):
        ada.post(f"{UPLOAD}confirm/", {"rows": forged})
    assert own(city.learner) == before
    assert not Enrolment.objects.filter(course=city.free).exists()
