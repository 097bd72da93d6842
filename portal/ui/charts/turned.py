"""A waterfall turned on its side, a row a step: for where there is no room for columns beside each other."""

from __future__ import annotations

from portal.ui.charts.data import Point
from portal.ui.charts.drawing import Drawing, Pen, box_steps
from portal.ui.charts.frame import ticks_of
from portal.ui.charts.numbers import Scale, number
from portal.ui.charts.waterfall import WaterfallChart, covered, keys_of, table_of, texts_of, tone_of, ways_of
from portal.ui.charts.words import ENGLISH, LINE, Words, breadth, wrapped

_WIDTH = 320
_EDGE, _HIGH, _GAP = 2, 16, 12
#: Of a row's breadth, what its value may take.
_VALUE = 0.4


def draw_turned(chart: WaterfallChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing: each step's name and value, and its bar below them."""
    pen = Pen()
    ways, texts = ways_of(chart), texts_of(chart)
    scale, _ticks = ticks_of(chart.axis, covered(ways))
    along = Scale(scale.low, scale.high, _EDGE, _WIDTH - _EDGE)
    steps: dict[str, list[str]] = {"col": [], "cut": [], "up": [], "down": [], "cl": []}
    base, last = 0.0, len(ways) - 1
    for at, (point, text, (before, after)) in enumerate(
        zip((chart.start, *chart.parts, chart.end), texts, ways, strict=True)
    ):
        top = base
        base = _words(pen, point, text, base)
        if at in {0, last}:
            _total(steps, along, base, after)
        else:
            _part(steps, along, base, before, after)
        pen.link(point.href, words.said(point.label, text), 0, top, _WIDTH, base + _HIGH - top)
        base += _HIGH + _GAP
    for kind, found in steps.items():
        tone = tone_of(chart, kind) if kind in {"up", "down"} else ""
        pen.path(f"{kind}{tone}", "".join(found))
    if along.low <= 0 <= along.high:
        pen.upright("base", 0, base - _GAP, [along(0.0)])
    return pen.done(_WIDTH, base - _GAP + _EDGE, keys_of(chart, words), [table_of(chart, texts, words)])


def _words(pen: Pen, point: Point, text: str, top: float) -> float:
    """The step's name, in two lines at the most, and its value; where its bar begins."""
    (value,) = wrapped(text, _WIDTH * _VALUE, 1) or ("",)
    lines = wrapped(point.label, _WIDTH - 2 * _EDGE - breadth(value) - 12, 2)
    pen.texts("ax", "", [(_EDGE, top + LINE * (at + 1), line) for at, line in enumerate(lines)])
    pen.text("val", _WIDTH - _EDGE, top + LINE, value, "end")
    return top + max(len(lines), 1) * LINE + 6


def _total(steps: dict[str, list[str]], along: Scale, top: float, value: float) -> None:
    """A bar from zero, cut across where the axis does not begin there."""
    foot, tip = along(0.0), along(value)
    steps["col"].append(box_steps(min(foot, tip), top, abs(tip - foot), _HIGH))
    if not along.low <= 0 <= along.high:
        into = min(15.0, abs(tip - foot) / 2)
        x = foot + (into if along.low > 0 else -into) - 3
        steps["cut"].append(f"M{number(x)} {number(top + _HIGH + 2)}l6-{number(_HIGH + 4)}")


def _part(steps: dict[str, list[str]], along: Scale, top: float, before: float, after: float) -> None:
    """A bar with a point in its direction."""
    tail, tip = along(before), along(after)
    if before == after:
        steps["cl"].append(f"M{number(tail)} {number(top)}v{number(_HIGH)}")
        return
    point = min(6.0, abs(tail - tip)) * (1 if tail > tip else -1)
    shoulder, foot = number(tip + point), number(top + _HIGH)
    way = "up" if after > before else "down"
    steps[way].append(
        f"M{number(tail)} {number(top)}H{shoulder}L{number(tip)} {number(top + _HIGH / 2)} {shoulder} {foot}H{number(tail)}z"
    )
