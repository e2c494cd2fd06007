"""Windows of a real Chromium: signing in, a language, and what is wrong with a page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from tests.cast import signed_in

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}

with_and_without_javascript = pytest.mark.parametrize(
    "javascript", [True, False], ids=["with JavaScript", "without JavaScript"]
)


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
