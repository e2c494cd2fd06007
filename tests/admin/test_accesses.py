"""Whoever in the office reads or changes what is a learner's leaves a trace for the learner to see."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.urls import reverse

from recommender.learners.claims import claim
from recommender.learners.models import Access, ConsentDecision, Enrolment, Question
from tests.cast import grant
from tests.factories import make_course, make_enrolment, make_learner, make_run, make_skill

pytestmark = pytest.mark.django_db
NAME = "Ada of the owner"


@pytest.fixture
def learner(cast):
    learner = cast["owner"].user.learner
    learner.display_name = NAME
    learner.save()
    return learner


@pytest.fixture
def officer(cast):
    grant(
        cast["officer"].user,
        "learners.view_enrolment",
        "learners.change_enrolment",
        "learners.delete_enrolment",
        "learners.view_question",
        "learners.change_question",
        "recommendations.view_packedlist",
    )
    return cast["officer"]


def change(model, row):
    return reverse(f"admin:{model}_change", args=[row.pk])


def seen(learner):
    return list(Access.objects.filter(learner=learner).order_by("pk").values_list("role", "what"))


def form_of(client, address):
    """What the form at an address would send unchanged."""
    form = client.get(address).context["adminform"].form
    fields = {bound.html_name: bound.value() for bound in form}
    return {name: value for name, value in fields.items() if value is not None}


FORMSET = {
    f"skills_held-{name}_FORMS": value for name, value in {"TOTAL": 0, "INITIAL": 0, "MIN_NUM": 0}.items()
}


def test_reading_a_profile_is_noted(cast, officer, learner):
    officer.get(change("learners_learner", learner))
    cast["superuser"].get(change("learners_learner", learner))
    assert seen(learner) == [("officer", "profile_read"), ("administrator", "profile_read")]
    page = cast["owner"].get("/my-data/").content.decode()
    assert "Read your profile" in page
    assert officer.user.email not in page
    assert "Read your profile" not in cast["other"].get("/my-data/").content.decode()


def test_changing_a_profile_is_noted(officer, learner):
    address = change("learners_learner", learner)
    fields = form_of(officer, address) | FORMSET | {"hours_a_week": 7}
    answer = officer.post(address, fields)
    assert answer.status_code == 302, answer.context and answer.context["errors"]
    assert seen(learner)[-1] == ("officer", "profile_changed")
    learner.refresh_from_db()
    assert learner.hours_a_week == 7


def test_a_change_that_was_refused_is_a_look(officer, learner):
    assert (
        officer.post(change("learners_learner", learner), FORMSET | {"hours_a_week": "x"}).status_code == 200
    )
    assert seen(learner) == [("officer", "profile_read")]


def test_the_history_and_the_list_of_one_learner_count_too(officer, learner):
    enrolment = make_enrolment(learner, make_course())
    run = make_run(has_lists=False)
    packed = run.lists.create(learner=learner, packed=b"")
    officer.get(reverse("admin:learners_enrolment_changelist"), {"learner": learner.pk})
    officer.get(change("learners_enrolment", enrolment))
    officer.get(change("recommendations_packedlist", packed))
    officer.get(reverse("admin:learners_learner_history", args=[learner.pk]))
    assert [what for _, what in seen(learner)] == [
        "history_read",
        "history_read",
        "list_read",
        "profile_read",
    ]


def test_a_list_of_everybody_is_nobodys_access(officer, learner):
    officer.get(reverse("admin:learners_learner_changelist"))
    officer.get(reverse("admin:learners_enrolment_changelist"))
    officer.get(reverse("admin:learners_enrolment_changelist"), {"learner": "x"})
    assert seen(learner) == []


def test_who_may_not_look_leaves_no_trace(cast, learner):
    assert cast["staff"].get(change("learners_learner", learner)).status_code == 403
    assert cast["other"].get(change("learners_learner", learner)).status_code == 302
    assert seen(learner) == []


def test_looking_at_oneself_is_no_access(cast):
    learner = make_learner(user=cast["superuser"].user)
    cast["superuser"].get(change("learners_learner", learner))
    assert seen(learner) == []


def test_only_administrators_see_which_account_looked(cast, officer, learner):
    officer.get(change("learners_learner", learner))
    listing = reverse("admin:learners_access_changelist")
    grant(officer.user, "learners.view_access")
    assert officer.get(listing).status_code == 403
    assert officer.user.email in cast["superuser"].get(listing).content.decode()


def test_accesses_and_decisions_are_read_only(cast, learner):
    Access.objects.create(learner=learner, role="officer", what="profile_read")
    ConsentDecision.objects.create(learner=learner, purpose="digest", is_given=True)
    for model in (Access, ConsentDecision):
        row, name = model.objects.first(), f"learners_{model._meta.model_name}"
        assert cast["superuser"].get(reverse(f"admin:{name}_add")).status_code == 403
        assert cast["superuser"].post(change(name, row), {}).status_code == 403
        assert cast["superuser"].post(reverse(f"admin:{name}_delete", args=[row.pk])).status_code == 403


def test_the_audit_names_no_learner(cast, officer, learner):
    """So that it can stay when the learner is erased."""
    make_enrolment(learner, make_course(), "saved")
    enrolment = Enrolment.objects.get()
    skill_row = {
        **FORMSET,
        "skills_held-TOTAL_FORMS": 1,
        "skills_held-0-skill": make_skill().pk,
        "skills_held-0-level": 3,
        "skills_held-0-evidence": "confirmed",
    }
    address = change("learners_learner", learner)
    assert officer.post(address, form_of(officer, address) | skill_row).status_code == 302
    fields = {"status": "completed", "at_0": "2026-11-01", "at_1": "10:00"}
    assert officer.post(change("learners_enrolment", enrolment), fields).status_code == 302
    officer.post(reverse("admin:learners_enrolment_delete", args=[enrolment.pk]), {"post": "yes"})
    cast["superuser"].post(
        reverse("admin:learners_user_delete", args=[cast["other"].user.pk]), {"post": "yes"}
    )
    entries = LogEntry.objects.all()
    assert entries.count() == 4
    for entry in entries:
        text = f"{entry.object_repr} {entry.change_message} {entry.get_change_message()}"
        assert NAME not in text
        assert "example.hk" not in text
        assert entry.object_repr.endswith(f" {entry.object_id}")


@pytest.mark.parametrize("shares", [True, False])
def test_an_adviser_sees_the_profile_of_who_shares_it(officer, learner, shares):
    learner.shares_with_advisers, learner.hours_a_week = shares, 137
    learner.save()
    question = Question.objects.create(learner=learner, text="Which first?")
    page = officer.get(change("learners_question", question)).content.decode()
    assert "Which first?" in page
    assert ("137" in page) == shares
    assert NAME not in page
    assert seen(learner) == [("officer", "shared_read" if shares else "question_read")]


def test_an_adviser_answers_in_the_admin(cast, officer, learner, django_capture_on_commit_callbacks):
    learner.user.emailaddress_set.create(email=learner.user.email, verified=True)
    question = Question.objects.create(learner=learner, text="Which first?")
    with django_capture_on_commit_callbacks(execute=True):
        answer = officer.post(change("learners_question", question), {"answer": "Statistics."})
    assert answer.status_code == 302
    question.refresh_from_db()
    assert question.answered_at
    assert question.answered_by == officer.user
    assert "Statistics." in mail.outbox[0].body
    with django_capture_on_commit_callbacks(execute=True):
        officer.post(change("learners_question", question), {"answer": "Statistics."})
    assert len(mail.outbox) == 1
    assert "Statistics." in cast["owner"].get("/ask-an-adviser/").content.decode()
    assert ("officer", "question_answered") in seen(learner)


def test_an_answer_is_not_emptied(officer, learner):
    question = Question.objects.create(learner=learner, text="?")
    assert officer.post(change("learners_question", question), {"answer": ""}).status_code == 200
    question.refresh_from_db()
    assert question.answered_at is None


def test_accesses_to_a_history_stay_with_it_when_it_is_claimed(cast, officer):
    imported, learner = make_learner(), cast["owner"].user.learner
    learner.source = learner.external_id = ""
    officer.get(change("learners_learner", imported))
    claim(imported, learner)
    assert seen(learner) == [("officer", "profile_read")]
