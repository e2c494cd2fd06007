"""How short the city is of people for each role, and through the roles of each skill.

shortage = max(0, openings - supply) / openings, with supply = learners who meet the role's needs + those
expected from courses under way + graduates. Openings are loaded, never guessed: without them the shortage is
unknown, not zero. Everything is read and nothing written; the supply was counted before (`RoleSupply`).
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

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
    period : of the latest openings, in the words of their source; "" where there are none, and with commas
        between them where the latest of its sectors are of several
    demand : the figures whose sum the openings are: the latest of a role as a whole, whatever its sectors
        have, or else the latest of each sector
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
    """Openings are the latest of the whole role, which hold those of its sectors, or else of each sector."""
    latest = {}
    for figure in sorted(openings, key=_age):
        latest[figure.sector] = figure
    whole = [latest[None]] if None in latest else sorted(latest.values(), key=_age)
    sectors = set(latest) | {override.sector for rows in overrides.values() for override in rows}
    of_sectors = [
        _at(role, sector, [latest[sector]] if sector in latest else [], graduates, supply, overrides)
        for sector in sorted(sectors - {None}, key=str)
    ]
    return replace(_at(role, None, whole, graduates, supply, overrides), sectors=tuple(of_sectors))


def _at(role, sector, demand, graduates, supply, overrides):
    place = sector and sector.pk
    return RoleShortage(
        role_id=role,
        sector=sector,
        period=", ".join(dict.fromkeys(figure.period for figure in demand)),
        demand=tuple(demand),
        supply=next(iter(supply[place]), None),
        graduates=tuple(_set_against(demand, place, graduates)),
        override=next(iter(overrides[place]), None),
    )


def _set_against(demand, place, graduates):
    """Graduates of the period of the openings; where none are of the whole role, those of its sectors."""
    if not demand:
        return []
    newest = demand[-1].period
    here = [figure for figure in graduates[place] if figure.period == newest]
    if here or place is not None:
        return here
    periods = {figure.sector_id: figure.period for figure in demand}
    return [
        figure
        for sector, figures in graduates.items()
        for figure in figures
        if figure.period == periods.get(sector, newest)
    ]
