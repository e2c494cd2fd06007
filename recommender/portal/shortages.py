"""A shortage as pages show it: in words and in percent, with what was counted; unknown is never zero."""

import re
from bisect import bisect_left
from dataclasses import dataclass
from math import ceil

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommender.portal.templatetags.hongkong import is_address, whole
from recommender.workforce.models import Demand, Role
from recommender.workforce.shortage import RoleShortage

# Up to and including each of these it is called by its word; the quarters are ours.
STEPS = (0, 0.25, 0.5, 0.75, 1)
WORDS = (
    _("No shortage"),
    _("Slight shortage"),
    _("Moderate shortage"),
    _("Large shortage"),
    _("Severe shortage"),
)


def in_words(shortage):
    return _("Shortage unknown") if shortage is None else WORDS[bisect_left(STEPS, shortage)]


def in_percent(shortage):
    return None if shortage is None else round(100 * shortage)


YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class ShownShortage:
    """The shortage of a role with its words, in all sectors or in one, now or in a period."""

    role: Role
    counted: RoleShortage

    @property
    def words(self):
        return in_words(self.counted.shortage)

    @property
    def percent(self):
        return in_percent(self.counted.shortage)

    @property
    def computed_percent(self):
        return in_percent(self.counted.computed)

    @property
    def is_synthetic(self):
        """Whether a shortage is known, and rests on synthetic figures."""
        return self.counted.shortage is not None and self.counted.is_synthetic

    @property
    def sectors(self):
        return [ShownShortage(self.role, one) for one in self.counted.sectors]

    @property
    def by_period(self):
        """In each period, in all sectors together."""
        return self.periods_in(None)

    @property
    def by_period_and_sector(self):
        return [ShownShortage(self.role, one) for one in self.counted.by_period if one.sector]

    def periods_in(self, sector):
        """In each period that has figures of a sector, or of all together for None."""
        return [ShownShortage(self.role, one) for one in self.counted.by_period if one.sector == sector]

    @property
    def sources(self):
        """A figure of openings for each source, as it is shown."""
        return list({shown_source(figure): figure for figure in self.counted.demand}.values())

    @property
    def openings(self):
        """How many there are, and when: in a year, or else in a period in the words of its source."""
        n, period = self.counted.openings, self.counted.period
        if YEAR.fullmatch(period):
            sentence = ngettext("{number} opening in {year}", "{number} openings in {year}", ceil(n))
            return format_html(sentence, number=whole(n), year=period)
        sentence = ngettext(
            '{number} opening (<span lang="en">{period}</span>)',
            '{number} openings (<span lang="en">{period}</span>)',
            ceil(n),
        )
        return format_html(sentence, number=whole(n), period=period)

    @property
    def order(self):
        """Sorts roles: the shortest of people first, the unknown last."""
        shortage = self.counted.shortage
        return shortage is None, -(shortage or 0), str(self.role.name).casefold()


def shown_source(figure):
    """What tells one source from another for a reader; what is made up has no other words of its own."""
    is_made_up = figure.is_synthetic and not is_address(figure.source_url)
    return "" if is_made_up else figure.source_url, figure.source_date


def common_source(shown):
    """A figure of the one source that all of several shortages rest on; None where there are more."""
    sources = {shown_source(figure): figure for one in shown for figure in one.counted.demand}
    is_common = len(shown) > 1 and len(sources) == 1 and all(one.counted.demand for one in shown)
    return next(iter(sources.values())) if is_common else None


def postings_of(**subject):
    """Postings counted in samples: a signal of its own, never added to openings. The newest come first."""
    figures = Demand.objects.filter(measure=Demand.Measure.COUNTED_POSTINGS, **subject)
    return figures.select_related("sector").order_by("-source_date", "pk")
