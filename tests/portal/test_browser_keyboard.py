"""The portal by keyboard alone, in a real Chromium."""

import pytest
from playwright.sync_api import expect

from recommender.learners.models import Event
from tests.factories import make_course, make_role
from tests.portal.conftest import make_city
from tests.portal.pages import OPEN, OWN, addresses
from tests.portal.windows import DESK, sign_in, speak

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

# Notes what the Tab key comes to, how that differs from when it is at rest, and what lies over it.
WATCH = """() => {
  const look = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return `${outlineStyle === "none" ? "none" : outlineWidth} ${boxShadow}`;
  };
  const isPlace = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled
    && !(element.type === "radio" && isOneOfTheGroup(element));
  // The arrow keys, not Tab, go from one radio button of a group to the next.
  const isOneOfTheGroup = (radio) => {
    const group = [...document.getElementsByName(radio.name)].filter((each) => each.form === radio.form);
    return radio !== (group.find((each) => each.checked) ?? group[0]);
  };
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const places = [...document.querySelectorAll(kinds)].filter(isPlace);
  const atRest = new Map(places.map((place) => [place, look(place)]));
  const reached = [], found = [];
  // Where a page leads to its errors, Tab starts from there; here it starts from the top.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute("tabindex");
  const say = (problem, place) => found.push(`${problem}: ${place.outerHTML.slice(0, 150)}`);
  const leave = () => {
    const place = document.activeElement;
    if (!atRest.has(place) || reached.includes(place)) {
      return;
    }
    reached.push(place);
    if (look(place) === atRest.get(place)) {
      say("looks as at rest", place);
    }
    const { x, y, width, height } = place.getBoundingClientRect();
    const over = document.elementFromPoint(x + width / 2, y + height / 2);
    if (height < window.innerHeight && !(place.contains(over) || over?.contains(place))) {
      say("cannot be seen", place);
    }
  };
  document.addEventListener("keydown", leave, { capture: true });
  window.leave = () => {
    leave();
    places.filter((place) => !reached.includes(place)).forEach((place) => say("not reached", place));
    const inOrder = places.filter((place) => reached.includes(place));
    const strayed = reached.filter((place, number) => place !== inOrder[number]);
    strayed.forEach((place) => say("out of order", place));
    return found;
  };
  // Day, month, year and the calendar of a date are stops of their own.
  return places.length + 3 * places.filter((place) => place.type === "date").length;
}"""


def keyboard_faults(page):
    """What is wrong for somebody who goes through a page with the Tab key alone."""
    for _ in range(page.evaluate(WATCH)):
        page.keyboard.press("Tab")
    return page.evaluate("window.leave()")


@pytest.mark.parametrize("templates", [OPEN, OWN], ids=["signed out", "signed in"])
def test_every_page_is_gone_through_by_keyboard(open_browser, live_server, templates):
    city = make_city()
    # The skip link slides in, which takes longer than a key pressed by a program.
    page = open_browser(reduced_motion="reduce")
    if templates is OWN:
        sign_in(page, city.learner.user, live_server.url)
    found = {}
    for address in addresses(templates, city):
        page.goto(address)
        found[address] = keyboard_faults(page)
    assert found == {address: [] for address in found}


def test_a_place_that_the_keyboard_misses_would_be_found(open_browser):
    page = open_browser()
    page.goto("/contact/")
    for number, change in enumerate(("tabIndex = -1", "style.outline = 'none'", "tabIndex = 1")):
        page.locator("footer a").nth(number).evaluate(f"link => link.{change}")
    found = " ".join(keyboard_faults(page))
    for problem in ("not reached", "looks as at rest", "out of order"):
        assert problem in found


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


def test_after_the_message_comes_the_card_that_took_the_place(open_browser, live_server):
    city = make_city()
    for title in ("Second", "Third"):
        make_course(title_en=title)
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/")
    titles = page.locator("#recommended .card h2 a")
    expect(titles).to_have_count(3)
    page.get_by_role("button", name="Not for me").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_be_focused()
    expect(titles).to_have_count(2)
    for _ in ("Undo", "the reason", "Send the reason"):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send the reason")).to_be_focused()
    page.keyboard.press("Tab")
    expect(titles.nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#recommended .card").nth(1).locator("summary")).to_be_focused()


def test_each_button_of_the_list_names_its_course(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/")
    title = str(city.free.title)
    for words in ("I’m enrolling", "I took this", "Save", "Not for me"):
        expect(page.get_by_role("button", name=f"{words} {title}", exact=True)).to_have_count(1)


def test_a_message_with_a_foreign_title_stays_one_sentence(open_browser, live_server):
    city = make_city()
    page = open_browser()
    speak(page, "zh-hant", live_server.url)
    sign_in(page, city.learner.user, live_server.url)
    page.goto(f"/courses/{city.free.pk}/")
    page.locator("button[value=saved]").click()
    title = page.locator("#messages .message span[lang=en]")
    expect(title).to_be_visible()
    assert title.evaluate("(title) => getComputedStyle(title).display") == "inline"
    assert title.evaluate("(title) => getComputedStyle(title.parentElement).display") == "block"


def test_the_keyboard_reaches_the_content_first(open_browser):
    page = open_browser(viewport=DESK)
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def announced(page):
    return page.locator("#messages[role=status]")


@pytest.mark.parametrize(
    ("address", "name", "says"),
    [
        ("/courses-for-you/", "Save", "is saved in your learning"),
        ("/courses-for-you/", "I’m enrolling", "is in your learning as enrolled"),
        ("/my-learning/", "Remove", "is no longer in your learning"),
        ("/roles/zookeeper/", "Set as my target role", "is a target role of yours now"),
    ],
)
def test_what_is_done_by_keyboard_is_announced_and_focus_goes_there(
    open_browser, live_server, address, name, says
):
    city = make_city()
    make_role("zookeeper", name_en="Zookeeper")
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto(address)
    page.evaluate("window.stays = document.querySelector('#messages')")
    page.get_by_role("button", name=name).first.focus()
    page.keyboard.press("Enter")
    expect(announced(page)).to_contain_text(says)
    # A screen reader speaks of a region that it knew before, not of one that has come with the text.
    assert page.evaluate("window.stays === document.querySelector('#messages')")
    # Focus follows when the answer has settled.
    page.wait_for_function("document.activeElement !== document.body")


def test_why_opens_by_keyboard_and_keeps_focus(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto(f"/courses/{city.free.pk}/")
    question = page.locator("summary", has_text="Why is this course on my list, or not?")
    question.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It is on your list, at place")).to_be_visible()
    expect(question).to_be_focused()
