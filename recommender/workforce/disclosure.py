"""What the public is told of how many learners can fill a role: nothing that singles anybody out.

Counts of learners are rounded to tens before anything is worked out from them, so that no share, sum or
difference between a role and its sectors leads back to them. Figures from published sources stay exact, and
so does all that officers see.
"""

from dataclasses import replace

from recommender.workforce.models import RoleSupply
from recommender.workforce.shortage import RoleShortage, role_shortages

ROUNDED_TO = 10
FEW = 5  # stands for 1 to 9
COUNTS = ("n_meeting", "n_expected", "n_synthetic_meeting", "n_synthetic_expected")


def public_shortages(only=None) -> dict[int, RoleShortage]:
    """What `role_shortages` gives, from rounded counts of learners; as many queries."""
    return {role: disclosed(found) for role, found in role_shortages(only).items()}


def disclosed(found: RoleShortage) -> RoleShortage:
    """The shortage of a role, and in its sectors and periods, from rounded counts of learners."""
    return replace(
        found,
        supply=found.supply and _rounded_supply(found.supply),
        sectors=tuple(disclosed(one) for one in found.sectors),
        periods=tuple(disclosed(one) for one in found.periods),
    )


def rounded(count: int) -> int:
    """To the nearest ten; 1 to 9 are `FEW`, and 0 is 0."""
    return FEW if 0 < count < ROUNDED_TO else (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def _rounded_supply(supply):
    return RoleSupply(
        role_id=supply.role_id,
        sector_id=supply.sector_id,
        counted_at=supply.counted_at,
        **{name: rounded(getattr(supply, name)) for name in COUNTS},
    )
