"""Looking for courses in a real Chromium: filters, the role on the front page, a course on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import (
    make_course,
    make_role,
)
from tests.portal.conftest import make_city
from tests.portal.windows import (
    DESK,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_a_visitor_chooses_a_role_on_the_front_page(open_browser):
    city = make_city()
    make_role("zookeeper", name_en="Zookeeper")
    page = open_browser()
    page.goto("/")
    page.evaluate("window.stays = true")
    page.get_by_label("The role you are heading for").select_option("Zookeeper")
    expect(page.get_by_text("No open course that a beginner may enter")).to_be_visible()
    page.get_by_label("The role you are heading for").select_option("Data scientist")
    expect(page.get_by_role("link", name=str(city.free.title))).to_be_visible()
    assert page.evaluate("window.stays")
    assert "role=data-scientist" in page.url


def test_the_list_is_filtered_without_a_reload_and_says_how_many_remain(open_browser, live_server):
    city = make_city()
    make_course(fee_cents=2_000_000)
    page = open_browser(viewport=DESK)
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/")
    expect(page.locator("#recommended .card")).to_have_count(2)
    page.evaluate("window.stays = true")
    box = page.get_by_role("checkbox", name="Free (1 course)")
    box.check()
    expect(page.locator("#result-count")).to_contain_text("1 of the 2 courses")
    expect(page.locator("#recommended .card")).to_have_count(1)
    expect(page).to_have_url(re.compile("cost=free"))
    expect(page.get_by_role("checkbox", name="Free (1 course)")).to_be_focused()
    assert page.evaluate("window.stays")


def test_filters_change_the_results_and_the_address_without_a_reload(open_browser):
    city = make_city()
    for number in range(25):
        make_course(title_en=f"Course {number}", mode="online")
    page = open_browser(viewport=DESK)
    page.goto("/courses/")
    page.evaluate("window.stays = true")
    page.get_by_label("Blended").check()
    expect(page.get_by_label("Blended")).to_be_focused()
    expect(page.locator("#result-count")).to_have_text("1 course")
    expect(page.get_by_role("link", name=str(city.rich.title))).to_be_visible()
    assert "mode=blended" in page.url
    assert page.evaluate("window.stays")
    page.get_by_label("Blended").uncheck()
    expect(page.locator("#result-count")).to_contain_text("courses")
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("page=2"))


def test_open_filters_keep_the_count_in_sight_on_a_phone(open_browser):
    city = make_city()
    page = open_browser()
    page.goto("/courses/")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("checkbox", name="Free (1 course)").check()
    show = page.get_by_role("button", name="Show 1 course", exact=True)
    expect(show).to_be_in_viewport(ratio=1)
    expect(page.locator("main [role=status]").filter(has_text="1 course")).to_have_count(1)
    show.click()
    expect(page.get_by_role("link", name=str(city.free.title))).to_be_in_viewport()
    expect(page.locator("#results")).to_be_focused()


def test_filters_work_on_a_phone_without_javascript(open_browser):
    make_city()
    page = open_browser(java_script_enabled=False)
    page.goto("/courses/")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("checkbox", name="Free (1 course)").check()
    page.get_by_role("button", name="Show the courses").click()
    expect(page.locator("#result-count")).to_have_text("1 course")
    expect(page.get_by_role("checkbox", name="Free (1 course)")).to_be_checked()


def test_paper_shows_the_course_and_nothing_to_press(open_browser):
    city = make_city()
    page = open_browser(viewport=DESK)
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"/courses/{city.rich.pk}/")
    expect(page.get_by_role("heading", name="Statistics with Python")).to_be_visible()
    expect(page.get_by_text("Tuesdays, 19:00 to 21:30")).to_be_visible()
    for gone in (".navigation", ".site-footer", ".languages"):
        expect(page.locator(gone)).to_be_hidden()
    assert not [button for button in page.locator(".button, button").all() if button.is_visible()]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(28, 27, 41)"
