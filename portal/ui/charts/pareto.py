"""Pareto: what makes up most of the whole, and the share reached so far."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from portal.ui.charts.bars import draw_columns
from portal.ui.charts.data import Axis, Chart, Point
from portal.ui.charts.drawing import Drawing, Key, Pen, Table, line_steps
from portal.ui.charts.formats import percent, plain, whole_percent
from portal.ui.charts.frame import Frame, draw_grid, draw_names, draw_nothing, draw_titles, framed, head_room
from portal.ui.charts.numbers import Scale, checked
from portal.ui.charts.words import ENGLISH, Words, breadth

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_AMOUNTS: Final = Axis(form=plain, low=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoChart(Chart):
    """Amounts, the largest first (what is left over may stand last); a line shows the share up to each.

    `most` is the share that the reading looks for; where the line reaches it, a diamond stands.
    """

    points: tuple[Point, ...]
    axis: Axis = _AMOUNTS
    most: float | None = 0.8
    along: str = ""
    height: int = 220

    def __post_init__(self) -> None:
        if any(point.value is None or point.value < 0 for point in self.points):
            raise ValueError("A Pareto chart has amounts from zero on, and no gaps.")
        if self.most is not None and not 0 < checked(self.most) <= 1:
            raise ValueError("The share to look for is more than 0 and at most 1.")


def shares(points: tuple[Point, ...]) -> list[float]:
    """The share up to each point, of the whole; zeros if there is no whole."""
    reached = list(accumulate(point.value or 0.0 for point in points))
    whole = reached[-1] if reached else 0.0
    return [min(value / whole, 1.0) if whole > 0 else 0.0 for value in reached]


def draw_pareto(chart: ParetoChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    values = [0.0, *(point.value for point in chart.points if point.value is not None)]
    frame = framed(
        chart.axis, values, width=chart.width, top=head_room(chart.axis.title, 0), height=chart.height,
        count=len(chart.points), right=["100%"], slots=True,
    )  # fmt: skip
    found = shares(chart.points)
    draw_grid(pen, frame)
    draw_columns(pen, frame, chart.points)
    pen.across("base", frame.left, frame.right, [frame.bottom])
    _draw_shares(pen, frame, chart, found)
    if not chart.points:
        draw_nothing(pen, frame, words)
    base = frame.bottom + draw_names(pen, frame, [point.label for point in chart.points])
    foot = draw_titles(pen, frame, chart.axis.title, chart.along, base)
    for at, point in enumerate(chart.points):
        left, right = frame.reach(at, at)
        name = words.said(point.label, point.written(chart.axis.form, words.gap), percent(found[at]))
        pen.link(point.href, name, left, frame.top, right - left, frame.bottom - frame.top)
    rows = [
        (point.label, point.written(chart.axis.form, words.gap), percent(found[at]))
        for at, point in enumerate(chart.points)
    ]
    table = Table((chart.along or words.item, chart.axis.title or words.value, words.share), tuple(rows))
    keys = [Key("col", chart.axis.title or words.value), Key("cum", words.share)]
    return pen.done(chart.width, base + foot, keys, [table])


def _draw_shares(pen: Pen, frame: Frame, chart: ParetoChart, found: list[float]) -> None:
    """The line of shares with its own axis at the right."""
    up = Scale(0, 1, frame.bottom, frame.top)
    pen.texts("ax", "", [(frame.right + 8, up(share) + 4, whole_percent(share)) for share in _SHARES])
    places = [(frame.x(at), up(share)) for at, share in enumerate(found)]
    pen.path("data", line_steps(places))
    pen.dots("dots", places)
    if chart.most is None:
        return
    pen.across("lim", frame.left, frame.right, [up(chart.most)])
    reached = next((at for at, share in enumerate(found) if share >= chart.most), None)
    if reached is not None:
        x, y = places[reached]
        text = whole_percent(found[reached])
        pen.diamond(x, y, 5)
        pen.text("sig-t", x, max(y - 9, 12), text, "middle" if x + breadth(text) / 2 < frame.width else "end")
