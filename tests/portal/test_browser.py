"""Every page in a real Chromium: what axe finds, what is too wide, and whole journeys."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import expect

from recommender.learners.claims import make_claim_token
from recommender.learners.models import Enrolment, Event, Learner
from recommender.portal.digest import make_token
from recommender.recommendations.models import LiveRun
from recommender.workforce.models import ShortageOverride
from tests.cast import signed_in
from tests.factories import (
    make_course,
    make_graduates,
    make_learner,
    make_openings,
    make_role,
    make_run,
    make_sector,
    make_supply,
    make_user,
)
from tests.portal.conftest import make_city

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
PASSWORD = "a long passphrase"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
OPEN = [
    "/",
    "/?role=data-scientist",
    "/courses/",
    "/courses/?q=zzzz&free=on",
    "/courses/{course}/",
    "/roles/",
    "/roles/?sector=health",
    "/roles/data-scientist/",
    "/skills/python/",
    "/privacy/",
    "/privacy/inventory/",
    "/contact/",
    "/erased/",
    "/monthly-e-mail/stop/x/",
    "/monthly-e-mail/stop/{stop}/",
    "/accessibility/",
    "/how-recommendations-are-made/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/nothing/here/",
]
OWN = [
    "/",
    "/courses/",
    "/courses/{course}/",
    "/courses/{closed}/",
    "/roles/data-scientist/",
    "/courses/{course}/why/",
    "/courses/{free}/why/",
    "/welcome/where-i-am/",
    "/welcome/where-i-want-to-go/",
    "/welcome/what-i-can-do/",
    "/welcome/what-fits-me/",
    "/courses-for-you/",
    "/courses-for-you/?cost=free&mode=blended",
    "/courses-for-you/?history=off&all=on",
    "/courses-for-you/why-not/?q=python",
    "/my-gap/",
    "/my-learning/",
    "/my-learning/earlier-courses/",
    "/profile/",
    "/my-data/",
    "/my-data/erase/",
    "/ask-an-adviser/?course={course}",
    "/claim/{token}/",
    "/claim/x/",
    "/accounts/password/change/",
    "/accounts/email/",
    "/accounts/logout/",
]


def sign_in(page, user, base_url):
    cookie = signed_in(user).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])


def speak(page, language, base_url):
    page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])


def problems(page, *rules):
    """What axe finds on a page as it stands, each with the element."""
    run_only = {"type": "rule", "values": rules} if rules else RULES
    found = Axe().run(page, options={"runOnly": run_only, "resultTypes": ["violations"]})
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def faults(page):
    """What is wrong with a page on a phone and on a desk, in light and in dark."""
    found = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for scheme, rules in (("light", ()), ("dark", ("color-contrast",))):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found += [f"{size['width']} {scheme} {problem}" for problem in problems(page, *rules)]
        if sideways_scroll(page):
            found.append(f"{size['width']} scrolls sideways by {sideways_scroll(page)}")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("addresses", [OPEN, OWN], ids=["signed out", "signed in"])
def test_no_page_has_a_fault(open_browser, live_server, addresses, language):
    city = make_city()
    token = make_claim_token(make_learner(external_id="7"))
    stop = make_token(make_learner(user=make_user(), wants_digest=True))
    page = open_browser()
    speak(page, language, live_server.url)
    if addresses is OWN:
        sign_in(page, city.learner.user, live_server.url)
    found = {}
    for address in addresses:
        address = address.format(
            course=city.rich.pk, closed=city.closed.pk, free=city.free.pk, token=token, stop=stop
        )
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language
        found[address] = faults(page)
    assert found == {address: [] for address in found}


def test_role_and_skill_pages_full_of_figures_have_no_fault(open_browser, live_server):
    city = make_city()
    finance = make_sector("finance", name_en="Financial services")
    for sector in (None, finance):
        make_openings(city.role, 200, sector, is_synthetic=True)
        make_graduates(city.role, 20, sector)
    make_supply(city.role, n_meeting=20, n_synthetic_meeting=5)
    ShortageOverride.objects.create(role=city.role, shortage=0.6, reason="Two banks froze hiring.")
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    found = {}
    for address in ("/roles/", "/roles/data-scientist/", "/skills/python/"):
        page.goto(address)
        found[address] = faults(page)
    assert found == {address: [] for address in found}


def test_a_target_role_is_set_with_and_without_a_script(open_browser, live_server):
    city = make_city()
    roles = [make_role(slug, name_en=slug) for slug in ("engineer", "analyst")]
    for role, scripted in zip(roles, (True, False), strict=True):
        page = open_browser(java_script_enabled=scripted)
        sign_in(page, city.learner.user, live_server.url)
        page.goto(f"/roles/{role.slug}/")
        page.get_by_role("button", name="Set as my target role").click()
        expect(page.get_by_text("It is a target role of yours")).to_be_visible()
        expect(page.locator("#messages")).to_contain_text("is a target role of yours now")
    assert set(city.learner.target_roles.all()) == {city.role, *roles}


def test_axe_would_find_a_fault(open_browser):
    page = open_browser()
    page.goto("/")
    page.evaluate("document.querySelector('main button').textContent = ''")
    assert any(problem.startswith("button-name") for problem in problems(page))


def test_a_card_of_a_published_run_has_no_fault(open_browser, live_server):
    city = make_city()
    run = make_run(n_learners=1, n_courses=7, n_enrolments=2)
    LiveRun.objects.create(run=run)
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/how-recommendations-are-made/")
    assert faults(page) == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_signing_up_to_my_learning(open_browser, javascript):
    city = make_city()
    page = open_browser(java_script_enabled=javascript)
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_role("textbox", name="Email").fill("new@example.hk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name="Where I am")).to_be_visible()
    page.get_by_role("button", name="Do not ask me again").click()
    expect(page.get_by_role("heading", name="Courses for you")).to_be_visible()
    page.get_by_role("button", name="Turn profiling on").click()
    expect(page.locator("#messages")).to_contain_text("Profiling is on.")

    page.get_by_role("link", name="Set my goal").click()
    page.get_by_label("Data scientist").check()
    page.get_by_label("Hours you have a week").fill("5")
    page.get_by_role("button", name="Save my profile").click()
    expect(page.locator("#messages")).to_contain_text("Your profile is saved.")
    page.get_by_label("Skill", exact=True).select_option("Python")
    page.get_by_role("button", name="Add the skill").click()
    expect(page.locator("#messages")).to_contain_text("Python is in your profile: Independent.")

    page.get_by_role("link", name="For you", exact=True).click()
    cards = page.locator("#recommendations .card")
    assert cards.count() >= 3

    def titled(position):
        return cards.nth(position).get_by_role("link").first.inner_text()

    saved, dismissed, enrolled = titled(0), titled(1), titled(2)

    def card(title):
        return cards.filter(has=page.get_by_role("link", name=title, exact=True))

    card(saved).get_by_role("button", name="Save").click()
    expect(page.locator("#messages")).to_contain_text(f"{saved} is saved in your learning.")
    expect(card(saved)).to_have_count(0)
    card(dismissed).get_by_role("button", name="Not for me").click()
    expect(page.locator("#messages")).to_contain_text(f"{dismissed} will not be recommended to you again.")
    expect(card(dismissed)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("may be recommended to you again")
    expect(card(dismissed)).to_have_count(1)
    card(enrolled).get_by_role("button", name="I’m enrolling").click()
    expect(page.locator("#messages")).to_contain_text(f"{enrolled} is in your learning as enrolled.")

    page.get_by_role("link", name="My learning", exact=True).click()
    row = page.locator(".learning-row", has_text=enrolled)
    row.get_by_role("button", name="I completed it").click()
    expect(page.locator("#messages")).to_contain_text(f"{enrolled} is in your learning as completed.")
    learner = Learner.objects.exclude(pk=city.learner.pk).get()
    assert dict(Enrolment.objects.filter(learner=learner).values_list("course__title_en", "status")) == {
        saved: "saved",
        enrolled: "completed",
    }


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_signing_up_through_the_first_visit_to_the_first_recommendation(open_browser, javascript):
    city = make_city()
    page = open_browser(java_script_enabled=javascript)
    page.goto("/accounts/signup/")
    page.get_by_role("textbox", name="Email").fill("new@example.hk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_text("Step 1 of 4")).to_be_visible()
    page.get_by_label("The sector you work in, or study for").select_option("Health care")
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_role("heading", name="Your list so far")).to_be_visible()
    expect(page.locator("#list-so-far .card")).to_have_count(3)
    page.get_by_label("Search the roles").fill("scientist")
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Data scientist").check()
    page.get_by_role("link", name="For you", exact=True).click()
    if javascript:
        assert faults(page) == []
    page.get_by_role("link", name="Go on with your first visit, step 2 of 4").click()
    page.get_by_role("checkbox", name="Data scientist").check()
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("#messages")).to_contain_text("new course in your list")

    page.get_by_label("Your CV").set_input_files(
        {"name": "cv.txt", "mimeType": "text/plain", "buffer": b"Python, and some juggling"}
    )
    page.get_by_role("button", name="Read my CV").click()
    expect(page.get_by_role("group", name="In your CV").get_by_label("Python")).to_have_value("3")
    page.get_by_label("Python").select_option("Beginner")
    page.get_by_role("button", name="Save and continue").click()

    page.get_by_label("Hours you have a week").fill("200")
    page.get_by_role("button", name="Save and see my courses").click()
    expect(page.get_by_role("alert")).to_be_focused()
    if javascript:
        assert faults(page) == []
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Hours you have a week")).to_be_focused()
    page.get_by_label("Hours you have a week").fill("20")
    page.get_by_role("button", name="Save and see my courses").click()
    expect(page.get_by_role("heading", name="Courses for you")).to_be_visible()
    first = page.locator("#recommendations .card").first
    expect(first).to_contain_text(str(city.free.title))
    expect(first).to_contain_text("Beginner → Independent")


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


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_course_is_turned_down_with_a_reason_and_the_next_one_comes(open_browser, live_server, javascript):
    city = make_city()
    for number in range(11):
        make_course(title_en=f"Course {number}", fee_cents=0, mode="online")
    page = open_browser(java_script_enabled=javascript)
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/?cost=free")
    cards = page.locator("#recommended .card h2")
    expect(cards).to_have_count(10)
    first, second, *_, last = cards.all_inner_texts()
    page.get_by_role("button", name="Not for me").first.click()
    message = page.locator("#messages")
    expect(message).to_contain_text(f"{first} will not be recommended to you again.")
    expect(cards.first).to_have_text(second)
    expect(cards).to_have_count(10)
    assert last in cards.all_inner_texts()[:-1]
    assert page.url.endswith("?cost=free")
    message.get_by_label("Why?").select_option("Costs too much")
    message.get_by_role("button", name="Send the reason").click()
    expect(message).to_contain_text("Your reason: Costs too much")
    [event] = Event.objects.filter(kind="dismissed").exclude(course=city.dismissed)
    assert (str(event.course.title), event.reason) == (first, "too_dear")
    message.get_by_role("button", name="Undo").click()
    expect(cards.first).to_have_text(first)
    page.get_by_role("link", name="Show 2 more").click()
    expect(cards).to_have_count(12)


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


def test_who_was_signed_out_meanwhile_is_sent_to_sign_in(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Save").first.click()
    expect(page).to_have_url(re.compile("/accounts/login/"))


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


def test_filters_work_on_a_phone_without_javascript(open_browser):
    make_city()
    page = open_browser(java_script_enabled=False)
    page.goto("/courses/")
    page.get_by_text("Filters", exact=True).click()
    page.get_by_role("checkbox", name="Free (1 course)").check()
    page.get_by_role("button", name="Show the courses").click()
    expect(page.locator("#result-count")).to_have_text("1 course")
    expect(page.get_by_role("checkbox", name="Free (1 course)")).to_be_checked()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_language_changes_on_the_spot(open_browser, javascript):
    make_city()
    page = open_browser(java_script_enabled=javascript)
    page.goto("/courses/?q=python")
    page.get_by_role("button", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(page.get_by_role("link", name="Python 統計學入門")).to_be_visible()
    assert page.url.endswith("/courses/?q=python")


def test_the_keyboard_reaches_the_content_first(open_browser):
    page = open_browser(viewport=DESK)
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_answer_to_why_comes_into_the_page_of_the_course(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto(f"/courses/{city.free.pk}/")
    page.get_by_text("Why is this course on my list, or not?").click()
    expect(page.get_by_text("It is on your list, at place")).to_be_visible()
    assert page.url.endswith(f"/courses/{city.free.pk}/")
    assert faults(page) == []


def test_without_a_script_the_question_leads_to_its_page(open_browser, live_server):
    city = make_city()
    page = open_browser(java_script_enabled=False)
    sign_in(page, city.learner.user, live_server.url)
    page.goto(f"/courses/{city.free.pk}/")
    page.get_by_text("Why is this course on my list, or not?").click()
    page.get_by_role("link", name="See the answer").click()
    expect(page.get_by_text("It is on your list, at place")).to_be_visible()


def test_who_is_signed_out_meanwhile_is_led_to_the_sign_in(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto(f"/courses/{city.free.pk}/")
    page.context.clear_cookies()
    page.get_by_text("Why is this course on my list, or not?").click()
    page.wait_for_url("**/accounts/login/**")
