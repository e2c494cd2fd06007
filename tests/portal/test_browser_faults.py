"""Every page in a real Chromium: what axe finds, and what is too wide."""

import pytest

from recommender.learners.claims import make_claim_token
from recommender.portal.digest import make_token
from recommender.recommendations.models import LiveRun
from recommender.workforce.models import ShortageOverride
from tests.factories import (
    make_graduates,
    make_learner,
    make_openings,
    make_run,
    make_sector,
    make_supply,
    make_user,
)
from tests.portal.conftest import make_city
from tests.portal.windows import LANGUAGES, faults, problems, sign_in, speak

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
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
