"""The shortage over several periods as a small chart; a table beside it has the figures."""

from dataclasses import dataclass
from itertools import groupby

WIDTH, HEIGHT = 320, 140
LEFT, RIGHT, TOP, BOTTOM = 24, 296, 24, 112
# Longer words do not fit under a point: the month in which the period ends stands for them.
LONGEST_LABEL = 8


@dataclass(frozen=True)
class Mark:
    """A period; `y` and `percent` are None where its shortage is unknown."""

    x: int
    y: int | None
    percent: int | None
    label: str
    is_current: bool


@dataclass(frozen=True)
class Trend:
    """Marks in the order of time, and lines between neighbours that are known."""

    marks: list[Mark]
    is_synthetic: bool

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = LEFT, RIGHT, TOP, BOTTOM

    @property
    def lines(self):
        runs = (list(run) for known, run in groupby(self.marks, lambda mark: mark.y is not None) if known)
        return [" ".join(f"{mark.x},{mark.y}" for mark in run) for run in runs if len(run) > 1]


def trend_of(periods):
    """The chart of `ShownShortage`s of one place; None unless the shortages of two periods are known.

    It goes from the first to the last known one; periods whose end is unknown have no place in time.
    """
    placed = [one for one in periods if one.counted.ends_on]
    known = [number for number, one in enumerate(placed) if one.percent is not None]
    if len(known) < 2:
        return None
    drawn = placed[known[0] : known[-1] + 1]
    return Trend(
        marks=[_mark(one, number / (len(drawn) - 1)) for number, one in enumerate(drawn)],
        is_synthetic=any(one.is_synthetic for one in drawn),
    )


def _mark(one, share):
    period, percent = one.counted.period, one.percent
    return Mark(
        x=round(LEFT + share * (RIGHT - LEFT)),
        y=None if percent is None else round(BOTTOM - percent / 100 * (BOTTOM - TOP)),
        percent=percent,
        label=period if len(period) <= LONGEST_LABEL else f"{one.counted.ends_on:%Y-%m}",
        is_current=one.counted.is_current,
    )
