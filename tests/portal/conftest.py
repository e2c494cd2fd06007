"""A small city to look at, and a real Chromium to look at it with."""

import os
import shutil
from dataclasses import dataclass
from datetime import date

import pytest
from django.core.cache import cache
from django.utils import timezone, translation
from playwright.sync_api import sync_playwright

from recommender.catalogue.models import Course
from recommender.learners.models import Event, Learner
from recommender.skills.models import Language, Skill
from recommender.workforce.models import Role
from tests.cast import make_cast, signed_in
from tests.factories import (
    make_course,
    make_enrolment,
    make_learner,
    make_listing,
    make_offering,
    make_provider,
    make_role,
    make_sector,
    make_skill,
    make_user,
)
from tests.services import missing

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


@pytest.fixture(autouse=True)
def fresh_start(settings):
    """English, no rate limits used up, and passwords that are quick to check."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    with translation.override("en"):
        yield


@pytest.fixture
def cast(db):
    return make_cast()


@dataclass
class City:
    """A role that needs two skills, courses of every kind, and a learner in the middle of it all."""

    learner: Learner
    role: Role
    python: Skill
    statistics: Skill
    taken: Course
    saved: Course
    dismissed: Course
    closed: Course
    draft: Course
    free: Course
    rich: Course


@pytest.fixture
def city(db):
    return make_city()


def make_city():
    university = make_provider("hku", name_en="University of Hong Kong", name_zh_hant="香港大學")
    make_provider("platform", name_en="Learning Platform", kind="platform")
    english, _ = Language.objects.get_or_create(code="en", defaults={"name_en": "English"})
    python = make_skill("python", name_en="Python", discipline="programming")
    statistics = make_skill("statistics", name_en="statistics", name_zh_hant="統計學")
    role = make_role(
        "data-scientist",
        name_en="Data scientist",
        name_zh_hant="數據科學家",
        needs={python: (1.0, 4), statistics: (0.5, 3)},
    )
    health = make_sector("health", name_en="Health care")
    role.sectors.add(health)
    learner = make_learner(
        user=make_user("ada@example.hk"),
        target_roles=[role],
        holds={python: 2},
        hours_a_week=6,
        budget_cents=1_500_000,
    )
    course = {"provider": university}
    city = City(
        learner=learner,
        role=role,
        python=python,
        statistics=statistics,
        taken=make_course("taken", title_en="Programming for beginners", **course),
        saved=make_course("saved", title_en="Databases in practice", **course),
        dismissed=make_course("dismissed", title_en="Spreadsheets", **course),
        closed=make_course("closed", title_en="Machine translation", status="closed", **course),
        draft=make_course("draft", title_en="Not ready", status="draft", **course),
        free=make_course(
            "free", title_en="Résumé writing for coders", fee_cents=0, raises={python: 3}, **course
        ),
        rich=make_course(
            "rich",
            title_en="Statistics with Python",
            title_zh_hant="Python 統計學入門",
            description_en="Two parts.\n\nThe second part is harder.",
            raises={python: 4, statistics: 3},
            needs={python: 2, statistics: 1},
            languages=[english],
            mode="blended",
            discipline="data_science",
            hkqf_level=6,
            hkqf_basis="award",
            award="Master of Science",
            notional_hours=120,
            fee_cents=123_450,
            entry_text="A degree in any subject.",
            source_url="https://example.hk/statistics",
            as_of=date(2026, 11, 22),
            note="The fee is of 2026.",
            **course,
        ),
    )
    make_listing(city.rich)
    make_offering(city.rich, seats=12, timetable_en="Tuesdays, 19:00 to 21:30", is_synthetic=True)
    make_offering(city.rich, starts_on=date(2020, 1, 6), ends_on=date(2020, 3, 6))
    make_enrolment(learner, city.taken, "completed", timezone.now())
    make_enrolment(learner, city.saved, "saved", timezone.now())
    Event.objects.create(learner=learner, course=city.dismissed, kind=Event.Kind.DISMISSED)
    return city


@pytest.fixture
def ada(city):
    """A client signed in as the city's learner."""
    return signed_in(city.learner.user)


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        missing("Chromium")
    # Playwright runs an event loop in this thread, which Django would take for an asynchronous view.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_browser(browser, live_server):
    """Opens windows of the running site; the test fails if the console of one reports an error."""
    contexts, complaints = [], []

    def open_window(*, failing=(404,), **options):
        """`failing`: statuses of pages that are meant to fail, which is no complaint."""
        meant = tuple(f"status of {status} (" for status in failing)

        def note(message):
            if message.type in ("error", "warning") and not any(words in message.text for words in meant):
                complaints.append(message.text)

        context = browser.new_context(
            base_url=live_server.url, **{"viewport": {"width": 390, "height": 844}} | options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_default_timeout(15_000)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []
