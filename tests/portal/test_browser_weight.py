"""What a page sends to a phone, and that nothing on it jumps, in a real Chromium."""

import gzip

import pytest
from playwright.sync_api import expect

from tests.factories import make_course, make_listing, make_offering, make_skill
from tests.portal.conftest import make_city
from tests.portal.pages import OPEN, OWN, addresses
from tests.portal.windows import sign_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
FIRST_VISIT, LATER_VISIT = 60_000, 15_000
# Cumulative layout shift as https://web.dev/articles/cls has it, which calls 0.1 and less good.
MOST_SHIFT = 0.01
NOTE_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      window.shift += entry.hadRecentInput ? 0 : entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
"""


def make_full_city():
    """A city with more courses than a list shows, each with all that a card can say."""
    city = make_city()
    # Of courses that are alike, two at most stand on a list: these teach something different each.
    for number in range(25):
        course = make_course(
            title_en=f"Machine learning for the smart city, part {number}",
            raises={city.python: 4, city.statistics: 3, make_skill(name_en=f"Field of use {number}"): 2},
            fee_cents=123_400 + number,
            notional_hours=40,
            mode="online",
        )
        make_listing(course)
        make_offering(course, seats=12, timetable="Tuesdays, 19:00 to 21:30")
    return city


@pytest.fixture
def open_phone(open_browser):
    def open_window():
        page = open_browser()
        page.add_init_script(NOTE_SHIFTS)
        return page

    return open_window


def settled_shift(page):
    # Two frames: what was laid out in the first is reported in the second.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.evaluate("window.shift")


@pytest.mark.parametrize("templates", [OPEN, OWN], ids=["signed out", "signed in"])
def test_every_page_is_light_and_lies_still(open_phone, live_server, templates):
    city = make_full_city()
    page = open_phone()
    if templates is OWN:
        sign_in(page, city.learner.user, live_server.url)
        templates = [*OWN, "/courses-for-you/?all=on"]
    kept, found = {}, {}
    for address in addresses(templates, city):
        page.goto(address, wait_until="load")
        sent = page.evaluate("performance.getEntriesByType('navigation')[0].encodedBodySize")
        loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        assert loaded
        for name in {*loaded} - {*kept}:
            kept[name] = len(gzip.compress(page.request.get(name).body()))
        at_first = sent + sum(kept[name] for name in loaded)
        if sent > LATER_VISIT or at_first > FIRST_VISIT or settled_shift(page) > MOST_SHIFT:
            found[address] = (sent, at_first, settled_shift(page))
    assert found == {}


def top_of(locator):
    return locator.bounding_box()["y"]


def places(page, *cards):
    """How far the page is scrolled, and how far below the head of the list each of its cards stands."""
    head = top_of(page.locator("#recommended"))
    return [page.evaluate("scrollY"), *(top_of(card) - head for card in cards)]


@pytest.mark.parametrize(
    ("button", "says"),
    [("Not for me", "will not be recommended to you again"), ("Save", "is saved in your learning")],
)
def test_the_next_card_takes_the_place_of_one_that_goes(open_phone, live_server, button, says):
    city = make_full_city()
    page = open_phone()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/?all=on")
    cards = page.locator("#recommended .card")
    expect(cards).to_have_count(20)
    titles = cards.locator("h2").all_inner_texts()
    cards.nth(4).get_by_role("button", name=button).scroll_into_view_if_needed()
    before = places(page, cards.nth(3), cards.nth(4))
    assert before[0] > 1000
    cards.nth(4).get_by_role("button", name=button).click()
    expect(page.locator("#messages")).to_contain_text(says)
    assert cards.locator("h2").all_inner_texts()[3:5] == [titles[3], titles[5]]
    assert places(page, cards.nth(3), cards.nth(4)) == pytest.approx(before, abs=1)


def test_a_filter_stays_where_it_was_set(open_phone, live_server):
    make_full_city()
    page = open_phone()
    page.goto("/courses/")
    page.get_by_text("Filters", exact=True).click()
    box = page.get_by_role("checkbox", name="Free (1 course)")
    below_title = top_of(box) - top_of(page.locator("h1"))
    box.check()
    expect(page.locator("#result-count")).to_have_text("1 course")
    assert top_of(box) - top_of(page.locator("h1")) == pytest.approx(below_title, abs=1)


def test_a_jump_would_be_noticed(open_phone):
    page = open_phone()
    page.goto("/")
    page.evaluate("document.querySelector('main').style.marginBlockStart = '200px'")
    assert settled_shift(page) > MOST_SHIFT
