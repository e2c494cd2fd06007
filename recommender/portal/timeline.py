"""The timeline of a pathway, as bars in parts of 100 of its width."""

from dataclasses import dataclass

ROW = 4


@dataclass(frozen=True)
class Bar:
    """A spell of learning."""

    x: float
    y: int
    width: float


def bars_of(steps, starts_on, ends_on):
    """The bars of a pathway, a row for each step.

    Parameters
    ----------
    steps : list of the spells of each step, each (first day, day after the last), in days since `starts_on`
    """
    days = max(1, (ends_on - starts_on).days + 1)
    return [
        Bar(round(100 * first / days, 2), place * ROW + 1, round(100 * (last - first) / days, 2))
        for place, spells in enumerate(steps)
        for first, last in spells
    ]
