"""The portal by keyboard alone, in a real Chromium."""

import pytest
from playwright.sync_api import expect

from recommender.learners.models import Event
from tests.portal.conftest import make_city
from tests.portal.windows import DESK, sign_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_focus_is_not_lost_when_a_card_goes(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/")
    page.get_by_role("button", name="Not for me").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("may be recommended to you again")
    assert not Event.objects.filter(kind="dismissed").exclude(course=city.dismissed).exists()


def test_the_keyboard_reaches_the_content_first(open_browser):
    page = open_browser(viewport=DESK)
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
