"""What the forms refuse, and what a save sets going."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from recommender.catalogue.models import Course, Prerequisite
from recommender.learners.models import Enrolment, Learner, User
from recommender.skills.models import Skill
from tests.cast import grant
from tests.factories import (
    continuing_education_fund,
    make_course,
    make_enrolment,
    make_learner,
    make_provider,
    make_skill,
)

pytestmark = pytest.mark.django_db


def no_rows(*prefixes):
    return {f"{prefix}-{count}_FORMS": 0 for prefix in prefixes for count in ("TOTAL", "INITIAL")}


def course_form(course, **changes):
    return (
        no_rows("skills_raised", "prerequisites", "offerings", "subsidy_listings")
        | {"code": course.code, "title_en": "A", "provider": course.provider_id}
        | {"status": "active", "fee_basis": "whole"}
        | changes
    )


def refusals(answer):
    """Every message of a form that was shown again, and of the rows inside it."""
    assert answer.status_code == 200
    context = answer.context
    found = [*context["adminform"].form.errors.values()]
    for inline in context["inline_admin_formsets"]:
        found += [
            inline.formset.non_form_errors(),
            *(e for row in inline.formset.errors for e in row.values()),
        ]
    return " ".join(message for messages in found for message in messages)


def save(client, instance, data):
    name = f"{instance._meta.app_label}_{instance._meta.model_name}"
    return client.post(reverse(f"admin:{name}_change", args=[instance.pk]), data)


def row(prefix, **fields):
    """One new row inside a page."""
    return {
        f"{prefix}-TOTAL_FORMS": 1,
        f"{prefix}-INITIAL_FORMS": 0,
        **{f"{prefix}-0-{name}": value for name, value in fields.items()},
    }


def test_a_course_is_saved_with_a_skill_and_the_save_is_kept_in_the_history(cast):
    course, skill = make_course("a"), make_skill()
    data = course_form(course, **row("skills_raised", skill=skill.pk, level=4))
    assert save(cast["superuser"], course, data).status_code == 302
    assert course.skills_raised.get().level == 4
    history = reverse("admin:catalogue_course_history", args=[course.pk])
    assert b"Added skill of a course" in cast["superuser"].get(history).content


@pytest.mark.parametrize(
    "changes",
    [
        {"title_en": ""},
        {"hkqf_level": 8, "hkqf_basis": "stated"},
        {"hkqf_level": 5},
        {"fee_cents": -1},
        row("offerings", code="x", starts_on="2027-01-01", ends_on="2027-02-01", fee_cents=-1),
        row("subsidy_listings", scheme="{fund}", listed_to="2027-02-01"),
        {"code": "taken"},
    ],
)
def test_a_course_that_the_database_would_refuse_is_refused_with_a_message(cast, changes):
    make_course("taken")
    course = make_course("a")
    fund = continuing_education_fund().pk
    changes = {
        name: value.format(fund=fund) if value == "{fund}" else value for name, value in changes.items()
    }
    assert refusals(save(cast["superuser"], course, course_form(course, **changes)))


def test_a_circle_of_prerequisites_is_refused_and_its_chain_named(cast):
    first = make_course("first")
    second = make_course("second", after=[first])
    third = make_course("third", after=[second])
    data = course_form(first, **row("prerequisites", required_course=third.pk))
    said = refusals(save(cast["superuser"], first, data))
    assert "first -> third -> second -> first" in said
    assert not Prerequisite.objects.filter(course=first).exists()


def test_a_chain_that_comes_back_to_no_course_is_saved(cast):
    first, other = make_course("first"), make_course("other")
    make_course("second", after=[first, other])
    data = course_form(first, **row("prerequisites", required_course=other.pk))
    assert save(cast["superuser"], first, data).status_code == 302


def test_other_names_of_a_skill_are_typed_one_a_line(cast):
    skill = make_skill("python", aliases=["snake"])
    data = {"name_en": "Python", "slug": "python", "discipline": "programming", "aliases": "Py\n\n蟒蛇 "}
    assert save(cast["superuser"], skill, data).status_code == 302
    assert Skill.objects.get().aliases == ["Py", "蟒蛇"]


def test_an_account_is_added_with_two_passwords(cast):
    data = {"email": "new@example.hk", "usable_password": "true", "password1": "a long passphrase"}
    address = reverse("admin:learners_user_add")
    assert refusals(cast["superuser"].post(address, data | {"password2": "another"}))
    assert cast["superuser"].post(address, data | {"password2": data["password1"]}).status_code == 302
    assert User.objects.get(email="new@example.hk").check_password(data["password1"])


def test_an_address_is_taken_in_any_case(cast):
    data = {"email": "OWNER@example.hk", "usable_password": "false"}
    said = refusals(cast["superuser"].post(reverse("admin:learners_user_add"), data))
    assert "There is an account with this e-mail address already." in said


def test_an_officer_gives_nobody_rights_and_does_not_touch_superusers(cast):
    own = cast["officer"].user
    data = {"email": own.email, "is_active": "on", "is_superuser": "on", "is_staff": "on"}
    assert save(cast["officer"], own, data).status_code == 302
    own.refresh_from_db()
    assert not own.is_superuser
    superuser = cast["superuser"].user
    assert save(cast["officer"], superuser, data).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[superuser.pk])
    assert cast["officer"].get(password).status_code == 403


def learner_form(**changes):
    return no_rows("skills_held", "subsidy_claims") | changes


def test_consent_is_the_persons_own(cast):
    learner = make_learner(consents=False)
    data = learner_form(consents_to_profiling="on", hours_a_week=3)
    assert save(cast["officer"], learner, data).status_code == 302
    learner.refresh_from_db()
    assert (learner.consents_to_profiling, learner.hours_a_week) == (False, 3)


def confirmation(learner, skill):
    """The form of a learner in which the stated skill is confirmed."""
    [held] = learner.skills_held.filter(skill=skill)
    confirmed = {"id": held.pk, "learner": learner.pk, "skill": skill.pk, "level": 3, "evidence": "confirmed"}
    return row("skills_held", **confirmed) | {"skills_held-INITIAL_FORMS": 1}


def test_an_officer_confirms_a_skill_and_it_is_logged(cast, refreshed, django_capture_on_commit_callbacks):
    skill = make_skill("python")
    learner = make_learner(holds={skill: 3})
    officer = cast["officer"]
    grant(officer.user, "learners.view_skillheld", "learners.change_skillheld")
    with django_capture_on_commit_callbacks(execute=True):
        assert save(officer, learner, confirmation(learner, skill)).status_code == 302
    assert learner.skills_held.get().evidence == "confirmed"
    entry = LogEntry.objects.get(object_id=str(learner.pk), user=officer.user)
    assert entry.get_change_message() == "Changed Evidence for skill held “…”."
    assert refreshed == [learner.pk]


def test_who_may_not_change_skills_held_confirms_none(cast):
    skill = make_skill("python")
    learner = make_learner(holds={skill: 3})
    save(cast["officer"], learner, confirmation(learner, skill))
    assert learner.skills_held.get().evidence == "stated"
    assert save(cast["staff"], learner, confirmation(learner, skill)).status_code == 403


@pytest.mark.parametrize("changes", [{"hours_a_week": 169}, {"budget_cents": -1}, {"hkqf_level": 8}])
def test_a_learner_that_the_database_would_refuse_is_refused_with_a_message(cast, changes):
    assert refusals(save(cast["officer"], make_learner(), learner_form(**changes)))


@pytest.fixture
def refreshed(monkeypatch):
    """Ids of the learners whose lists were asked to be made anew."""
    asked = []
    monkeypatch.setattr("recommender.recommendations.tasks.refresh_list.delay", asked.append)
    return asked


def test_a_changed_learner_gets_a_new_list(cast, refreshed, django_capture_on_commit_callbacks):
    learner = make_learner()
    before = learner.changed_at
    with django_capture_on_commit_callbacks(execute=True):
        save(cast["officer"], learner, learner_form(hours_a_week=3))
    assert refreshed == [learner.pk]
    assert Learner.objects.get(pk=learner.pk).changed_at != before


def test_a_learner_whose_enrolments_changed_gets_a_new_list(
    cast, refreshed, django_capture_on_commit_callbacks
):
    enrolments = [make_enrolment(make_learner(), make_course()) for _ in range(2)]
    learners = [enrolment.learner_id for enrolment in enrolments]
    client = cast["superuser"]
    with django_capture_on_commit_callbacks(execute=True):
        save(client, enrolments[0], {"status": "completed"})
    assert refreshed == learners[:1]
    selected = {"action": "delete_selected", "post": "yes", "_selected_action": [e.pk for e in enrolments]}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("admin:learners_enrolment_changelist"), selected)
    assert not Enrolment.objects.exists()
    assert sorted(refreshed[1:]) == learners


def test_an_imported_history_has_an_address_to_claim_it_by(cast):
    imported, claimed = make_learner(), cast["owner"].user.learner
    pages = [reverse("admin:learners_learner_change", args=[one.pk]) for one in (imported, claimed)]
    show = reverse("admin:learners_learner_show_claim_address", args=[imported.pk])
    contents = [cast["officer"].get(page).content.decode() for page in pages]
    assert [show in content for content in contents] == [True, False]
    assert "/claim/" in cast["officer"].get(show, follow=True).content.decode()
    assert cast["staff"].get(show).status_code == 403


def rule_form(tiers, **changes):
    """A rule of the fund with tiers of (percent, cents)."""
    rows = {"tiers-TOTAL_FORMS": len(tiers), "tiers-INITIAL_FORMS": 0}
    for number, (percent, up_to_cents) in enumerate(tiers):
        fields = {"position": number, "percent": percent, "up_to_cents": up_to_cents}
        rows |= {f"tiers-{number}-{name}": value for name, value in fields.items()}
    facts = {
        "scheme": continuing_education_fund().pk,
        "valid_from": "2030-01-01",
        "ceiling_cents": 3_000_000,
        "source_url": "https://example.hk/rule",
        "as_of": "2029-12-01",
    }
    return rows | facts | changes


@pytest.mark.parametrize(
    ("tiers", "changes", "words"),
    [
        ([(80, 1_000_000)], {}, "The tiers add up to 1000000 cents, the ceiling is 3000000 cents."),
        (
            [(60, 1_000_000), (80, 2_000_000)],
            {},
            "A later tier pays no more than the one before: 80% comes after 60%.",
        ),
        ([(101, 3_000_000)], {}, "A tier pays from 1 to 100 per cent of the fee."),
        ([(80, 3_000_000)], {"min_mark_percent": 101}, "Attendance and mark are at most 100 per cent."),
        ([(80, 3_000_000)], {"valid_to": "2029-01-01"}, "A rule must not end before it begins."),
        ([(80, 3_000_000)], {"valid_from": "2022-08-02"}, "The dates overlap with those of this rule"),
        ([(80, 3_000_000)], {"source_url": ""}, "This field is required."),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_a_message(cast, tiers, changes, words):
    continuing_education_fund().rules.filter(valid_to=None).update(valid_to="2029-12-31")
    answer = cast["superuser"].post(reverse("admin:catalogue_subsidyrule_add"), rule_form(tiers, **changes))
    assert words in refusals(answer)
    assert continuing_education_fund().rules.count() == 3


def test_a_new_rule_of_the_fund_is_added_once_the_old_one_has_an_end(cast):
    address, data = reverse("admin:catalogue_subsidyrule_add"), rule_form([(80, 1_000_000), (60, 2_000_000)])
    assert "overlap" in refusals(cast["superuser"].post(address, data))
    continuing_education_fund().rules.filter(valid_to=None).update(valid_to="2029-12-31")
    assert cast["superuser"].post(address, data).status_code == 302
    rule = continuing_education_fund().rules.get(valid_from="2030-01-01")
    assert [tier.percent for tier in rule.tiers.all()] == [80, 60]
    changed = rule_form([]) | {
        "tiers-TOTAL_FORMS": 2,
        "tiers-INITIAL_FORMS": 2,
        "ceiling_cents": 4_000_000,
    }
    for number, tier in enumerate(rule.tiers.all()):
        fields = {"id": tier.pk, "position": tier.position, "percent": 50, "up_to_cents": tier.up_to_cents}
        changed |= {f"tiers-{number}-{name}": value for name, value in fields.items()}
    assert "the ceiling is 4000000 cents" in refusals(save(cast["superuser"], rule, changed))
    assert save(cast["superuser"], rule, changed | {"ceiling_cents": 3_000_000}).status_code == 302


def test_a_provider_with_courses_is_not_deleted(cast):
    course = make_course("a", provider=make_provider("hku"))
    cast["superuser"].post(
        reverse("admin:catalogue_provider_delete", args=[course.provider_id]), {"post": "yes"}
    )
    assert Course.objects.exists()
