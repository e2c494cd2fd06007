"""What was loaded and counted of each role, by place and period: what a shortage is worked out from.

A place is the id of a sector, or None for the role in all sectors together. A period is named in the words of
its source. Everything is read and nothing written.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db.models import Case, F, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.timezone import get_default_timezone, localdate

from recommender.workforce.models import Demand, Graduates, Role, RoleSupply, Sector, ShortageOverride
from recommender.workforce.periods import end_of, in_order, nearness

OPENINGS, POSTINGS = Demand.Measure.OPENINGS, Demand.Measure.COUNTED_POSTINGS


@dataclass(frozen=True)
class RoleFigures:
    """Of one role. What there is nothing of is not in the dictionaries.

    today : decides which of the openings of equal date are the latest; see `age`
    openings : {place: {period: Demand}}, of several sources for the same the newest; the latest period last
    postings : {place: {period: [Demand]}}, the newest first
    graduates : {place: {period: Graduates}}
    counts : {place: [RoleSupply]}, the oldest first
    overrides : {place: {period, or "" for the current one: ShortageOverride}}
    sectors : {place: Sector} of every place but None that openings, postings, graduates or overrides name
    """

    today: date

    openings: dict[int | None, dict[str, Demand]] = field(default_factory=lambda: defaultdict(dict))
    postings: dict[int | None, dict[str, list[Demand]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    graduates: dict[int | None, dict[str, Graduates]] = field(default_factory=lambda: defaultdict(dict))
    counts: dict[int | None, list[RoleSupply]] = field(default_factory=lambda: defaultdict(list))
    overrides: dict[int | None, dict[str, ShortageOverride]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    sectors: dict[int, Sector] = field(default_factory=dict)

    @property
    def periods(self) -> set[str]:
        """Every period that has figures or an override."""
        overridden = {period for of_place in self.overrides.values() for period in of_place}
        return self.loaded_periods | overridden - {""}

    @property
    def loaded_periods(self) -> set[str]:
        """Every period of which openings, postings or graduates were loaded."""
        kinds = (self.openings, self.postings, self.graduates)
        return {period for kind in kinds for of_place in kind.values() for period in of_place}

    def sectors_in(self, period) -> list[Sector]:
        """The sectors of which something was loaded for a period, by name."""
        kinds = (self.openings, self.postings, self.graduates, self.overrides)
        places = {place for kind in kinds for place, of_place in kind.items() if period in of_place}
        return sorted((self.sectors[place] for place in places - {None}), key=str)

    def latest_openings(self, place) -> list[Demand]:
        """The latest of the place; where none is of the whole role, the latest of each of its sectors."""
        if place in self.openings:
            return [list(self.openings[place].values())[-1]]
        if place is not None:
            return []
        return self.by_age(list(figures.values())[-1] for figures in self.openings.values())

    def openings_in(self, place, period) -> list[Demand]:
        """Those of a period; where none is of the whole role, those of its sectors."""
        if figure := self.openings.get(place, {}).get(period):
            return [figure]
        if place is not None:
            return []
        return self.by_age(of_place[period] for of_place in self.openings.values() if period in of_place)

    def by_age(self, figures) -> list[Demand]:
        return sorted(figures, key=partial(age, today=self.today))

    def graduates_beside(self, place, period, openings) -> list[Graduates]:
        """Those that are set against openings, or of the period where there are none.

        Where none are of the whole role: those of its sectors, each of the period of its own openings.
        """
        newest = openings[-1].period if openings else period
        if figure := self.graduates.get(place, {}).get(newest):
            return [figure]
        if place is not None:
            return []
        periods = {figure.sector_id: figure.period for figure in openings}
        of_sectors = (
            of_place.get(periods.get(sector, newest)) for sector, of_place in self.graduates.items()
        )
        return [figure for figure in of_sectors if figure]

    def last_count(self, place) -> RoleSupply | None:
        return self.counts[place][-1] if place in self.counts else None

    def count_at_end(self, place, period) -> RoleSupply | None:
        """The last count not after the end of a period; None where there is none or the end is unknown."""
        limit = _limit(period)
        before = [one for one in self.counts.get(place, ()) if limit and one.counted_at < limit]
        return before[-1] if before else None


def read_figures(only: Iterable[int] | None = None) -> dict[int, RoleFigures]:
    """The figures of every role by its id, or of the roles with the ids `only`; five queries."""
    today = localdate()
    roles = Role.objects.all() if only is None else Role.objects.filter(pk__in=only)
    of_roles = {} if only is None else {"role__in": only}
    found = defaultdict(lambda: RoleFigures(today))
    demand = Demand.objects.filter(measure__in=[OPENINGS, POSTINGS], role__isnull=False, **of_roles)
    for figure in sorted(demand.select_related("sector"), key=partial(age, today=today)):
        _add_demand(found[figure.role_id], figure)
    for figure in Graduates.objects.filter(**of_roles).select_related("sector").order_by("pk"):
        found[figure.role_id].graduates[figure.sector_id][figure.period] = figure
        _name(found[figure.role_id], figure.sector)
    for override in ShortageOverride.objects.filter(**of_roles).select_related("sector"):
        found[override.role_id].overrides[override.sector_id][override.period] = override
        _name(found[override.role_id], override.sector)
    limits = {_limit(period) for figures in found.values() for period in figures.periods} - {None}
    for count in _counts(limits).filter(**of_roles):
        found[count.role_id].counts[count.sector_id].append(count)
    return {role: found[role] for role in roles.order_by("pk").values_list("pk", flat=True)}


def loaded_periods(role: int) -> list[str]:
    """Every period of which openings, postings or graduates of a role were loaded, in the order of time."""
    return in_order(read_figures([role])[role].loaded_periods)


def age(figure, today):
    """Sorts figures, the latest last.

    By the date of the source, none counting as the oldest; of equal dates by their periods (`nearness`); then
    by words alone, so that the order in which they were loaded decides nothing.
    """
    return (
        figure.source_date or date.min,
        nearness(figure.period, today),
        figure.period,
        figure.source_url,
        figure.description,
        figure.sector_id or 0,
    )


def _add_demand(figures, figure):
    _name(figures, figure.sector)
    if figure.measure == POSTINGS:
        figures.postings[figure.sector_id][figure.period].insert(0, figure)
        return
    of_place = figures.openings[figure.sector_id]
    # Taken out first, so that the period of the newest figure stands last.
    of_place.pop(figure.period, None)
    of_place[figure.period] = figure


def _name(figures, sector):
    if sector:
        figures.sectors[sector.pk] = sector


def _limit(period):
    """The moment when a period is over, in Hong Kong; None where its end is unknown."""
    end = end_of(period)
    return end and datetime.combine(end + timedelta(days=1), time.min, get_default_timezone())


def _counts(limits):
    """The last count of all, and the last before each limit, of each role and place; the oldest first."""
    whens = [When(counted_at__lt=limit, then=Value(span)) for span, limit in enumerate(sorted(limits))]
    last_comes_first = Window(
        RowNumber(),
        partition_by=[F("role"), F("sector"), Case(*whens, default=Value(len(limits)))],
        order_by=F("counted_at").desc(),
    )
    counts = RoleSupply.objects.annotate(number=last_comes_first)
    return counts.filter(number=1).order_by("counted_at")
