"""Whole journeys in a real Chromium, with and without a script."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from recommender.learners.models import Enrolment, Event, Learner
from tests.factories import (
    make_course,
    make_role,
)
from tests.portal.conftest import make_city
from tests.portal.windows import (
    faults,
    sign_in,
    with_and_without_javascript,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
PASSWORD = "a long passphrase"


@with_and_without_javascript
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
    page.get_by_label("How well you do it").select_option("Independent")
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


@with_and_without_javascript
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
    expect(page.get_by_role("group", name="In your CV").get_by_label("Python")).to_have_value("")
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


@with_and_without_javascript
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
    # axe is a script itself.
    assert not javascript or faults(page) == []
    message.get_by_label("Why?").select_option("Costs too much")
    message.get_by_role("button", name="Send the reason").click()
    expect(message).to_contain_text("Your reason: Costs too much")
    [event] = Event.objects.filter(kind="dismissed").exclude(course=city.dismissed)
    assert (str(event.course.title), event.reason) == (first, "too_dear")
    message.get_by_role("button", name="Undo").click()
    expect(cards.first).to_have_text(first)
    page.get_by_role("link", name="Show 2 more").click()
    expect(cards).to_have_count(12)


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


def test_earlier_courses_come_in_from_a_file_after_a_look(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/my-learning/")
    page.get_by_role("link", name="Add earlier courses from a file").click()
    rows = b"course,status,date\nfree,completed,2024-03-01\nnowhere,completed,2024-03-01\n"
    page.get_by_label("File").set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": rows})
    page.get_by_role("button", name="Look it through").click()
    expect(page.get_by_text("mine.csv, line 3, course 'nowhere'")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Add 1 course").click()
    expect(page.locator("#messages")).to_contain_text("1 course is in your learning.")
    page.locator(".learning-row", has_text=str(city.free.title)).get_by_text("Certificate: not said").click()
    assert faults(page) == []
    page.get_by_label("Where it can be seen on the web").locator("visible=true").fill("https://example.hk/1")
    page.get_by_role("button", name="I hold a certificate").locator("visible=true").click()
    expect(page.get_by_text("Certificate: you hold one")).to_be_visible()


@with_and_without_javascript
def test_the_language_changes_on_the_spot(open_browser, javascript):
    make_city()
    page = open_browser(java_script_enabled=javascript)
    page.goto("/courses/?q=python")
    page.get_by_role("button", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hant")
    expect(page.get_by_role("link", name="Python 統計學入門")).to_be_visible()
    assert page.url.endswith("/courses/?q=python")


def test_who_was_signed_out_meanwhile_is_sent_to_sign_in(open_browser, live_server):
    city = make_city()
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/courses-for-you/")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Save").first.click()
    expect(page).to_have_url(re.compile("/accounts/login/"))


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
