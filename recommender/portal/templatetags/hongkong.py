"""How Hong Kong writes money, dates and texts that are not in the reader's language."""

import re
from datetime import datetime

from django import template
from django.utils import formats
from django.utils.html import conditional_escape, format_html
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from recommender.catalogue.fees import FeeBasis
from recommender.catalogue.search_texts import CHINESE_CHARACTER
from recommender.skills.trilingual import Localised
from recommender.workforce.disclosure import FEW, ROUNDED_TO

register = template.Library()

LATIN_WORD = re.compile(r"[A-Za-z]+")

FEE_FOR = {
    FeeBasis.YEAR: gettext_lazy("%(amount)s a year"),
    FeeBasis.MODULE: gettext_lazy("%(amount)s a module"),
    FeeBasis.CREDIT: gettext_lazy("%(amount)s a credit"),
    FeeBasis.AUDIT: gettext_lazy("%(amount)s without a certificate"),
    FeeBasis.UNSTATED: gettext_lazy("%(amount)s, not stated for what"),
}


@register.filter
def listed(items):
    """Several things in a row, with the reader's comma between them."""
    return pgettext("between things in a row", ", ").join(str(item) for item in items)


@register.filter
def labelled(value, label):
    """A value after what it is called, with the reader's colon."""
    return format_html(pgettext("a value after its label", "{label}: {value}"), label=label, value=value)


@register.filter
def hkd(cents):
    """HK$1,234 of 123400 cents, HK$1,234.50 of 123450."""
    dollars, rest = divmod(cents, 100)
    return f"HK${dollars:,}.{rest:02}" if rest else f"HK${dollars:,}"


@register.filter
def fee(fee):
    """A Fee in words: unknown, free, or an amount and what it is for."""
    if fee.cents is None:
        return _("Whole fee not known")
    if fee.whole_cents == 0:
        return _("Free")
    if fee.cents == 0:
        return _("Free without a certificate")
    amount = hkd(fee.cents)
    return FEE_FOR[fee.basis] % {"amount": amount} if fee.basis in FEE_FOR else amount


@register.filter
def percent(share):
    """12% or −2%, with a true minus."""
    return f"{share}%".replace("-", "−")


@register.filter
def whole(number):
    """1,234 of 1234.00; what is no whole number keeps its places: 4.5."""
    return f"{number:,.0f}" if number == int(number) else f"{number:,}".rstrip("0")


@register.filter
def about(number):
    """about 40, of a sum with rounded counts in it; 0 is 0."""
    return _("about %(number)s") % {"number": whole(number)} if number else "0"


@register.filter
def people(count):
    """A rounded count of learners: about 40, fewer than 10, or 0."""
    return _("fewer than %(number)d") % {"number": ROUNDED_TO} if count == FEW else about(count)


@register.filter
def people_together(count):
    """A rounded sum of learners, and what it is counted as where that is not what is said of it."""
    if count != FEW:
        return about(count)
    return _("fewer than %(number)d, counted as %(few)d") % {"number": ROUNDED_TO, "few": FEW}


@register.filter
def is_address(source):
    """Whether a source is a web address, which may be linked to; some are words."""
    return source.startswith(("https://", "http://"))


@register.filter
def host(address):
    """www.news.gov.hk of https://www.news.gov.hk/eng/2024: enough to tell one source from another."""
    return address.split("/")[2]


@register.filter
def day(date):
    """23 November 2026, of a date, or of a time: then it is the day in Hong Kong."""
    if isinstance(date, datetime):
        date = localtime(date)
    return formats.date_format(date, pgettext("how a date is written", "j F Y"))


@register.filter
def moment(time):
    """23 November 2026, 03:04, in Hong Kong."""
    return formats.date_format(localtime(time), pgettext("how a time is written", "j F Y, H:i"))


@register.filter
def own_words(text):
    """A source's own words with their language: Chinese where most of them are, else English."""
    n_chinese = len(CHINESE_CHARACTER.findall(text))
    lang = "zh" if n_chinese > len(LATIN_WORD.findall(text)) else "en"
    # Which script is not known, and to a reader of either it is no foreign text.
    is_readers = (get_language() or "").startswith(lang)
    return conditional_escape(text) if is_readers else marked(Localised(text, lang))


@register.filter
def marked(text):
    """A text with its language, where that is not the reader's: for screen readers and the right font."""
    lang = getattr(text, "lang", None)
    if not lang or lang == get_language():
        return conditional_escape(text)
    return format_html('<span lang="{}">{}</span>', lang, text)
