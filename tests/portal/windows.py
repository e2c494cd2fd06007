"""Windows of a real Chromium: signing in, a language, and what is wrong with a page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from tests.cast import signed_in

RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
LANGUAGES = [code for code, _ in settings.LANGUAGES]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
# A desk of 1280 pixels enlarged to 200% and to 400%.
ENLARGED, NARROW = {"width": 640, "height": 450}, {"width": 320, "height": 256}

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


def moving(page):
    """Elements whose changes take time, as the page stands."""
    return page.evaluate(
        """[...document.querySelectorAll("*")].filter((element) => {
          const style = getComputedStyle(element);
          return /[1-9]/.test(style.transitionDuration + style.animationDuration)
            || style.scrollBehavior === "smooth";
        }).map((element) => `moves: ${element.outerHTML.slice(0, 200)}`)"""
    )


def space_out(page, is_on=True):
    """The text spacing that WCAG 1.4.12 lets a reader set."""
    # A sheet made by a script is no inline style, which the security policy would refuse.
    page.evaluate(
        """(isOn) => {
          const spacing = "letter-spacing: 0.12em; word-spacing: 0.16em; line-height: 1.5";
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(
            `* { ${spacing.replaceAll(";", " !important;")} !important }
             p { margin-block-end: 2em !important }`
          );
          document.adoptedStyleSheets = isOn ? [sheet] : [];
        }""",
        is_on,
    )


def cut_off(page):
    """Elements that hide a part of what they hold."""
    return page.evaluate(
        """[...document.querySelectorAll("body *:not(.visually-hidden, svg, svg *)")].filter((element) => {
          const style = getComputedStyle(element);
          const cuts = /hidden|clip/;
          return element.clientWidth && (
            (cuts.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
            || (cuts.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
          );
        }).map((element) => `cut off: ${element.outerHTML.slice(0, 200)}`)"""
    )


def narrow_faults(page):
    """What breaks where a reader enlarges a page to 200% or 400% or spaces its text out.

    WCAG 2.2: 1.4.4 (resize text), 1.4.10 (reflow), 1.4.12 (text spacing).
    """
    found = []
    for size in (ENLARGED, NARROW, DESK, PHONE):
        page.set_viewport_size(size)
        for is_spaced in (False, True):
            space_out(page, is_spaced)
            name = f"{size['width']} spaced out" if is_spaced else f"{size['width']}"
            found += [f"{name} {problem}" for problem in cut_off(page)]
            if sideways_scroll(page):
                found.append(f"{name} scrolls sideways by {sideways_scroll(page)}")
    space_out(page, False)
    return found


def phone_faults(page):
    """What is wrong with a page on a phone and where it is narrow, which a language may change."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return narrow_faults(page) + problems(page)


def faults(page):
    """What is wrong with a page on a phone and on a desk, in light and in dark, and where it is narrow."""
    found = phone_faults(page) + moving(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += problems(page, "color-contrast")
    page.set_viewport_size(DESK)
    found += problems(page, "color-contrast")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found + problems(page)
