"""The pathway page in a real Chromium: what if I had more hours, a pathway kept, all without a mouse too."""

import re

import pytest
from playwright.sync_api import expect

from recommender.learners.models import Enrolment, SavedPathway
from tests.factories import make_course, make_role, make_skill
from tests.portal.conftest import make_city
from tests.portal.windows import (
    DESK,
    LANGUAGES,
    faults,
    sideways_scroll,
    sign_in,
    speak,
    with_and_without_javascript,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PAGE = "/my-pathway/"
MOST_TABS = 60


@pytest.fixture
def city():
    """The city, and a role of one skill that a course at one's own pace leads to: two weeks of six hours."""
    city = make_city()
    skill = make_skill("ethics", name_en="AI ethics")
    city.ethics = make_course(
        "ethics", title_en="Ethics of machines", raises={skill: 3}, notional_hours=12, fee_cents=2_000_000
    )
    city.governance = make_role("governance", name_en="AI governance officer", needs={skill: (1.0, 3)})
    return city


@pytest.fixture
def open_window(open_browser, live_server, city):
    """Opens a window of the city's learner at the pathway page."""

    def open_window(address=PAGE, **options):
        page = open_browser(**options)
        sign_in(page, city.learner.user, live_server.url)
        page.goto(address)
        return page

    return open_window


def status(page):
    return page.locator("#pathway-status")


def hours(page):
    return page.get_by_role("slider", name="Hours a week")


def reached_by_tab(page, control):
    """Moves on from control to control as a keyboard does, up to this one."""
    for _ in range(MOST_TABS):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{control} is not reached by the keyboard")


@with_and_without_javascript
def test_from_a_role_to_a_saved_pathway_and_back(open_window, city, javascript):
    page = open_window(java_script_enabled=javascript)
    page.get_by_label("Target role").select_option("AI governance officer")
    page.get_by_label("Budget after subsidy, in HK$").locator("visible=true").first.fill("20000")
    if javascript:
        page.keyboard.press("Tab")
    else:
        page.get_by_role("button", name="Find pathways").click()
    expect(status(page)).to_contain_text("Fastest: 2 weeks.")

    if javascript:
        hours(page).fill("12")
    else:
        expect(page.locator("[type=range]").first).to_be_hidden()
        page.get_by_role("spinbutton", name="Hours a week").fill("12")
        page.get_by_role("button", name="Find pathways").click()
    expect(status(page)).to_contain_text("Fastest: 1 week.")
    expect(page).to_have_url(re.compile("hours_a_week=12"))
    city.learner.refresh_from_db()
    assert city.learner.hours_a_week == 6

    page.get_by_role("button", name="Save this pathway").click()
    expect(page.locator("#messages")).to_contain_text("Your pathway to AI governance officer is saved.")
    expect(page.locator(".saved-pathway")).to_contain_text("0 of 1 courses done")
    with page.expect_download() as download:
        page.get_by_role("link", name="Put it in my calendar").click()
    assert "SUMMARY:Ethics of machines" in download.value.path().read_text()

    page.get_by_role("link", name="For you", exact=True).click()
    first = page.locator("#recommended .card").first
    expect(first.get_by_role("heading")).to_contain_text("Ethics of machines")
    expect(first).to_contain_text("Next step of your pathway")

    page.goto(PAGE)
    page.get_by_role("button", name="Give it up").click()
    expect(page.locator("#messages")).to_contain_text("Your pathway to AI governance officer is given up.")
    expect(page.locator(".saved-pathway")).to_have_count(0)
    assert not SavedPathway.objects.exists()
    assert not Enrolment.objects.filter(course=city.ethics).exists()


@with_and_without_javascript
def test_what_would_make_a_pathway_is_one_press_away(open_window, city, javascript):
    page = open_window(f"{PAGE}?role=governance&budget=5000", java_script_enabled=javascript)
    expect(status(page)).to_contain_text("No pathway fits")
    page.get_by_role("link", name="HK$15,000 more to spend").click()
    expect(page.get_by_role("button", name="Save this pathway")).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Budget after subsidy, in HK$")).to_have_value(
        re.compile(r"^20000(\.00)?$")
    )
    expect(page.locator("#pathways")).to_be_focused()
    page.get_by_role("button", name="Keep these hours and this budget in my profile").click()
    expect(page.locator("#messages")).to_contain_text("Your profile is saved.")
    expect(page.get_by_role("button", name="Save this pathway")).to_be_visible()
    city.learner.refresh_from_db()
    assert (city.learner.hours_a_week, city.learner.budget_cents) == (6, 2_000_000)


def test_a_slider_is_moved_and_a_pathway_saved_by_the_keyboard_alone(open_window):
    page = open_window(f"{PAGE}?role=governance&budget=", viewport=DESK)
    page.evaluate("window.stays = true")
    before = page.locator("form[hx-get]").bounding_box()
    reached_by_tab(page, hours(page))
    expect(hours(page)).to_have_attribute("aria-valuetext", "6 hours a week")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    expect(page.locator("output").first).to_have_text("12 hours a week")
    expect(page.get_by_role("spinbutton", name="Hours a week")).to_have_value("12")
    expect(status(page)).to_contain_text("Fastest: 1 week.")
    expect(hours(page)).to_be_focused()
    expect(page).to_have_url(re.compile("hours_a_week=12"))
    assert page.locator("form[hx-get]").bounding_box() == before
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("output").first).to_have_text("1 hour a week")
    expect(status(page)).to_contain_text("Fastest: 12 weeks.")
    assert page.evaluate("window.stays")
    reached_by_tab(page, page.get_by_role("button", name="Save this pathway"))
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Your pathway to AI governance officer is saved.")


def test_any_sum_and_the_number_and_the_slider_are_one(open_window):
    page = open_window(f"{PAGE}?role=governance&budget=5000")
    number = page.get_by_role("spinbutton", name="Budget after subsidy, in HK$")
    slider = page.get_by_role("slider", name="Budget after subsidy, in HK$")
    any_sum = page.get_by_role("checkbox", name="Any sum")
    words = page.locator("output").nth(1)
    expect(slider).to_have_value("5000")
    expect(any_sum).not_to_be_checked()
    any_sum.check()
    expect(number).to_have_value("")
    expect(words).to_have_text("Any sum")
    expect(slider).to_have_attribute("aria-valuetext", "Any sum")
    expect(status(page)).to_contain_text("Fastest:")
    expect(any_sum).to_be_focused()
    slider.fill("30000")
    expect(any_sum).not_to_be_checked()
    expect(number).to_have_value("30000")
    number.fill("12345.50")
    expect(words).to_have_text("HK$12,345.5")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("No pathway fits")
    expect(page.get_by_role("link", name="HK$7,654.50 more to spend")).to_be_visible()


def test_while_pathways_are_looked_for_the_page_says_so_and_nothing_moves(open_window):
    page, asked = open_window(f"{PAGE}?role=governance&budget=", viewport=DESK), []
    planning, form = page.locator("#planning"), page.locator("form[hx-get]")
    before = form.bounding_box()
    expect(planning).to_be_hidden()
    page.route("**/my-pathway/?**", lambda route: asked.append(route))
    hours(page).fill("12")
    expect(planning).to_be_visible()
    assert form.bounding_box() == before
    page.wait_for_timeout(300)
    asked.pop().continue_()
    expect(status(page)).to_contain_text("Fastest: 1 week.")
    expect(planning).to_be_hidden()
    assert form.bounding_box() == before


def test_a_bad_value_is_answered_beside_the_form_without_taking_the_focus(open_window):
    page = open_window(f"{PAGE}?role=governance&budget=")
    number = page.get_by_role("spinbutton", name="Hours a week")
    number.fill("200")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Hours a week: Give whole hours from 1 to 168.")
    expect(number).to_be_focused()
    page.get_by_role("alert").get_by_role("link").click()
    expect(number).to_be_focused()
    number.fill("12")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("Fastest: 1 week.")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_no_fault_whatever_it_says(open_window, live_server, language):
    page = open_window()
    speak(page, language, live_server.url)
    found = {}
    for name, query in (
        ("found", "role=governance&budget=&hours_a_week=12"),
        ("none", "role=governance&budget=5000&languages=en&hkqf_level=4"),
        ("bad", "role=governance&hours_a_week=0&starts_on=2001-01-01"),
    ):
        page.goto(f"{PAGE}?{query}")
        assert page.locator("html").get_attribute("lang") == language
        found[name] = faults(page)
    page.goto(f"{PAGE}?role=governance&budget=")
    page.locator("form[action$='/save/'] button").click()
    expect(page.locator(".saved-pathway")).to_be_visible()
    found["saved"] = faults(page)
    assert found == {name: [] for name in found}


def test_paper_shows_the_steps_and_nothing_to_press(open_window):
    page = open_window(f"{PAGE}?role=governance&budget=", viewport=DESK)
    page.emulate_media(media="print")
    expect(page.get_by_role("table")).to_contain_text("Ethics of machines")
    assert not [
        button for button in page.locator("button, .button, [type=range]").all() if button.is_visible()
    ]
    page.set_viewport_size({"width": 700, "height": 1000})
    assert sideways_scroll(page) == 0
