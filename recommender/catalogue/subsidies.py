"""What a scheme pays back of a fee, in whole cents, and which rule of a scheme holds on a day."""

from dataclasses import dataclass

from recommender.engine import subsidies as engine


@dataclass(frozen=True)
class Tier:
    """A part of a subsidy: `percent` (1 to 100) of the fee, until this part has paid `up_to_cents`."""

    percent: int
    up_to_cents: int


def subsidy_cents(fee_cents, tiers, used_cents=0):
    """What a scheme pays back of a fee.

    With the tiers (80%, 10,000) and (60%, 15,000) of the Continuing Education Fund, in dollars:
    A = min(0.8 fee, 10,000 - used in tier 1), B = min(0.6 (fee - A / 0.8), 15,000 - used in tier 2),
    subsidy = A + B.

    Parameters
    ----------
    fee_cents : int, 0 or more
    tiers : iterable of Tier, or of anything with its two fields, in the order in which they are used up
    used_cents : int, 0 or more, what earlier claims were paid; it uses up the first tier first

    Returns
    -------
    int, cents. The sum is exact and only then cut down to a whole cent, so that nobody is promised more than
    the rule gives. Two claims one after the other thus bring what one claim for both fees would; a cent less
    where the first was cut.

    Raises ValueError for a negative fee or use.
    """
    if fee_cents < 0 or used_cents < 0:
        raise ValueError(f"Neither fee nor use may be negative: {fee_cents}, {used_cents}.")
    return engine.subsidy_cents(fee_cents, left_of(tiers, used_cents))


def left_of(tiers, used_cents):
    """(percent, cents left) of each tier once earlier claims have used up the first ones."""
    left = []
    for tier in tiers:
        used = min(used_cents, tier.up_to_cents)
        used_cents -= used
        left.append((tier.percent, tier.up_to_cents - used))
    return left


def rule_on(scheme, day):
    """The rule of a scheme for courses that start on a day, or None where none is known.

    Reads `scheme.rules`, so that prefetched rules cost no query.
    """
    return next((rule for rule in scheme.rules.all() if rule.holds_on(day)), None)
