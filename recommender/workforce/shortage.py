"""How short the city is of people for each role, and through the roles of each skill.

shortage = max(0, openings - supply) / openings, with supply = learners who meet the role's needs + those
expected from courses under way + graduates. Openings are loaded, never guessed: without them the shortage is
unknown, not zero. Everything is read and nothing written; the supply was counted before (`RoleSupply`).
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from recommender.workforce.models import (
    Demand,
    Graduates,
    Role,
    RoleSkill,
    RoleSupply,
    Sector,
    ShortageOverride,
)


@dataclass(frozen=True)
class RoleShortage:
    """The shortage of a role, in all sectors together or in one, with what was counted for it.

    sector : None for all sectors together
    period : the latest with openings, in the words of their source; "" where there are none
    demand : the figures whose sum the openings are; those of a role as a whole, or else of its sectors
    supply : what was counted last, or None where nothing was
    graduates : the figures of the same period, those of the role as a whole or else of its sectors
    override : the officer's figure in force, or None
    sectors : the same for each sector that has openings or an override of its own; () inside a sector
    """

    role_id: int
    sector: Sector | None
    period: str = ""
    demand: tuple[Demand, ...] = ()
    supply: RoleSupply | None = None
    graduates: tuple[Graduates, ...] = ()
    override: ShortageOverride | None = None
    sectors: tuple["RoleShortage", ...] = ()

    def of(self, sector_id) -> "RoleShortage":
        """In a sector, or in all for None. Raises KeyError where the sector has no own figures."""
        return {None: self, **{one.sector.pk: one for one in self.sectors}}[sector_id]

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
    def n_synthetic(self) -> int:
        """How many of the learners counted are synthetic."""
        return self.supply.n_synthetic_meeting + self.supply.n_synthetic_expected if self.supply else 0

    @property
    def n_graduates(self) -> int | None:
        """None where no figure is loaded; they add nothing to the supply then."""
        return sum(figure.count for figure in self.graduates) if self.graduates else None

    @property
    def n_supply(self) -> int | None:
        """Everybody who can fill the role, or None before the first count."""
        if self.supply is None:
            return None
        return self.supply.n_meeting + self.supply.n_expected + (self.n_graduates or 0)

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
        return self.n_synthetic > 0 or any(one.is_synthetic for one in (*self.demand, *self.graduates))


def role_shortages(only=None) -> dict[int, RoleShortage]:
    """The shortage of every role by its id, or of the roles with the ids `only`; five queries."""
    roles = Role.objects.all() if only is None else Role.objects.filter(pk__in=only)
    of_roles = {} if only is None else {"role__in": only}
    openings = _openings(of_roles)
    graduates = _by_place(Graduates.objects.filter(**of_roles).select_related("sector").order_by("pk"))
    supply = _by_place(RoleSupply.objects.filter(**of_roles))
    overrides = _by_place(ShortageOverride.objects.filter(**of_roles).select_related("sector"))
    return {
        role: _of_role(role, openings[role], graduates[role], supply[role], overrides[role])
        for role in roles.order_by("pk").values_list("pk", flat=True)
    }


def skill_shortages(skill_ids) -> np.ndarray:
    """The shortage of skills: the mean over the roles that need them, weighted by openings x importance.

    Parameters
    ----------
    skill_ids : int64 ndarray of shape (n,)

    Returns
    -------
    float64 ndarray of shape (n,), in [0, 1]; nan where no role that needs the skill has both known openings
    and a known shortage, 0 where those roles have no openings at all. Six queries, however many skills.
    """
    skill_ids = np.asarray(skill_ids, dtype=np.int64)
    known = {
        role: (found.openings, found.shortage)
        for role, found in role_shortages().items()
        if found.openings is not None and found.shortage is not None
    }
    needs = RoleSkill.objects.filter(role__in=known).values_list("skill_id", "role_id", "importance")
    rows = [(skill, importance, *known[role]) for skill, role, importance in needs]
    skills, importance, openings, shortage = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    ids, place = np.unique(skills.astype(np.int64), return_inverse=True)
    weights = np.bincount(place, openings * importance, ids.size)
    sums = np.bincount(place, openings * importance * shortage, ids.size)
    means = np.divide(sums, weights, out=np.zeros(ids.size), where=weights > 0)
    by_skill = dict(zip(ids.tolist(), np.clip(means, 0, 1).tolist(), strict=True))
    return np.array([by_skill.get(skill, np.nan) for skill in skill_ids.tolist()], dtype=np.float64)


def skills_with_synthetic_shortage(skill_ids) -> set[int]:
    """Those of the skills in whose shortage synthetic openings or learners had a part; six queries."""
    synthetic = [
        role
        for role, found in role_shortages().items()
        if found.is_synthetic and found.openings is not None and found.shortage is not None
    ]
    needs = RoleSkill.objects.filter(role__in=synthetic, skill__in=skill_ids)
    return set(needs.order_by().values_list("skill_id", flat=True))


def _openings(of_roles):
    """Openings by role, sector and period: of several sources for the same, the newest."""
    figures = Demand.objects.filter(measure=Demand.Measure.OPENINGS, role__isnull=False, **of_roles)
    newest = {}
    for figure in sorted(figures.select_related("sector"), key=_age):
        newest[figure.role_id, figure.sector_id, figure.period] = figure
    openings = defaultdict(list)
    for figure in newest.values():
        openings[figure.role_id].append(figure)
    return openings


def _age(figure):
    """Sorts figures, the newest last; a source without a date counts as the oldest."""
    return figure.source_date or date.min, figure.pk


def _by_place(rows):
    """{role id: {sector id or None: rows}}; where there are no rows, nothing."""
    places = defaultdict(lambda: defaultdict(list))
    for row in rows:
        places[row.role_id][row.sector_id].append(row)
    return places


def _of_role(role, openings, graduates, supply, overrides):
    sectors = {figure.sector for figure in openings}
    sectors |= {override.sector for rows in overrides.values() for override in rows}
    of_sectors = [
        _at(role, sector, [one for one in openings if one.sector == sector], graduates, supply, overrides)
        for sector in sorted(sectors - {None}, key=str)
    ]
    return replace(_at(role, None, openings, graduates, supply, overrides), sectors=tuple(of_sectors))


def _at(role, sector, openings, graduates, supply, overrides):
    place = sector and sector.pk
    period = max(openings, key=_age).period if openings else ""
    demand = [figure for figure in openings if figure.period == period]
    of_period = {
        at: [figure for figure in figures if figure.period == period] for at, figures in graduates.items()
    }
    if sector is None:
        # A figure of the whole role holds those of its sectors already.
        demand = [figure for figure in demand if figure.sector is None] or demand
        of_period[None] = of_period.get(None) or [one for figures in of_period.values() for one in figures]
    return RoleShortage(
        role_id=role,
        sector=sector,
        period=period,
        demand=tuple(demand),
        supply=next(iter(supply[place]), None),
        graduates=tuple(of_period.get(place, ())),
        override=next(iter(overrides[place]), None),
    )
