"""Funnel: a rate against the number behind it, with the limits that chance alone explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from portal.ui.charts.data import Axis, Point, Targeted
from portal.ui.charts.drawing import Drawing, Key, Pen, Table, line_steps
from portal.ui.charts.formats import whole
from portal.ui.charts.frame import (
    Frame,
    Level,
    draw_grid,
    draw_nothing,
    draw_titles,
    framed,
    head_room,
    kept_in,
    level_words,
    ticks_of,
)
from portal.ui.charts.layout import Box, Room, along
from portal.ui.charts.line import signal_keys, target_level
from portal.ui.charts.numbers import Scale, checked
from portal.ui.charts.words import ENGLISH, Words, shortened

_HIT = 12.0
_CONTACTS: Final = Axis(form=whole)


@dataclass(frozen=True, slots=True)
class Limit:
    """A pair of limits: (n, lower, upper) for rising n. The caller says how wide: "95%"."""

    name: str
    curve: tuple[tuple[float, float, float], ...]

    def __post_init__(self) -> None:
        for step in self.curve:
            for value in step:
                checked(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelChart(Targeted):
    """Points with a value and `sizes` of the same order; up to two pairs of limits, the narrower first."""

    points: tuple[Point, ...]
    sizes: tuple[float, ...]
    centre: float | None = None
    limits: tuple[Limit, ...] = ()
    size_axis: Axis = _CONTACTS
    height: int = 300

    def __post_init__(self) -> None:
        Targeted.__post_init__(self)
        if len(self.sizes) != len(self.points):
            raise ValueError("A funnel has one size for each point.")
        if any(checked(size) < 0 for size in self.sizes) or len(self.limits) > 2:
            raise ValueError("A funnel has sizes from zero on, and at most two pairs of limits.")
        if self.centre is not None:
            checked(self.centre)


@dataclass(frozen=True, slots=True)
class _Spot:
    point: Point
    size: float
    x: float
    y: float


def draw_funnel(chart: FunnelChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    levels = _levels(chart, words)
    frame = framed(
        chart.axis, _values(chart), width=chart.width, top=head_room(chart.axis.title, 0), height=chart.height, count=1,
        right=[level.text for level in levels],
    )  # fmt: skip
    scale, sizes = ticks_of(chart.size_axis, [0.0, *chart.sizes], 8)
    across = Scale(scale.low, scale.high, frame.left, frame.right - 12)
    draw_grid(pen, frame)
    lines: list[Box] = []
    for at, limit in enumerate(chart.limits):
        lines += _draw_limit(pen, frame, across, limit, "lim2" if at else "lim")
    pen.across("cl", frame.left, frame.right, [frame.up(chart.centre)] if chart.centre is not None else [])
    pen.across("tgt", frame.left, frame.right, [frame.up(chart.target)] if chart.target is not None else [])
    room = frame.room()
    room.lines = lines
    level_words(pen, frame, levels, room)
    spots = [
        _Spot(point, size, across(size), frame.up(point.value))
        for point, size in zip(chart.points, chart.sizes, strict=True)
        if point.value is not None
    ]
    notes = _draw_spots(pen, room, spots)
    if not spots:
        draw_nothing(pen, frame, words)
    pen.texts("ax", "middle", [(kept_in(across(at), text, frame.width), frame.bottom + 18, text) for at, text in sizes])
    foot = draw_titles(pen, frame, chart.axis.title, chart.size_axis.title or words.size, frame.bottom + 22)
    _draw_links(pen, chart, spots, words)
    return pen.done(chart.width, frame.bottom + 22 + foot, _keys(chart, words), [_table(chart, words)], notes)


def _values(chart: FunnelChart) -> list[float]:
    """What the axis covers: the points, and the limits from half the smallest size on (below they run away)."""
    found = [point.value for point in chart.points if point.value is not None]
    found += [value for value in (chart.centre, chart.target) if value is not None]
    first = min(chart.sizes, default=0.0) / 2
    return found + [value for limit in chart.limits for n, *both in limit.curve if n >= first for value in both]


def _draw_limit(pen: Pen, frame: Frame, across: Scale, limit: Limit, kind: str) -> list[Box]:
    boxes: list[Box] = []
    for side in (1, 2):
        places = [
            (across(step[0]), frame.up(step[side]))
            if across.low <= step[0] <= across.high and frame.up.low <= step[side] <= frame.up.high
            else None
            for step in limit.curve
        ]
        pen.path(kind, line_steps(places))
        boxes += along(places)
    return boxes


def _draw_spots(pen: Pen, room: Room, spots: Sequence[_Spot]) -> list[tuple[int, str]]:
    """Points and their names, signals first; a name without room becomes a number."""
    pen.dots("dots", [(spot.x, spot.y) for spot in spots if not spot.point.signal])
    room.taken.extend((spot.x - 5, spot.y - 5, spot.x + 5, spot.y + 5) for spot in spots)
    notes: list[tuple[int, str]] = []
    for spot in sorted(spots, key=lambda spot: not spot.point.signal):
        if spot.point.signal:
            pen.diamond(spot.x, spot.y)
        name = shortened(spot.point.label, 180)
        number = len(notes) + 1
        found = room.place(spot.x, spot.y, (name, str(number)))
        if found is None or found[3] != name:
            notes.append((number, spot.point.label))
            found = found or (spot.x, spot.y - 7, "middle", str(number))
        pen.text("sig-t" if spot.point.signal else "val", found[0], found[1], found[3], found[2])
    return notes


def _draw_links(pen: Pen, chart: FunnelChart, spots: Sequence[_Spot], words: Words) -> None:
    for spot in spots:
        value = spot.point.written(chart.axis.form, words.gap)
        name = words.said(spot.point.label, value, f"{words.size} {chart.size_axis.form(spot.size)}", spot.point.signal)
        pen.link(spot.point.href, name, spot.x - _HIT, max(spot.y - _HIT, 0), 2 * _HIT, 2 * _HIT)


def _levels(chart: FunnelChart, words: Words) -> list[Level]:
    centre = (
        [Level("cl", chart.centre, f"{words.mean} {chart.axis.form(chart.centre)}")] if chart.centre is not None else []
    )
    return [*centre, *target_level(chart, words)]


def _keys(chart: FunnelChart, words: Words) -> list[Key]:
    keys = [Key("cl", words.mean)] if chart.centre is not None else []
    keys += [Key("lim2" if at else "lim", f"{words.limits} {limit.name}") for at, limit in enumerate(chart.limits)]
    if chart.target is not None:
        keys.append(Key("tgt", words.target))
    return [*keys, *signal_keys(chart.points, words)]


def _table(chart: FunnelChart, words: Words) -> Table:
    said = any(point.signal for point in chart.points)
    rows = [
        (
            point.label,
            chart.size_axis.form(size),
            point.written(chart.axis.form, words.gap),
            *((point.signal,) if said else ()),
        )
        for point, size in zip(chart.points, chart.sizes, strict=True)
    ]
    head = (words.item, chart.size_axis.title or words.size, chart.axis.title or words.value)
    return Table((*head, *((words.note,) if said else ())), tuple(rows))
