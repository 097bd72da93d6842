"""Waterfall: from where a figure was, through what moved it, to where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Literal

from portal.ui.charts.bars import bar_width
from portal.ui.charts.data import PLAIN, Axis, Chart, Point
from portal.ui.charts.drawing import Drawing, Key, Pen, Table, box_steps
from portal.ui.charts.formats import signed
from portal.ui.charts.frame import Frame, draw_grid, draw_names, draw_titles, framed, head_room, kept_in
from portal.ui.charts.numbers import number
from portal.ui.charts.words import ENGLISH, Words

_EXACT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallChart(Chart):
    """Start, parts and end; raises ValueError unless the parts lead exactly from the start to the end.

    `better` says whether a rise is good ("up"), bad ("down") or neither (""). A part without text is written by `part_form`.
    """

    start: Point
    parts: tuple[Point, ...]
    end: Point
    axis: Axis = PLAIN
    part_form: Callable[[float], str] = signed
    better: Literal["up", "down", ""] = ""
    height: int = 220

    def __post_init__(self) -> None:
        known = [point.value for point in (self.start, *self.parts, self.end) if point.value is not None]
        if len(known) != len(self.parts) + 2:
            raise ValueError("A waterfall has no gaps.")
        reached = sum(known[:-1])
        if abs(reached - known[-1]) > _EXACT * max(1.0, *(abs(value) for value in known)):
            raise ValueError(f"The parts lead to {reached!r}, not to {known[-1]!r}.")


def draw_waterfall(chart: WaterfallChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    points = (chart.start, *chart.parts, chart.end)
    ways = ways_of(chart)
    frame = framed(
        chart.axis, covered(ways), width=chart.width, top=head_room(chart.axis.title, 0) + 18, height=chart.height,
        count=len(points), slots=True,
    )  # fmt: skip
    draw_grid(pen, frame)
    broad = bar_width(frame)
    _draw_totals(pen, frame, broad, ways)
    _draw_parts(pen, frame, broad, chart, ways)
    for at, (_before, after) in enumerate(ways[:-1]):
        pen.across("link", frame.x(at) + broad / 2, frame.x(at + 1) - broad / 2, [frame.up(after)])
    texts = texts_of(chart)
    pen.texts(
        "val",
        "middle",
        [(kept_in(frame.x(at), text, frame.width), _above(frame, ways, at) - 6, text) for at, text in enumerate(texts)],
    )
    base = frame.bottom + draw_names(pen, frame, [point.label for point in points], 3)
    foot = draw_titles(pen, frame, chart.axis.title, "", base)
    for at, (point, text) in enumerate(zip(points, texts, strict=True)):
        left, right = frame.reach(at, at)
        pen.link(point.href, words.said(point.label, text), left, frame.top, right - left, frame.bottom - frame.top)
    return pen.done(chart.width, base + foot, keys_of(chart, words), [table_of(chart, texts, words)])


def keys_of(chart: WaterfallChart, words: Words) -> list[Key]:
    """What its bars mean."""
    return [Key(f"up{tone_of(chart, 'up')}", words.rise), Key(f"down{tone_of(chart, 'down')}", words.fall)]


def table_of(chart: WaterfallChart, texts: Sequence[str], words: Words) -> Table:
    """Every step, to be read."""
    points = (chart.start, *chart.parts, chart.end)
    rows = tuple((point.label, text, point.signal) for point, text in zip(points, texts, strict=True))
    head = (words.item, chart.axis.title or words.value, words.note)
    said = any(point.signal for point in points)
    return Table(head, rows) if said else Table(head[:2], tuple(row[:2] for row in rows))


def ways_of(chart: WaterfallChart) -> list[tuple[float, float]]:
    """From where to where each step goes; totals go from zero."""
    first = chart.start.value or 0.0
    reached = list(accumulate((part.value or 0.0 for part in chart.parts), initial=first))
    return [(0.0, first), *pairwise(reached), (0.0, chart.end.value or 0.0)]


def covered(ways: Sequence[tuple[float, float]]) -> list[float]:
    """What the axis covers: with zero, unless the parts would be too small to be seen."""
    found = [value for way in ways[1:-1] for value in way] + [ways[0][1], ways[-1][1]]
    least, most = min(found), max(found)
    near = max(abs(least), abs(most))
    return found if least * most > 0 and most - least < near / 2 and most > least else [*found, 0.0]


def _draw_totals(pen: Pen, frame: Frame, broad: float, ways: Sequence[tuple[float, float]]) -> None:
    """Start and end as bars; cut across where the axis does not begin at zero."""
    foot = frame.up(0.0)
    steps = []
    for at in (0, len(ways) - 1):
        y = frame.up(ways[at][1])
        steps.append(box_steps(frame.x(at) - broad / 2, min(y, foot), broad, abs(foot - y)))
    pen.path("col", "".join(steps))
    if not frame.up.low <= 0 <= frame.up.high:
        y = frame.bottom - 12 if frame.up.low > 0 else frame.top + 12
        cuts = [
            f"M{number(frame.x(at) - broad / 2 - 3)} {number(y)}l{number(broad + 6)}-6" for at in (0, len(ways) - 1)
        ]
        pen.path("cut", "".join(cuts))


def _draw_parts(
    pen: Pen, frame: Frame, broad: float, chart: WaterfallChart, ways: Sequence[tuple[float, float]]
) -> None:
    """Parts as bars with a point in their direction."""
    steps: dict[str, list[str]] = {"up": [], "down": [], "cl": []}
    for at, (before, after) in enumerate(ways[1:-1], 1):
        tail, tip, left = frame.up(before), frame.up(after), frame.x(at) - broad / 2
        if before == after:
            steps["cl"].append(f"M{number(left)} {number(tail)}h{number(broad)}")
            continue
        steps["up" if after > before else "down"].append(_arrow(left, broad, tail, tip))
    for way in ("up", "down"):
        pen.path(f"{way}{tone_of(chart, way)}", "".join(steps[way]))
    pen.path("cl", "".join(steps["cl"]))


def _arrow(left: float, broad: float, tail: float, tip: float) -> str:
    """A bar from `tail` to `tip` with a shallow point at the tip."""
    point = min(6.0, abs(tail - tip)) * (1 if tail > tip else -1)
    shoulder, half, right = number(tip + point), number(left + broad / 2), number(left + broad)
    return f"M{number(left)} {number(tail)}V{shoulder}L{half} {number(tip)} {right} {shoulder}V{number(tail)}z"


def tone_of(chart: WaterfallChart, way: str) -> str:
    """The class that says whether going `way` is good."""
    if not chart.better:
        return ""
    return " good" if chart.better == way else " bad"


def _above(frame: Frame, ways: Sequence[tuple[float, float]], at: int) -> float:
    before, after = ways[at]
    total = at in {0, len(ways) - 1}
    return min(frame.up(max(after, 0.0) if total else max(before, after)), frame.bottom)


def texts_of(chart: WaterfallChart) -> list[str]:
    """Each step's value in words."""
    return [
        chart.start.written(chart.axis.form, ""),
        *(part.written(chart.part_form, "") for part in chart.parts),
        chart.end.written(chart.axis.form, ""),
    ]
