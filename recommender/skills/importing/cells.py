"""How the text of one cell becomes a value. Each reader raises ValueError saying what would be right."""

import re
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

YEARS = range(1990, 2101)
MAX_FEE_HKD = 100_000_000


def text(max_length):
    def read(cell):
        if len(cell) > max_length:
            raise ValueError(_("must be at most %d characters") % max_length)
        return cell

    return read


def slug(max_length):
    within = text(max_length)

    def read(cell):
        if not re.fullmatch(r"[-a-zA-Z0-9_]+", cell):
            raise ValueError(_("must be Latin letters, digits, hyphens and underscores"))
        return within(cell)

    return read


def web_address(max_length):
    within = text(max_length)

    def read(cell):
        if not re.fullmatch(r"https?://[^\s/]+\S*", cell):
            raise ValueError(_("must be a web address that begins with http:// or https://"))
        return within(cell)

    return read


def choice(choices):
    """One of the values of a Django choices class."""

    def read(cell):
        if cell not in choices.values:
            raise ValueError(_("must be one of: %s") % ", ".join(value for value in choices.values if value))
        return cell

    return read


def whole_number(low, high):
    def read(cell):
        if not re.fullmatch(r"-?[0-9]{1,12}", cell) or not low <= int(cell) <= high:
            raise ValueError(
                _("must be a whole number from %(low)d to %(high)d") % {"low": low, "high": high}
            )
        return int(cell)

    return read


def share(cell):
    """A number from 0 to 1."""
    try:
        number = float(cell)
    except ValueError:
        number = float("nan")
    if not 0 <= number <= 1:
        raise ValueError(_("must be a number from 0 to 1"))
    return number


def decimal(cell):
    """A number of at most 12 digits before the point and 2 after it."""
    if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", cell):
        raise ValueError(_("must be a number such as 1250 or 4.5, without a thousands comma"))
    return Decimal(cell)


def hkd_as_cents(cell):
    """Hong Kong dollars, kept as cents."""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", cell) or Decimal(cell) > MAX_FEE_HKD:
        raise ValueError(_("must be Hong Kong dollars, 0 or more, such as 12500 or 980.50"))
    return int(Decimal(cell) * 100)


def yes_or_no(cell):
    if cell not in ("yes", "no"):
        raise ValueError(_("must be yes, no, or empty when it is not known"))
    return cell == "yes"


def _in_range(moment):
    if moment.year not in YEARS:
        raise ValueError(
            _("must lie in the years %(first)d to %(last)d") % {"first": YEARS[0], "last": YEARS[-1]}
        )
    return moment


def day(cell):
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
            raise ValueError
        found = date.fromisoformat(cell)
    except ValueError:
        raise ValueError(_("must be a date such as 2026-09-01")) from None
    return _in_range(found)


def moment(cell):
    """A time; one without an offset is Hong Kong time."""
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(_("must be a time such as 2026-09-01T18:30+08:00, or a date")) from None
    _in_range(found)
    return found if found.tzinfo else timezone.make_aware(found)


def must_be_filled_with(columns):
    return _("must be filled where these are: %s") % columns


def must_be_empty_with(columns):
    return _("must be empty where this is filled: %s") % columns


def must_be_filled_unless(columns):
    return _("must be filled, or else one of these: %s") % columns


def must_be_yes_with(columns):
    return _("must be yes where these are filled: %s") % columns


def must_not_be_before(column):
    return _("must not be before %s") % column
