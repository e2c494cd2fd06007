"""What a learner does with courses, and what the page says afterwards."""

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError

from recommender.learners.models import Enrolment, Event
from tests.factories import make_course

pytestmark = pytest.mark.django_db


def post(client, course, path, **fields):
    """The message after a form was posted on the page of a list."""
    answer = client.post(f"/courses/{course.pk}/{path}/", {"next": "/my-learning/", **fields})
    assert answer["Location"] == "/my-learning/"
    *_, message = get_messages(answer.wsgi_request)
    return str(message)


@pytest.mark.parametrize("status", Enrolment.Status.values)
def test_a_course_goes_into_my_learning(city, ada, status):
    message = post(ada, city.free, "enrolment", status=status)
    assert message.startswith("Résumé writing for coders is ")
    assert Enrolment.objects.get(course=city.free).status == status


def test_a_step_back_is_refused_in_words(city, ada):
    message = post(ada, city.taken, "enrolment", status="saved")
    assert message == "This course is Completed in your learning and cannot become Saved."
    assert Enrolment.objects.get(course=city.taken).status == "completed"


@pytest.mark.parametrize("status", ["", "viewed", "COMPLETED", "\0"])
def test_an_unknown_status_changes_nothing(city, ada, status):
    assert post(ada, city.free, "enrolment", status=status) == "Choose what you did with this course."
    assert not Enrolment.objects.filter(course=city.free).exists()


def test_nobody_joins_a_closed_course_but_it_may_have_been_taken(city, ada):
    for status in ("saved", "enrolled"):
        assert "closed" in post(ada, city.closed, "enrolment", status=status)
    assert not Enrolment.objects.filter(course=city.closed).exists()
    post(ada, city.closed, "enrolment", status="completed")
    assert Enrolment.objects.get(course=city.closed).status == "completed"


@pytest.mark.parametrize("path", ["enrolment", "dismissal"])
def test_a_draft_has_no_actions(city, ada, path):
    assert ada.post(f"/courses/{city.draft.pk}/{path}/", {"status": "saved"}).status_code == 404


def test_what_was_done_with_a_course_that_is_a_draft_again_can_be_forgotten(city, ada):
    type(city.saved).objects.filter(pk=city.saved.pk).update(status="draft")
    post(ada, city.saved, "enrolment/remove")
    assert not Enrolment.objects.filter(course=city.saved).exists()


def test_removing_forgets_the_enrolment(city, ada):
    assert "no longer in your learning" in post(ada, city.saved, "enrolment/remove")
    assert not Enrolment.objects.filter(course=city.saved).exists()


def test_a_dismissal_can_be_undone_from_its_message(city, ada):
    message = post(ada, city.free, "dismissal")
    assert "will not be recommended to you again" in message
    assert f'action="/courses/{city.free.pk}/dismissal/undo/"' in message
    assert Event.objects.filter(course=city.free, kind="dismissed").exists()
    post(ada, city.free, "dismissal/undo")
    assert not Event.objects.filter(course=city.free, kind="dismissed").exists()


def test_a_reason_may_be_given_with_a_dismissal_or_afterwards(city, ada):
    assert "Send the reason" in post(ada, city.free, "dismissal")
    assert Event.objects.get(course=city.free).reason is None
    message = post(ada, city.free, "dismissal", reason="too_dear")
    assert "Your reason: Costs too much" in message
    assert "Send the reason" not in message
    assert Event.objects.get(course=city.free).reason == "too_dear"
    post(ada, city.free, "dismissal")
    assert Event.objects.get(course=city.free).reason == "too_dear"
    post(ada, city.free, "dismissal/undo")
    assert not Event.objects.filter(course=city.free).exists()


@pytest.mark.parametrize("reason", ["", "ugly", "TOO_DEAR", "\0"])
def test_an_unknown_reason_is_none(city, ada, reason):
    post(ada, city.free, "dismissal", reason=reason)
    assert Event.objects.get(course=city.free).reason is None


@pytest.mark.parametrize(("kind", "reason"), [("viewed", "too_dear"), ("dismissed", ""), ("dismissed", "x")])
def test_the_database_keeps_reasons_to_dismissals(city, kind, reason):
    with pytest.raises(IntegrityError, match="event_reason_is_of_a_dismissal"):
        Event.objects.create(learner=city.learner, course=city.free, kind=kind, reason=reason)


def test_the_reason_stands_in_my_learning(city, ada):
    post(ada, city.free, "dismissal", reason="wrong_time")
    assert "At the wrong time" in ada.get("/my-learning/").content.decode()


def test_a_title_in_a_message_is_escaped_and_marked(city, ada):
    course = make_course(title_en="", title_zh_hant="<script>課程</script>")
    message = post(ada, course, "enrolment", status="saved")
    assert '<span lang="zh-hant">&lt;script&gt;課程&lt;/script&gt;</span> is saved' in message


def test_each_write_has_the_list_made_anew(city, ada, monkeypatch, django_capture_on_commit_callbacks):
    refreshed = []
    monkeypatch.setattr("recommender.recommendations.tasks.refresh_list.delay", refreshed.append)
    with django_capture_on_commit_callbacks(execute=True):
        for path in ("enrolment", "enrolment/remove", "dismissal", "dismissal/undo"):
            ada.post(f"/courses/{city.free.pk}/{path}/", {"status": "saved"})
        ada.post("/my-data/consents/profiling/", {"consents": "no"})
        ada.post("/profile/skills/", {"skill": city.statistics.pk, "level": 3})
        ada.post(f"/profile/skills/{city.statistics.pk}/remove/")
        ada.post("/profile/", {"hours_a_week": 3})
    assert refreshed == [city.learner.pk] * 8
