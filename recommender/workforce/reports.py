"""Shortages as tables for officers: exact counts beside the public figures, and unknown is never zero."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _


def figure(share):
    return _("unknown") if share is None else f"{share:.2f}"


def periods_table(found):
    """Of a `RoleShortage`: a row for each period in all sectors together, and below it for each sector."""
    return {
        "headers": [
            _("Period"),
            _("Sector"),
            _("Openings"),
            _("Meet the needs"),
            _("Expected"),
            _("Counted at"),
            _("Graduates"),
            _("Supply, rounded"),
            _("Shortage"),
            _("Computed"),
            _("Counted postings"),
            _("Synthetic"),
        ],
        "rows": [_row(one) for one in found.by_period],
    }


def _row(one):
    return [
        _("%(period)s (latest openings)") % {"period": one.period} if one.is_current else one.period,
        str(one.sector or _("All sectors")),
        _count(one.openings),
        _count(one.supply and one.supply.exact.n_meeting),
        _count(one.supply and one.supply.exact.n_expected),
        date_format(localtime(one.supply.counted_at), "Y-m-d") if one.supply else _("unknown"),
        _("none loaded") if one.n_graduates is None else _count(one.n_graduates),
        _count(one.n_supply),
        _("%(figure)s (overridden)") % {"figure": figure(one.shortage)}
        if one.override
        else figure(one.shortage),
        figure(one.computed),
        ", ".join(_count(posting.value) for posting in one.postings) or _("none loaded"),
        _("yes") if one.is_synthetic else _("no"),
    ]


def _count(number):
    return _("unknown") if number is None else f"{number:,.0f}"
