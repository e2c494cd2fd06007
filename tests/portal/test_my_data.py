"""My data: shown in words, taken away as files, erased; consents and questions; for its person alone."""

import csv
import io
import json
import zipfile

import numpy as np
import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.cache import cache
from django.db.models.deletion import Collector
from django.test import Client
from django.utils import timezone

from recommender.learners.consents import decide
from recommender.learners.export import cell
from recommender.learners.models import (
    Access,
    ConsentDecision,
    Enrolment,
    Event,
    Learner,
    PathwayStep,
    Question,
    SavedPathway,
    SentDigest,
    Session,
    SkillHeld,
    SubsidyClaim,
    User,
)
from recommender.learners.supply import count_supply
from recommender.recommendations.models import PackedList
from recommender.recommendations.packing import ITEM, Source, pack
from recommender.recommendations.personal_tables import PERSONAL_TABLES
from recommender.workforce.disclosure import ROUNDED_TO
from recommender.workforce.models import RoleSupply
from tests.cast import signed_in
from tests.factories import (
    continuing_education_fund,
    make_course,
    make_enrolment,
    make_learner,
    make_role,
    make_run,
    make_user,
)
from tests.queries import count_queries

pytestmark = pytest.mark.django_db
PASSWORD = "a long passphrase"
SECRET = "only-of-the-owner"


@pytest.fixture
def owner(city):
    """The city's learner with something in every table."""
    learner = city.learner
    address = EmailAddress.objects.create(
        user=learner.user, email=learner.user.email, verified=True, primary=True
    )
    EmailConfirmation.objects.create(email_address=address, key="k", sent=timezone.now())
    ConsentDecision.objects.create(learner=learner, purpose="profiling", is_given=True)
    Access.objects.create(learner=learner, by=make_user(is_staff=True), role="officer", what="profile_read")
    Question.objects.create(learner=learner, text=SECRET, course=city.rich)
    SentDigest.objects.create(learner=learner, month="2026-11-01")
    pathway = SavedPathway.objects.create(learner=learner, role=city.role, kind="fastest", coverage=80)
    days = {"starts_on": "2027-01-04", "ends_on": "2027-03-01"}
    PathwayStep.objects.create(pathway=pathway, position=1, course=city.rich, **days)
    scheme = continuing_education_fund()
    SubsidyClaim.objects.create(learner=learner, scheme=scheme, amount_cents=800_000, claimed_on="2025-03-01")
    PackedList.objects.create(learner=learner, run=make_run(), packed=packed_list(city))
    return learner


def packed_list(city):
    items = np.zeros(1, dtype=ITEM)
    items["course"], items["source"] = city.rich.pk, Source.POPULAR
    items["score"], items["past_rest"] = 2.5, 2.5
    return pack(items)


def archive_of(client):
    answer = client.get("/my-data/export/")
    assert answer.status_code == 200
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    return {name: files.read(name) for name in files.namelist()}


def rows_of(files, name):
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"))))


# What names an account or a learner: found in the models, so that a new table cannot be forgotten.


def foreign_keys_to_people():
    """(model, field) of every foreign key that leads to a person's table, however far away."""
    people, found = {User, Learner}, set()
    grew = True
    while grew:
        grew = False
        for model in apps.get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                if field.concrete and field.is_relation and field.related_model in people:
                    found.add((model, field))
                    if field.remote_field.on_delete.__name__ == "CASCADE" and model not in people:
                        people.add(model)
                        grew = True
    return found


# The work of staff, not a fact about a learner; with why no learner is named by it.
WORK_OF_STAFF = {
    ("LogEntry", "user"): "the audit; whoever stands in it cannot erase their own account",
    ("Run", "started_by"): "who started a run",
    ("ShortageOverride", "made_by"): "who overrode a shortage",
    ("Access", "by"): "who looked",
    ("Question", "answered_by"): "who answered",
}


def test_every_table_that_names_a_person_is_in_the_inventory_and_the_export():
    described = {table.model for table in PERSONAL_TABLES}
    missing = {
        model.__name__
        for model, field in foreign_keys_to_people()
        if model not in described
        and not model._meta.auto_created
        and (model.__name__, field.name) not in WORK_OF_STAFF
    }
    assert missing == set()
    columns = {field.name for table in PERSONAL_TABLES for field in table.model._meta.many_to_many}
    through = {model for model, _ in foreign_keys_to_people() if model._meta.auto_created}
    assert len(through) == len(columns) == 4


@pytest.mark.parametrize("table", PERSONAL_TABLES, ids=lambda table: table.name)
def test_every_field_of_a_personal_table_is_described(table):
    meta = table.model._meta
    assert set(table.fields) == {field.name for field in (*meta.concrete_fields, *meta.many_to_many)}
    assert table.secret <= set(table.fields)


def test_the_inventory_shows_every_table_and_field_to_everybody(client):
    page = client.get("/privacy/inventory/").content.decode()
    for table in PERSONAL_TABLES:
        assert str(table.why) in page.replace("&#x27;", "'")
        for _, meaning, _ in table.described():
            assert str(meaning) in page


def test_the_export_holds_a_row_of_every_table(owner, client):
    client.post("/accounts/login/", {"login": owner.user.email, "password": PASSWORD})
    files = archive_of(client)
    tables = json.loads(files["data.json"])["tables"]
    assert set(tables) == {table.name for table in PERSONAL_TABLES}
    assert {name for name, table in tables.items() if not table["rows"]} == set()
    for name, table in tables.items():
        assert set(table["rows"][0]) == set(table["fields"])
        assert len(rows_of(files, name)) == len(table["rows"])
    explained = {(row["table"], row["field"]) for row in rows_of(files, "fields")}
    assert explained == {
        (f"{name}.csv", field) for name, table in tables.items() for field in table["fields"]
    }


def test_the_export_says_what_is_held(owner, city):
    tables = json.loads(archive_of(signed_in(owner.user))["data.json"])["tables"]
    assert tables["account"]["rows"][0]["email"] == "ada@example.hk"
    assert tables["profile"]["rows"][0]["target_roles"] == ["data-scientist"]
    assert tables["profile"]["rows"][0]["target_roles_name"] == ["Data scientist"]
    assert {row["course"]: row["status"] for row in tables["enrolments"]["rows"]} == {
        "taken": "completed",
        "saved": "saved",
    }
    [listed] = tables["recommendations"]["rows"]
    assert (listed["course"], listed["score"], listed["source"]) == ("rich", 2.5, "popular")


def test_no_secret_leaves_with_the_export(owner, client):
    client.post("/accounts/login/", {"login": owner.user.email, "password": PASSWORD})
    owner.user.refresh_from_db()
    content = b"".join(archive_of(client).values()).decode()
    assert owner.user.password not in content
    assert client.session.session_key not in content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_a_spreadsheet_takes_no_text_for_a_formula(owner, start):
    owner.display_name = f"{start}HYPERLINK(1)"
    owner.save()
    files = archive_of(signed_in(owner.user))
    assert rows_of(files, "profile")[0]["display_name"].startswith("'")
    named = json.loads(files["data.json"])["tables"]["profile"]["rows"][0]["display_name"]
    assert named == owner.display_name


def test_numbers_and_plain_texts_stay_as_they_are():
    assert [cell(value) for value in (-2.5, None, True, "a=b", ["a", "b"])] == [-2.5, "", True, "a=b", "a; b"]


# The page.


def test_the_page_says_in_words_what_is_held(owner, city):
    page = signed_in(owner.user).get("/my-data/").content.decode()
    for words in (
        "ada@example.hk",
        "Confirmed",
        "Data scientist",
        "Python",
        "Stated by the learner",
        "Programming for beginners",
        "Spreadsheets",
        "Read your profile",
        "A programme officer",
        "HK$15,000",
        "HK$8,000",
        "Fastest",
        "1 course.",
    ):
        assert words in page
    assert 'href="/profile/"' in page
    assert 'href="/my-learning/"' in page


@pytest.mark.parametrize("address", ["/my-data/", "/my-data/export/", "/my-data/erase/", "/ask-an-adviser/"])
def test_ones_data_is_ones_own(cast, address):
    Question.objects.create(learner=cast["owner"].user.learner, text=SECRET)
    assert cast["anonymous"].get(address)["Location"].startswith("/accounts/login/")
    for part in ("other", "officer", "staff", "superuser"):
        answer = cast[part].get(address)
        assert answer.status_code == 200
        if address.endswith("/export/"):
            content = b"".join(archive_of(cast[part]).values())
            assert cast[part].user.email.encode() in content
        else:
            content = answer.content
        assert SECRET.encode() not in content
        assert b"owner@example.hk" not in content


def test_the_page_asks_no_more_queries_for_twenty_rows_than_for_one(owner):
    client = signed_in(owner.user)

    def grow(n):
        for _ in range(n):
            make_enrolment(owner, make_course(), "saved")
            Event.objects.create(learner=owner, course=make_course(), kind="viewed")
            Access.objects.create(learner=owner, role="officer", what="profile_read")
            ConsentDecision.objects.create(learner=owner, purpose="digest", is_given=True)
            Question.objects.create(learner=owner, text="?", course=make_course())

    addresses = ["/my-data/", "/my-data/export/", "/ask-an-adviser/"]
    grow(1)
    before = [count_queries(client, address) for address in addresses]
    grow(19)
    assert [count_queries(client, address) for address in addresses] == before


# Consents.


@pytest.mark.parametrize(
    ("purpose", "column"),
    [
        ("profiling", "consents_to_profiling"),
        ("sharing", "shares_with_advisers"),
        ("digest", "wants_digest"),
    ],
)
def test_each_decision_is_kept_with_its_time(purpose, column):
    learner = make_learner(user=make_user(), consents=False)
    client = signed_in(learner.user)
    assert not getattr(learner, column)
    for answer in ("yes", "yes", "no"):
        assert client.post(f"/my-data/consents/{purpose}/", {"consents": answer}).status_code == 302
    learner.refresh_from_db()
    assert not getattr(learner, column)
    decisions = ConsentDecision.objects.filter(learner=learner, purpose=purpose).order_by("pk")
    assert [decision.is_given for decision in decisions] == [True, False]
    assert "Off since" in client.get("/my-data/").content.decode()


def test_one_switch_leaves_the_others_alone(cast):
    cast["owner"].post("/my-data/consents/digest/", {"consents": "yes"})
    learner = Learner.objects.get(user=cast["owner"].user)
    assert (learner.wants_digest, learner.shares_with_advisers, learner.consents_to_profiling) == (
        True,
        False,
        True,
    )
    assert cast["owner"].post("/my-data/consents/everything/", {"consents": "yes"}).status_code == 404


# Erasing.


def people_left():
    """Rows in every table that names a person, by model and number."""
    return {
        (model.__name__, pk)
        for model in {model for model, _ in foreign_keys_to_people()} | {User, Learner}
        for pk in model.objects.values_list("pk", flat=True)
    }


def test_erasing_reaches_every_table(owner, client, django_capture_on_commit_callbacks):
    others = people_left_without(owner)
    client.post("/accounts/login/", {"login": owner.user.email, "password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/my-data/erase/", {"password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/erased/", 302)]
    # What the erased person's browser visits next is a stranger's session.
    assert {left for left in people_left() if left[0] != "Session"} == others
    assert not Session.objects.exclude(user=None).exists()
    assert client.get("/my-data/").status_code == 302
    assert [(sent.subject, sent.to) for sent in mail.outbox] == [
        ("Your account is erased", ["ada@example.hk"])
    ]
    assert mail.outbox[0].alternatives


def people_left_without(learner):
    """Everything that is there, less what hangs on a learner or their account, however far."""
    collector = Collector(using="default")
    collector.collect([learner.user])
    gone = {(model.__name__, row.pk) for model, rows in collector.data.items() for row in rows}
    gone |= {(rows.model.__name__, row.pk) for rows in collector.fast_deletes for row in rows}
    named = {name for name, _ in gone}
    expected = {table.model.__name__ for table in PERSONAL_TABLES} - {"Session"}
    assert expected <= named, "the owner has a row in every personal table"
    return {left for left in people_left() if left not in gone and left[0] != "Session"}


def test_every_key_to_a_person_goes_with_the_person_or_is_the_work_of_staff():
    kept = {
        (model.__name__, field.name)
        for model, field in foreign_keys_to_people()
        if not field.many_to_many and field.remote_field.on_delete.__name__ != "CASCADE"
    }
    assert kept <= set(WORK_OF_STAFF)


def test_every_browser_is_signed_out(city):
    phone, desk = signed_in(city.learner.user), signed_in(city.learner.user)
    phone.post("/my-data/erase/", {"password": PASSWORD})
    assert desk.get("/profile/").status_code == 302
    assert not Session.objects.filter(pk=desk.session.session_key, user__isnull=False).exists()


@pytest.mark.parametrize("fields", [{}, {"password": ""}, {"password": "wrong"}, {"email": "ada@example.hk"}])
def test_nothing_is_erased_without_the_password(ada, fields):
    page = ada.post("/my-data/erase/", fields)
    assert page.status_code == 200
    assert User.objects.filter(email="ada@example.hk").exists()


def test_who_never_had_a_password_types_the_address(cast):
    assert cast["owner"].post("/my-data/erase/", {"email": "other@example.hk"}).status_code == 200
    assert cast["owner"].post("/my-data/erase/", {"email": "Owner@example.hk"}).status_code == 302
    assert not User.objects.filter(email="owner@example.hk").exists()
    assert User.objects.filter(email="other@example.hk").exists()


def test_passwords_are_not_tried_without_end(ada):
    cache.clear()
    answers = [ada.post("/my-data/erase/", {"password": "wrong"}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    page = ada.post("/my-data/erase/", {"password": PASSWORD})
    assert page.status_code == 429
    assert "Too many requests" in page.content.decode()


@pytest.mark.parametrize("part", ["officer", "staff", "superuser"])
def test_the_office_does_not_erase_its_own_audit(cast, part):
    assert cast[part].post("/my-data/erase/", {"email": cast[part].user.email}).status_code == 200
    assert User.objects.filter(pk=cast[part].user.pk).exists()


def test_a_former_officer_stays_in_the_audit(cast):
    course, user = make_course(), cast["owner"].user
    LogEntry.objects.log_actions(user.pk, [course], 2, "changed")
    assert "An administrator closes it" in cast["owner"].get("/my-data/erase/").content.decode()
    cast["owner"].post("/my-data/erase/", {"email": user.email})
    assert User.objects.filter(pk=user.pk).exists()


def test_the_page_says_what_becomes_of_a_claimed_history():
    learner = make_learner(user=make_user(), source="Sample University", external_id="7")
    page = signed_in(learner.user).get("/my-data/erase/").content.decode()
    assert "Sample University keeps its own records" in page


def test_nothing_is_half_erased(city, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr("recommender.learners.mails.send_soon", fail)
    with pytest.raises(RuntimeError):
        signed_in(city.learner.user).post("/my-data/erase/", {"password": PASSWORD})
    assert Enrolment.objects.filter(learner=city.learner).count() == 2


# Asking an adviser.


def test_a_question_is_stored_and_shown_to_its_learner(city, ada):
    page = ada.get(f"/ask-an-adviser/?course={city.rich.pk}")
    assert f'value="{city.rich.pk}" selected' in page.content.decode()
    ada.post(f"/ask-an-adviser/?course={city.rich.pk}", {"text": "Is it hard?", "course": city.rich.pk})
    question = Question.objects.get()
    assert (question.learner, question.course, question.text) == (city.learner, city.rich, "Is it hard?")
    page = ada.get("/ask-an-adviser/").content.decode()
    assert "Is it hard?" in page
    assert "Not answered yet." in page


@pytest.mark.parametrize("course", ["x", "0", "9" * 30, "-1"])
def test_a_course_that_is_none_is_no_choice(ada, course):
    assert ada.get(f"/ask-an-adviser/?course={course}").status_code == 200
    assert ada.post("/ask-an-adviser/", {"text": "?", "course": course}).status_code == 200
    assert not Question.objects.exists()


def test_an_adviser_is_asked_five_times_a_day(ada):
    answers = [ada.post("/ask-an-adviser/", {"text": "?"}).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert Question.objects.count() == 5


def test_what_is_said_of_the_uses_is_what_the_code_does(client, owner, city):
    """Skills count towards the supply of a role whatever is decided on profiling, and everybody is told."""
    decide(owner, "profiling", False)
    SkillHeld.objects.update_or_create(learner=owner, skill=city.python, defaults={"level": 4})
    SkillHeld.objects.create(learner=owner, skill=city.statistics, level=3)
    count_supply()
    assert RoleSupply.objects.get(role=city.role, sector=None).n_meeting == 1
    privacy = client.get("/privacy/").content.decode()
    assert "To count, without names, how many people can fill each role" in privacy
    assert "whatever you decide on profiling" in privacy
    assert f"rounded to the nearest {ROUNDED_TO}" in privacy
    assert "Only to recommend courses" not in privacy
    counted = "how many people can fill each role"
    assert client.get("/privacy/inventory/").content.decode().count(counted) == 2
    assert counted in client.get("/accounts/signup/").content.decode()
    for address in ("/my-data/", "/profile/"):
        assert counted in signed_in(owner.user).get(address).content.decode()


def test_pages_are_noted_as_opened_with_profiling_on_only_and_the_privacy_note_says_so(client, owner, city):
    decide(owner, "profiling", False)
    reader = signed_in(owner.user)
    reader.get(f"/courses/{city.free.pk}/")
    assert not Event.objects.filter(course=city.free, kind="viewed").exists()
    decide(owner, "profiling", True)
    reader.get(f"/courses/{city.free.pk}/")
    assert Event.objects.filter(course=city.free, kind="viewed").exists()
    assert "with profiling on also which course pages you opened" in client.get("/privacy/").content.decode()


def test_present_role_and_studies_are_shown_exported_and_asked_for_with_their_reason(owner):
    owner.present_role, owner.studies = make_role("cook", name_en="Cook"), "nlp"
    owner.save()
    reader = signed_in(owner.user)
    for words in ("Cook", "Natural language processing"):
        assert words in reader.get("/my-data/").content.decode()
    [row] = rows_of(archive_of(reader), "profile")
    assert (row["present_role"], row["studies"]) == ("cook", "nlp")
    asked = "So that we can suggest skills that you may have. It changes nothing else."
    for address in ("/profile/", "/welcome/where-i-am/"):
        assert reader.get(address).content.decode().count(asked) == 2
    for address in ("/privacy/", "/accounts/signup/"):
        assert "present role, what you study" in Client().get(address).content.decode()


def test_the_district_is_shown_exported_and_asked_for_with_its_reason(owner):
    owner.district = "sha_tin"
    owner.save()
    reader = signed_in(owner.user)
    assert "Sha Tin" in reader.get("/my-data/").content.decode()
    assert rows_of(archive_of(reader), "profile")[0]["district"] == "sha_tin"
    asked = "So that you can narrow your list to courses there or online. It changes nothing else."
    for address in ("/profile/", "/welcome/what-fits-me/"):
        assert asked in reader.get(address).content.decode()
    for address in ("/privacy/", "/accounts/signup/"):
        assert "district, date of birth" in Client().get(address).content.decode()
