"""What the tiers of a subsidy give back of a fee, in whole cents."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction


def subsidy_cents(fee_cents: int, tiers: Iterable[tuple[int, int]]) -> int:
    """What comes back of a fee; the sum is exact and only then cut down to a whole cent.

    Parameters
    ----------
    fee_cents : int, 0 or more; of several courses claimed together, their sum
    tiers : (percent, cents left) of each, in the order in which they are used up: the percentage of the fee,
        until the tier has paid what it has left
    """
    rest, subsidy = Fraction(fee_cents), Fraction(0)
    for percent, left in tiers:
        share = Fraction(percent, 100)
        paid = min(rest * share, Fraction(left))
        rest -= paid / share
        subsidy += paid
    return math.floor(subsidy)
