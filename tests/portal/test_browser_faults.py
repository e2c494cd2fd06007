"""Every page in a real Chromium: what axe finds, and what breaks where it is narrow or spaced out."""

import pytest
from django.urls import URLPattern, resolve

from hktalent.urls import urlpatterns
from recommender.recommendations.models import LiveRun
from recommender.workforce.models import ShortageOverride
from tests.factories import (
    make_graduates,
    make_openings,
    make_run,
    make_sector,
    make_supply,
    make_user,
)
from tests.portal.conftest import make_city
from tests.portal.pages import (
    DOWNLOAD,
    FAILING,
    LEADS_ON,
    NO_PAGES,
    OF_A_NEWCOMER,
    OPEN,
    OWN,
    POSTED,
    addresses,
)
from tests.portal.windows import (
    LANGUAGES,
    faults,
    moving,
    narrow_faults,
    phone_faults,
    problems,
    sign_in,
    speak,
)

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def look_at(page, addresses, language):
    """Opens each page, and in one language looks at it in all ways."""
    found = {}
    for address in addresses:
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == language
        found[address] = faults(page) if language == "en" else phone_faults(page)
    assert found == {address: [] for address in found}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("templates", [OPEN, OWN], ids=["signed out", "signed in"])
def test_no_page_has_a_fault(open_browser, live_server, templates, language):
    city = make_city()
    page = open_browser()
    speak(page, language, live_server.url)
    if templates is OWN:
        sign_in(page, city.learner.user, live_server.url)
    look_at(page, addresses(templates, city), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_a_newcomer_has_a_fault(open_browser, live_server, language):
    make_city()
    page = open_browser()
    speak(page, language, live_server.url)
    sign_in(page, make_user(), live_server.url)
    look_at(page, OF_A_NEWCOMER, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_about_a_failure_has_a_fault(settings, open_browser, live_server, language):
    settings.ROOT_URLCONF = "tests.portal.error_urls"
    page = open_browser(failing=FAILING.values())
    speak(page, language, live_server.url)
    look_at(page, FAILING, language)
    for address, status in FAILING.items():
        assert page.goto(address).status == status


def routes(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + pattern.name
        # The office and the programs' interface have tests of their own.
        elif str(pattern.pattern) not in ("admin/", "api/v1/"):
            yield from routes(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else prefix)


def test_every_route_is_looked_at_or_is_no_page(city):
    paths = [address.split("?")[0] for address in addresses([*OPEN, *OWN, *NO_PAGES], city)]
    named = [resolve(path).view_name for path in paths]
    assert set(named) == set(routes(urlpatterns))


@pytest.mark.parametrize("template", NO_PAGES)
def test_what_is_no_page_does_what_is_said_of_it(city, ada, template):
    [address] = addresses([template], city)
    answer = ada.get(address)
    does = {
        POSTED: answer.status_code == 405,
        LEADS_ON: answer.status_code == 302,
        DOWNLOAD: answer.get("Content-Disposition", "").startswith("attachment"),
    }
    assert does[NO_PAGES[template]]


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
    look_at(page, ("/roles/", "/roles/data-scientist/", "/skills/python/"), "en")


def test_a_fault_would_be_found(open_browser):
    page = open_browser()
    page.goto("/")
    page.emulate_media(reduced_motion="no-preference")
    assert "skip-link" in moving(page)[0]
    button = page.locator("main button").first
    button.evaluate("button => button.textContent = ''")
    assert any(problem.startswith("button-name") for problem in problems(page))
    page.locator("h1").evaluate(
        "title => Object.assign(title.style, {inlineSize: '20rem', overflow: 'hidden', whiteSpace: 'nowrap'})"
    )
    assert any("spaced out cut off: <h1" in fault for fault in narrow_faults(page))
    page.locator("h1").evaluate("title => Object.assign(title.style, {inlineSize: '30rem'})")
    assert any(fault.startswith("320 scrolls sideways") for fault in narrow_faults(page))


def test_a_card_of_a_published_run_has_no_fault(open_browser, live_server):
    city = make_city()
    run = make_run(n_learners=1, n_courses=7, n_enrolments=2)
    LiveRun.objects.create(run=run)
    page = open_browser()
    sign_in(page, city.learner.user, live_server.url)
    page.goto("/how-recommendations-are-made/")
    assert faults(page) == []
