"""What a learner decides about their own account and data, in a real Chromium, with and without a script."""

import re
import zipfile

import pytest
from django.core import mail
from playwright.sync_api import expect

from recommender.learners.models import ConsentDecision, Event, Learner, Question, User
from tests.factories import make_user
from tests.portal.conftest import make_city
from tests.portal.windows import (
    LANGUAGES,
    NARROW,
    sideways_scroll,
    sign_in,
    speak,
    with_and_without_javascript,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PASSWORD, ANOTHER = "a long passphrase", "another long passphrase"


def type_in(page, email, password):
    """Fills in and sends the form of the sign-in."""
    page.goto("/accounts/login/")
    page.get_by_role("textbox", name="Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.locator("main").get_by_role("button", name="Sign in").click()


@with_and_without_javascript
def test_an_account_is_erased_and_nothing_is_left_of_it(open_browser, javascript):
    city = make_city()
    other = make_user("other@example.hk")
    page = open_browser(java_script_enabled=javascript)
    type_in(page, "ada@example.hk", PASSWORD)
    page.goto("/my-data/")
    page.get_by_role("link", name="Erase my account").click()
    page.get_by_label("Your password").fill("a wrong one")
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_text("This is not your password. Nothing was erased.", exact=True)).to_be_visible()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Erase everything").click()
    expect(page).to_have_url(re.compile("/erased/$"))
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert list(User.objects.all()) == [other]
    assert not Learner.objects.filter(pk=city.learner.pk).exists()
    assert not Event.objects.exists()
    type_in(page, "ada@example.hk", PASSWORD)
    expect(page.get_by_role("alert")).to_contain_text("are not correct")


@with_and_without_javascript
def test_all_that_is_held_is_taken_away_in_an_archive(open_browser, live_server, javascript, tmp_path):
    city = make_city()
    page = open_browser(java_script_enabled=javascript)
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/my-data/")
    with page.expect_download() as download:
        page.locator("main a[href='/my-data/export/']").first.click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        assert archive.testzip() is None
        assert "ada@example.hk" in archive.read("data.json").decode()


@with_and_without_javascript
def test_profiling_is_turned_off_and_on(open_browser, live_server, javascript):
    city = make_city()
    page = open_browser(java_script_enabled=javascript)
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/my-data/")
    consent = page.locator(".consent").first
    for turn, given in (("Turn off", False), ("Turn on", True)):
        consent.get_by_role("button", name=turn).click()
        expect(page).to_have_url(re.compile("/my-data/#consents$"))
        expect(consent).to_contain_text("On since" if given else "Off since")
        expect(page.locator("#messages")).not_to_be_empty()
        city.learner.refresh_from_db()
        assert city.learner.consents_to_profiling == given
    assert [each.is_given for each in ConsentDecision.objects.order_by("pk")] == [False, True]


@with_and_without_javascript
def test_an_adviser_is_asked_about_a_course(open_browser, live_server, javascript):
    city = make_city()
    page = open_browser(java_script_enabled=javascript)
    sign_in(page, city.learner.user, live_server.url)
    page.goto(f"/ask-an-adviser/?course={city.rich.pk}")
    page.locator("main textarea").fill("May I begin in March?")
    page.get_by_role("button", name="Send my question").click()
    asked = page.locator("article", has_text="May I begin in March?")
    expect(asked).to_contain_text("Not answered yet.")
    expect(asked.get_by_role("heading")).to_have_text(str(city.rich.title))
    question = Question.objects.get()
    assert (question.learner, question.course) == (city.learner, city.rich)


@pytest.mark.parametrize("language", LANGUAGES)
@with_and_without_javascript
def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(
    open_browser, live_server, javascript, language
):
    user = make_user("ada@example.hk")
    page = open_browser(java_script_enabled=javascript)
    speak(page, language, live_server.url)
    page.goto("/accounts/login/")
    page.locator("main a[href='/accounts/password/reset/']").click()
    form = page.locator("main form.panel")
    form.locator("[type=email]").fill("ada@example.hk")
    form.locator("button").first.click()
    expect(page).to_have_url(re.compile("/accounts/password/reset/done/$"))
    [message] = mail.outbox
    [(html, _kind)] = message.alternatives
    assert f'lang="{language}"' in html
    [link] = re.findall(rf"{live_server.url}(/\S+)", message.body)
    assert link in html
    letter = open_browser(viewport=NARROW)
    letter.set_content(html)
    assert sideways_scroll(letter) == 0
    page.goto(link)
    assert page.locator("html").get_attribute("lang") == language
    for field in form.locator("[type=password]").all():
        field.fill(ANOTHER)
    form.locator("button").first.click()
    expect(page).to_have_url(re.compile("/accounts/password/reset/key/done/$"))
    user.refresh_from_db()
    assert user.check_password(ANOTHER)
    page.goto(link)
    expect(form).to_have_count(0)
