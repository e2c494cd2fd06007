"""Sign up, sign in, sign out, and a forgotten password."""

import re

import pytest
from django.core import mail

from recommender.learners.models import Learner, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long passphrase"


def test_signing_up_makes_an_account_and_leads_to_the_first_visit(client):
    answer = client.post("/accounts/signup/", {"email": "new@example.hk", "password1": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/welcome/where-i-am/"
    learner = Learner.objects.get(user__email="new@example.hk")
    assert not learner.consents_to_profiling


def test_the_collection_statement_stands_where_data_are_asked_for(client):
    text = client.get("/accounts/signup/").content.decode()
    for words in ["What we ask, and why", "Needed:", "Optional:", "never ask for an identity-card number"]:
        assert words in text
    assert 'href="/privacy/"' in text


@pytest.mark.parametrize("password", ["short", "1234567890", "password123", ""])
def test_a_weak_password_is_explained(client, password):
    page = client.post("/accounts/signup/", {"email": "new@example.hk", "password1": password})
    assert page.status_code == 200
    assert page.context["form"].errors["password1"]
    assert not User.objects.exists()


def test_an_address_has_one_account_in_any_case(client):
    make_user("taken@example.hk")
    client.post("/accounts/signup/", {"email": "TAKEN@example.hk", "password1": PASSWORD})
    assert User.objects.count() == 1


def test_signing_in_returns_to_the_page_that_was_wanted(client):
    make_user("ada@example.hk")
    page = client.get("/accounts/login/?next=/profile/")
    assert 'value="/profile/"' in page.content.decode()
    answer = client.post(
        "/accounts/login/", {"login": "ADA@example.hk", "password": PASSWORD, "next": "/profile/"}
    )
    assert answer["Location"] == "/profile/"


def test_a_wrong_password_is_said_without_saying_which_part(client):
    make_user("ada@example.hk")
    wrong = client.post("/accounts/login/", {"login": "ada@example.hk", "password": "wrong"})
    unknown = client.post("/accounts/login/", {"login": "nobody@example.hk", "password": "wrong"})
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_signing_out_leads_to_the_front_page(client):
    client.force_login(make_user())
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/profile/").status_code == 302


def test_a_forgotten_password_is_replaced_through_a_mail(client):
    make_user("ada@example.hk")
    answer = client.post("/accounts/password/reset/", {"email": "ada@example.hk"}, follow=True)
    assert answer.status_code == 200
    [link] = re.findall(r"http://testserver(/\S+)", mail.outbox[0].body)
    page = client.get(link, follow=True)
    form_address = page.redirect_chain[-1][0]
    answer = client.post(
        form_address,
        {"password1": "another long passphrase", "password2": "another long passphrase"},
        follow=True,
    )
    assert answer.status_code == 200
    assert User.objects.get().check_password("another long passphrase")


def test_signing_up_sends_a_link_that_confirms_the_address(client):
    client.post("/accounts/signup/", {"email": "new@example.hk", "password1": PASSWORD})
    [link] = re.findall(r"http://testserver(/\S+)", mail.outbox[0].body)
    assert client.get(link).status_code == 200
    client.post(link)
    assert User.objects.get().emailaddress_set.get().verified


def test_a_password_is_changed_by_who_knows_the_old_one(client):
    client.force_login(make_user())
    assert client.get("/accounts/password/change/").status_code == 200
    fields = {"password1": "another long passphrase", "password2": "another long passphrase"}
    client.post("/accounts/password/change/", {"oldpassword": "wrong", **fields})
    assert User.objects.get().check_password(PASSWORD)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **fields})
    assert User.objects.get().check_password("another long passphrase")


def test_who_cannot_reset_the_password_is_led_to_the_contact_page(client):
    text = client.get("/accounts/password/reset/").content.decode()
    assert '<a href="/contact/">Contact us</a>' in " ".join(text.split())


@pytest.mark.parametrize(
    ("email", "says"), [("", "Please tell them, too,"), ("a@b.hk", "Please tell us, too,")]
)
def test_the_contact_page_asks_to_be_told_only_where_somebody_can_be(client, settings, email, says):
    settings.CONTACT_EMAIL = email
    text = client.get("/contact/").content.decode()
    assert says in text
    assert text.count("Please tell") == 1
