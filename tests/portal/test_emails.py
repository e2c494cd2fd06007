"""What goes out by e-mail: to whom, in which language, how often, and how it is stopped."""

import re
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail, signing
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from hktalent.celery import app
from recommender.learners import mails, questions
from recommender.learners.models import Learner, Question, SentDigest, User
from recommender.learners.tasks import forget_what_has_expired
from recommender.portal import digest
from recommender.portal.tasks import send_monthly_digests
from tests.cast import signed_in
from tests.factories import make_course, make_learner, make_role, make_skill, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long passphrase"
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def confirm(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


@pytest.fixture
def reader(db):
    """A learner who asked for the monthly e-mail, with courses to choose from."""
    skill = make_skill("vision", name_zh_hant="電腦視覺")
    for number in range(4):
        make_course(f"c{number}", title_en=f"Vision & language {number}", raises={skill: 3})
    learner = make_learner(
        user=make_user(), wants_digest=True, language="en", target_roles=[make_role(needs={skill: (1.0, 4)})]
    )
    confirm(learner.user)
    return learner


def html_of(message):
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    return html


# Accounts.


@pytest.mark.parametrize(
    ("address", "fields", "says"),
    [
        ("/accounts/signup/", {"email": "new@example.hk", "password1": PASSWORD}, "/accounts/confirm-email/"),
        ("/accounts/password/reset/", {"email": "ada@example.hk"}, "/accounts/password/reset/key/"),
        ("/accounts/password/reset/", {"email": "nobody@example.hk"}, "/accounts/signup/"),
    ],
)
def test_each_mail_of_an_account_is_text_and_html(client, address, fields, says):
    make_user("ada@example.hk")
    client.post(address, fields)
    [message] = mail.outbox
    assert says in message.body
    assert says in html_of(message)
    assert "example.com" not in message.body
    assert "\n" not in message.subject
    assert not message.subject.startswith("[")


def test_an_account_works_before_its_address_is_confirmed(client):
    answer = client.post("/accounts/signup/", {"email": "new@example.hk", "password1": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/welcome/where-i-am/"
    assert "Not confirmed" in client.get("/my-data/").content.decode()
    client.post(re.findall(r"http://testserver(/\S+)", mail.outbox[0].body)[0])
    assert "Not confirmed" not in client.get("/my-data/").content.decode()


def test_mails_are_in_the_language_last_used_or_chosen(client):
    user = make_user("ada@example.hk")
    sign_in = {"login": user.email, "password": PASSWORD}
    client.post("/accounts/login/", sign_in, headers={"accept-language": "zh-HK"})
    client.get("/profile/", headers={"accept-language": "zh-HK"})
    assert Learner.objects.get().language == "zh-hant"
    client.post("/i18n/setlang/", {"language": "zh-hans"})
    assert Learner.objects.get().language == "zh-hans"
    client.post("/i18n/setlang/", {"language": "klingon"})
    assert Learner.objects.get().language == "zh-hans"
    client.post("/accounts/logout/")
    client.cookies.clear()
    client.post("/accounts/login/", sign_in, headers={"accept-language": "en"})
    assert Learner.objects.get().language == "en"


@pytest.mark.parametrize("language", ["zh-hant", "zh-hans", ""])
def test_a_mail_is_marked_with_its_language(language):
    mails.send("erased", "ada@example.hk", language, {})
    assert f'<html lang="{language or "en"}">' in html_of(mail.outbox[0])


# The adviser's answer.


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_answer_is_sent_to_a_confirmed_address_only(confirmed, django_capture_on_commit_callbacks):
    learner, officer = make_learner(user=make_user()), make_user(is_staff=True)
    if confirmed:
        confirm(learner.user)
    question = questions.ask(learner, "Is <this> for me?")
    question.answer = "Yes & no."
    with django_capture_on_commit_callbacks(execute=True):
        questions.note_answer(question, officer)
    assert len(mail.outbox) == confirmed
    if confirmed:
        assert mail.outbox[0].to == [learner.user.email]
        assert "Is <this> for me?" in mail.outbox[0].body
        assert "Yes & no." in mail.outbox[0].body
        assert "Is &lt;this&gt; for me?" in html_of(mail.outbox[0])
        assert officer.email not in mail.outbox[0].body + html_of(mail.outbox[0])
    assert Question.objects.get().answered_by == officer
    page = signed_in(learner.user).get("/ask-an-adviser/").content.decode()
    assert "Yes &amp; no." in page


# The monthly e-mail.


def test_the_monthly_mail_names_three_courses_and_why(reader, settings):
    settings.SITE_URL = "https://talent.example.hk"
    send_monthly_digests()
    [message] = mail.outbox
    assert message.to == [reader.user.email]
    assert message.body.count("https://talent.example.hk/courses/") == 3
    assert message.body.count("It teaches vision, which your goal needs") == 3
    assert "Vision & language 0" in message.body
    assert "Vision &amp; language 0" in html_of(message)
    assert "<span" not in message.body


def test_the_monthly_mail_comes_once_a_month(reader):
    send_monthly_digests()
    send_monthly_digests()
    assert len(mail.outbox) == 1
    assert SentDigest.objects.get().month == timezone.localdate().replace(day=1)


def test_each_month_has_its_own_mail(reader):
    sent = [digest.send(reader.pk, month) for month in (NOVEMBER, NOVEMBER, DECEMBER)]
    assert sent == [True, False, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda learner: Learner.objects.filter(pk=learner.pk).update(wants_digest=False),
        lambda learner: EmailAddress.objects.update(verified=False),
        lambda learner: User.objects.filter(pk=learner.user_id).update(is_active=False),
        lambda learner: User.objects.filter(pk=learner.user_id).update(email="changed@example.hk"),
        lambda learner: learner.user.delete(),
    ],
    ids=["not asked for", "not confirmed", "inactive", "another address", "erased"],
)
def test_nobody_else_gets_the_monthly_mail(reader, change):
    pk = reader.pk
    change(reader)
    send_monthly_digests()
    assert not digest.send(pk, NOVEMBER)
    assert mail.outbox == []


def test_who_stops_it_while_it_waits_in_the_queue_gets_none(reader):
    Client().post(f"/monthly-e-mail/stop/{digest.make_token(reader)}/")
    assert not digest.send(reader.pk, NOVEMBER)
    assert not SentDigest.objects.exists()


def test_a_mail_that_the_server_refused_is_tried_again(reader, monkeypatch):
    def refuse(*args):
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(mails, "send", refuse)
        with pytest.raises(ConnectionRefusedError):
            digest.send(reader.pk, NOVEMBER)
    assert digest.send(reader.pk, NOVEMBER)


def test_the_monthly_mail_is_in_its_readers_language(reader):
    Learner.objects.update(language="zh-hant")
    digest.send(reader.pk, NOVEMBER)
    assert '<html lang="zh-hant">' in html_of(mail.outbox[0])
    assert "電腦視覺" in mail.outbox[0].body


def test_one_click_of_the_mail_program_stops_it(reader, settings):
    settings.SITE_URL = "https://testserver"
    digest.send(reader.pk, NOVEMBER)
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<https://testserver(/\S+)>", headers["List-Unsubscribe"])[1]
    assert address in mail.outbox[0].body
    # No cookies, no token of a form, no sign-in: and no redirect.
    answer = Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    reader.refresh_from_db()
    assert not reader.wants_digest
    assert list(reader.consent_decisions.values_list("purpose", "is_given")) == [("digest", False)]


def test_a_program_that_follows_the_link_stops_nothing(reader):
    address = f"/monthly-e-mail/stop/{digest.make_token(reader)}/"
    assert "Stop it" in Client().get(address).content.decode()
    reader.refresh_from_db()
    assert reader.wants_digest
    assert "You get no monthly e-mail" in Client().post(address).content.decode()
    assert "You get no monthly e-mail" in Client().get(address).content.decode()


def test_a_link_stops_the_mail_of_its_own_learner_alone(reader):
    other = make_learner(user=make_user(), wants_digest=True)
    Client().post(f"/monthly-e-mail/stop/{digest.make_token(other)}/")
    reader.refresh_from_db()
    assert reader.wants_digest


@pytest.mark.parametrize("salt", ["claim", "digest"])
def test_a_forged_link_stops_nothing(reader, salt):
    token = signing.dumps(reader.pk, salt=salt)
    forged = token if salt == "claim" else token[:-1] + ("A" if token[-1] != "A" else "B")
    assert Client().post(f"/monthly-e-mail/stop/{forged}/").status_code == 404
    reader.refresh_from_db()
    assert reader.wants_digest


def test_the_link_of_somebody_erased_says_that_nothing_comes(reader):
    address = f"/monthly-e-mail/stop/{digest.make_token(reader)}/"
    reader.user.delete()
    assert "You get no monthly e-mail" in Client().post(address).content.decode()


# What nobody uses.


def age(user, **since):
    moment = timezone.now() - timedelta(**since)
    User.objects.filter(pk=user.pk).update(last_login=moment, date_joined=moment)


@pytest.fixture
def idle_user(db):
    user = make_learner(user=make_user("idle@example.hk")).user
    age(user, days=800)
    return user


def daily(commit):
    with commit(execute=True):
        forget_what_has_expired()


def test_nobody_is_erased_unless_a_number_of_months_is_set(idle_user, django_capture_on_commit_callbacks):
    daily(django_capture_on_commit_callbacks)
    assert mail.outbox == []
    assert User.objects.filter(pk=idle_user.pk, erasure_announced_at=None).exists()


def test_the_idle_are_told_once_and_erased_a_month_later(
    settings, idle_user, django_capture_on_commit_callbacks
):
    settings.RETENTION_MONTHS = 24
    active = make_user("active@example.hk")
    age(active, days=700)
    for _ in range(2):
        daily(django_capture_on_commit_callbacks)
    [told] = mail.outbox
    assert told.to == ["idle@example.hk"]
    assert "24 months" in told.body
    assert "30 days" in told.body
    User.objects.update(erasure_announced_at=timezone.now() - timedelta(days=31))
    daily(django_capture_on_commit_callbacks)
    assert list(User.objects.values_list("email", flat=True)) == ["active@example.hk"]
    assert mail.outbox[-1].subject == "Your account is erased"


def test_who_signs_in_after_being_told_stays(settings, idle_user, client, django_capture_on_commit_callbacks):
    settings.RETENTION_MONTHS = 24
    daily(django_capture_on_commit_callbacks)
    client.post("/accounts/login/", {"login": idle_user.email, "password": PASSWORD})
    User.objects.update(erasure_announced_at=timezone.now() - timedelta(days=31))
    daily(django_capture_on_commit_callbacks)
    assert User.objects.filter(pk=idle_user.pk).exists()


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_the_office_is_not_erased_by_a_timer(settings, idle_user, right, django_capture_on_commit_callbacks):
    settings.RETENTION_MONTHS = 1
    User.objects.update(**{right: True}, erasure_announced_at=timezone.now() - timedelta(days=90))
    daily(django_capture_on_commit_callbacks)
    assert User.objects.filter(pk=idle_user.pk).exists()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_the_schedule_knows_both():
    DatabaseScheduler(app=app, lazy=False)
    monthly = PeriodicTask.objects.get(name="monthly e-mails")
    assert (monthly.crontab.day_of_month, monthly.crontab.hour, str(monthly.crontab.timezone)) == (
        "1",
        "9",
        "Asia/Hong_Kong",
    )
    daily_task = PeriodicTask.objects.get(name="forget what has expired")
    assert {monthly.task, daily_task.task} <= set(app.tasks)
