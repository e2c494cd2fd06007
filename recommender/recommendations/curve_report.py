"""A run's trade-off curve for people: a chart, and the same figures as a table."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from recommender.recommendations.reports import figure
from recommender.skills.numbers import rounded

# Of the chart, in units of its view box.
WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 20, 50


@dataclass(frozen=True)
class Mark:
    """A figure on an axis, or a weight on the curve, and where it stands."""

    x: float
    y: float
    text: str
    in_force: bool = False


@dataclass(frozen=True)
class Chart:
    """Accuracy upwards, gap closed to the right.

    line : points of the curve as SVG writes them
    bound : height of the least accuracy that the chosen weight may leave
    """

    line: str
    marks: list[Mark]
    across: list[Mark]
    upwards: list[Mark]
    bound: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def curve_chart(curve, weight):
    """The chart of a curve and the weight in force; None where a run drew no curve."""
    if not curve:
        return None
    points = curve["points"]
    bound = (1 - curve["most_given_up"]) * max(point["ndcg"] for point in points)
    x_of = _Scale([point["gap_closed"] for point in points], LEFT, WIDTH - RIGHT)
    y_of = _Scale([bound, *(point["ndcg"] for point in points)], HEIGHT - BOTTOM, TOP)
    marks = [
        Mark(
            x=x_of(point["gap_closed"]),
            y=y_of(point["ndcg"]),
            text=rounded(point["w"], 2),
            in_force=_is(point["w"], weight),
        )
        for point in points
    ]
    return Chart(
        line=" ".join(f"{mark.x},{mark.y}" for mark in marks),
        marks=marks,
        across=[Mark(x_of(value), HEIGHT - BOTTOM, figure(value)) for value in x_of.ends],
        upwards=[Mark(LEFT, y_of(value), figure(value)) for value in y_of.ends],
        bound=y_of(bound),
    )


def curve_table(curve, weight):
    """The figures of a curve, with the weight in force and the chosen one named; None where there is none."""
    if not curve:
        return None
    first = curve["points"][0]
    rows = [
        [
            rounded(point["w"], 2),
            figure(point["ndcg"]),
            _share(point["ndcg"], first["ndcg"]),
            rounded(point["gap_closed"], 4),
            _share(point["gap_closed"], first["gap_closed"]),
            ", ".join(_names(point["w"], weight, curve["chosen"])),
        ]
        for point in curve["points"]
    ]
    headers = [
        _("Weight of the shortage"),
        f"NDCG@{curve['k']}",
        _("Of that without weight"),
        _("Gap closed per recommendation"),
        _("Of that without weight"),
        _("Note"),
    ]
    return {"headers": headers, "rows": rows}


class _Scale:
    """A linear scale from figures to places between `start` and `end`."""

    def __init__(self, values, start, end):
        self.ends = min(values), max(values)
        self.start, self.end = start, end

    def __call__(self, value):
        low, high = self.ends
        return round(self.start + (value - low) / ((high - low) or 1) * (self.end - self.start), 1)


def _share(value, of):
    return f"{rounded(100 * value / of, 1)}%" if of else "–"


def _names(w, in_force, chosen):
    if _is(w, in_force):
        yield _("in force")
    if _is(w, chosen):
        yield _("chosen by the curve")


def _is(w, weight):
    return weight is not None and abs(w - weight) < 1e-6
