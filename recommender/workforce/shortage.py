"""How short the city is of people for each role, and through the roles of each skill.

shortage = max(0, openings - supply) / openings, with supply = learners who meet the role's needs or are
expected to from courses under way, rounded as the public may know them (`disclosure.py`), + graduates. There
is this one figure: lists are ranked by what is shown. Openings are loaded, never guessed: without them the
shortage is unknown, not zero. Everything is read and nothing written; the supply was counted before
(`RoleSupply`).

The same holds of each sector and period. The latest openings, whatever their period, stand for today and are
set against the last count of learners; those of any other period against the last count that was not made
after its end. So

- of a period that was over before the first count the supply is unknown, and with it the shortage;
- of a period yet to come the supply is today's: nobody is guessed to leave or to begin a course, and since an
  enrolment does not say when it ends, all courses under way are expected to be completed by then;
- graduates are those loaded for the period, in its own words;
- where the words of a period do not tell its end (`periods.end_of`), the supply is unknown.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np

from recommender.workforce.disclosure import PublicSupply
from recommender.workforce.figures import read_figures
from recommender.workforce.models import (
    Demand,
    Graduates,
    RoleSkill,
    Sector,
    ShortageOverride,
)
from recommender.workforce.periods import end_of, in_order


@dataclass(frozen=True)
class RoleShortage:
    """The shortage of a role, in all sectors together or in one, with what was counted for it.

    sector : None for all sectors together
    period : of the openings, in the words of their source; as of the latest openings "" where there are none,
        and with commas between them where the latest of its sectors are of several
    is_current : whether it is as of the latest openings, which the ranking uses
    demand : the figures whose sum the openings are: of a role as a whole, whatever its sectors have, or else
        of each sector
    postings : job postings counted in samples for the period, a signal of its own; in no sum
    supply : the learners counted for the period, rounded, or None where nothing was counted
    graduates : the figures of the same period, those of the role as a whole or else of its sectors
    override : the officer's figure in force, or None
    sectors : the same for each sector that has openings or an override of its own, and within a period also
        postings or graduates; () inside a sector
    periods : the same for every period of which anything is loaded, in the order of time; () inside a period
    """

    role_id: int
    sector: Sector | None
    period: str = ""
    is_current: bool = True
    demand: tuple[Demand, ...] = ()
    postings: tuple[Demand, ...] = ()
    supply: PublicSupply | None = None
    graduates: tuple[Graduates, ...] = ()
    override: ShortageOverride | None = None
    sectors: tuple["RoleShortage", ...] = ()
    periods: tuple["RoleShortage", ...] = ()

    def of(self, sector_id) -> "RoleShortage":
        """In a sector, or in all for None. Raises KeyError where the sector has no own figures."""
        return {None: self, **{one.sector.pk: one for one in self.sectors}}[sector_id]

    def within(self, period) -> "RoleShortage":
        """In a period, or as of the latest openings for "". Raises KeyError where it has no figures."""
        return {"": self, **{one.period: one for one in self.periods}}[period]

    @property
    def by_period(self) -> list["RoleShortage"]:
        """In each period, in all sectors together and then in each of them."""
        return [one for period in self.periods for one in (period, *period.sectors)]

    @property
    def ends_on(self) -> date | None:
        """The last day of the period; None where its words do not tell."""
        return end_of(self.period)

    @property
    def openings(self) -> float | None:
        return float(sum(figure.value for figure in self.demand)) if self.demand else None

    @property
    def n_meeting(self) -> int | None:
        return self.supply and self.supply.n_meeting

    @property
    def n_expected(self) -> int | None:
        return self.supply and self.supply.n_expected

    @property
    def n_learners(self) -> int | None:
        """Those who meet the needs and those expected, added up and then rounded."""
        return self.supply and self.supply.n_learners

    @property
    def n_graduates(self) -> int | None:
        """None where no figure is loaded; they add nothing to the supply then."""
        return sum(figure.count for figure in self.graduates) if self.graduates else None

    @property
    def n_supply(self) -> int | None:
        """Everybody who can fill the role, or None before the first count."""
        return None if self.supply is None else self.supply.n_learners + (self.n_graduates or 0)

    @property
    def computed(self) -> float | None:
        """The shortage in [0, 1] from what was counted; None where openings or supply are unknown."""
        if self.openings is None or self.n_supply is None:
            return None
        return max(0.0, self.openings - self.n_supply) / self.openings if self.openings else 0.0

    @property
    def shortage(self) -> float | None:
        """The officer's figure where there is one, else the computed one."""
        return self.override.shortage if self.override else self.computed

    @property
    def is_synthetic(self) -> bool:
        """Whether synthetic openings, graduates or learners had a part in what was counted."""
        counted = (self.supply,) if self.supply else ()
        return any(one.is_synthetic for one in (*self.demand, *self.graduates, *counted))


def role_shortages(only=None) -> dict[int, RoleShortage]:
    """The shortage of every role by its id, or of the roles with the ids `only`; five queries.

    As of the latest openings, with all periods beside.
    """
    return {role: _of_role(role, figures) for role, figures in read_figures(only).items()}


class SkillShortages(NamedTuple):
    """Of skills, each an ndarray of shape (n,).

    share : float64 in [0, 1], nan where unknown
    is_synthetic : bool, whether synthetic openings, graduates or learners had a part in it
    """

    share: np.ndarray
    is_synthetic: np.ndarray


def skill_shortages(skill_ids, of_roles=None) -> SkillShortages:
    """The shortage of skills: the mean over the roles that need them, weighted by openings x importance.

    A role with an officer's figure but without openings counts as if it had the mean openings of the roles
    whose openings are known, so that the figure reaches its skills.

    Parameters
    ----------
    skill_ids : int64 ndarray of shape (n,)
    of_roles : RoleShortage of every role by its id; by default read anew

    Returns
    -------
    SkillShortages. A share is unknown where no role that needs the skill has a known shortage, and 0 where
    those roles have no openings at all. Six queries, however many skills.
    """
    skill_ids = np.asarray(skill_ids, dtype=np.int64)
    weighed = _weighed(role_shortages() if of_roles is None else of_roles)
    needs = RoleSkill.objects.filter(role__in=weighed).values_list("skill_id", "role_id", "importance")
    rows = [(skill, importance, *weighed[role]) for skill, role, importance in needs]
    skills, importance, openings, shortage, synthetic = np.array(rows, dtype=np.float64).reshape(-1, 5).T
    ids, place = np.unique(skills.astype(np.int64), return_inverse=True)
    weights = np.bincount(place, openings * importance, ids.size)
    sums = np.bincount(place, openings * importance * shortage, ids.size)
    means = np.clip(np.divide(sums, weights, out=np.zeros(ids.size), where=weights > 0), 0, 1)
    is_synthetic = np.bincount(place, synthetic, ids.size) > 0
    found = dict(zip(ids.tolist(), zip(means.tolist(), is_synthetic.tolist(), strict=True), strict=True))
    asked = [found.get(skill, (np.nan, False)) for skill in skill_ids.tolist()]
    share, was_synthetic = np.array(asked, dtype=np.float64).reshape(-1, 2).T
    return SkillShortages(share, was_synthetic > 0)


def _weighed(found):
    """{role id: (openings, shortage, whether synthetic)} of the roles whose shortage is known."""
    loaded = [one for one in found.values() if one.openings is not None]
    # Where nobody has openings, importance alone decides.
    usual = sum(one.openings for one in loaded) / max(1, len(loaded)) or 1.0
    is_usual_synthetic = any(one.is_synthetic for one in loaded)
    return {
        role: (
            usual if one.openings is None else one.openings,
            one.shortage,
            one.is_synthetic or (one.openings is None and is_usual_synthetic),
        )
        for role, one in found.items()
        if one.shortage is not None
    }


def _of_role(role, figures):
    """As of the latest openings and in each period, each in all sectors together and in each of them."""
    overridden = {place for place, of_place in figures.overrides.items() if "" in of_place}
    places = set(figures.openings) | overridden
    sectors = sorted((figures.sectors[place] for place in places - {None}), key=str)
    return replace(
        _latest(role, figures, None),
        sectors=tuple(_latest(role, figures, sector) for sector in sectors),
        periods=tuple(_in_period(role, figures, period) for period in in_order(figures.periods)),
    )


def _in_period(role, figures, period):
    sectors = (_within(role, figures, sector, period) for sector in figures.sectors_in(period))
    return replace(_within(role, figures, None, period), sectors=tuple(sectors))


def _latest(role, figures, sector):
    demand = figures.latest_openings(sector and sector.pk)
    period = ", ".join(dict.fromkeys(figure.period for figure in demand))
    return _at(role, figures, sector, period, demand, is_current=True)


def _within(role, figures, sector, period):
    place = sector and sector.pk
    demand = figures.openings_in(place, period)
    is_current = bool(demand) and demand == figures.latest_openings(place)
    return _at(role, figures, sector, period, demand, is_current)


def _at(role, figures, sector, period, demand, is_current):
    place = sector and sector.pk
    count = figures.last_count(place) if is_current else figures.count_at_end(place, period)
    overrides = figures.overrides.get(place, {})
    return RoleShortage(
        role_id=role,
        sector=sector,
        period=period,
        is_current=is_current,
        demand=tuple(demand),
        postings=tuple(figures.postings.get(place, {}).get(period, ())),
        supply=count and PublicSupply(count),
        graduates=tuple(figures.graduates_beside(place, period, demand)),
        override=overrides.get(period) or (overrides.get("") if is_current else None),
    )
