"""Line with target: one series, or two to compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.ui.charts.data import Mark, Point, Series, Targeted, check_marks
from portal.ui.charts.drawing import Drawing, Key, Pen, Table, line_steps
from portal.ui.charts.frame import (
    Frame,
    Level,
    draw_grid,
    draw_labels,
    draw_marks,
    draw_nothing,
    draw_titles,
    framed,
    head_room,
    is_dense,
    keep_off,
    level_words,
    lowered,
    marks_above,
    notes_of,
    rows_of,
)
from portal.ui.charts.layout import Room, along
from portal.ui.charts.words import ENGLISH, Words

Place = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart(Targeted):
    """Values over time. The second series is what the first is compared with, point by point; None is a gap."""

    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    #: What the labels along the foot are: "ISO week 2026".
    along: str = ""
    height: int = 228

    def __post_init__(self) -> None:
        Targeted.__post_init__(self)
        if not 1 <= len(self.series) <= 2:
            raise ValueError("A line chart shows one series or two.")
        if len({len(series.points) for series in self.series}) > 1:
            raise ValueError("Both series of a line chart have as many points.")
        check_marks(self.marks, len(self.series[0].points))


def draw_line(chart: LineChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    points = chart.series[0].points
    levels = _levels(chart, words)
    values = [point.value for series in chart.series for point in series.points if point.value is not None]
    if chart.target is not None:
        values.append(chart.target)
    flat = framed(
        chart.axis,
        values,
        width=chart.width,
        top=0,
        height=chart.height,
        count=len(points),
        right=[level.text for level in levels],
    )
    placed = marks_above(chart.marks, flat)
    frame = lowered(flat, head_room(chart.axis.title, rows_of(placed)))
    draw_grid(pen, frame)
    unsaid = draw_marks(pen, frame, placed, frame.bottom)
    pen.across("tgt", frame.left, frame.right, [frame.up(level.value) for level in levels if level.kind == "tgt"])
    room = frame.room()
    room.lines += [(mark.x - 2, frame.top, mark.x + 2, frame.bottom) for mark in placed]
    level_words(pen, frame, levels, room)
    keep_off(room, frame, (chart.target,))
    for series in reversed(chart.series):
        _draw_series(pen, frame, series, room, chart, first=series is chart.series[0])
    if not any(point.value is not None for series in chart.series for point in series.points):
        draw_nothing(pen, frame, words)
    draw_labels(pen, frame, [point.label for point in points], frame.bottom)
    foot = draw_titles(pen, frame, chart.axis.title, chart.along, frame.bottom + 22)
    link_columns(pen, frame, points, chart, frame.bottom, words)
    return pen.done(chart.width, frame.bottom + 22 + foot, _keys(chart, words), [_table(chart, words)], unsaid)


def places_of(frame: Frame, points: Sequence[Point]) -> list[Place | None]:
    """Where the points are; None for gaps."""
    up = frame.up
    found = zip(frame.xs(), points, strict=True)
    return [None if point.value is None else (x, up(point.value)) for x, point in found]


def lonely(places: Sequence[Place | None]) -> list[Place]:
    """Points between two gaps, which no line shows."""
    around = [None, *places, None]
    return [place for at, place in enumerate(places) if place and around[at] is None and around[at + 2] is None]


def draw_signals(
    pen: Pen, points: Sequence[Point], places: Sequence[Place | None], room: Room, target: Targeted, gap: str
) -> None:
    """A diamond and words at each signal."""
    flagged = [(point, place) for point, place in zip(points, places, strict=True) if point.signal and place]
    if not flagged:
        return
    if not is_dense(len(points)):
        room.lines += along(places)
    for point, (x, y) in flagged:
        pen.diamond(x, y)
        value = point.written(target.axis.form, gap)
        found = room.place(x, y, (f"{value} · {point.signal}", value), 12, clear=True) or room.place(x, y, (value,), 12)
        if found:
            pen.text("sig-t", found[0], found[1], found[3], found[2])


def link_columns(pen: Pen, frame: Frame, points: Sequence[Point], chart: Targeted, base: float, words: Words) -> None:
    """The column of each point leads to what is behind it."""
    for at, point in enumerate(points):
        if point.href:
            left, right = frame.reach(at, at)
            name = words.said(point.label, point.written(chart.axis.form, words.gap), point.signal)
            pen.link(point.href, name, left, frame.top, right - left, base - frame.top)


def target_level(chart: Targeted, words: Words) -> list[Level]:
    """The target's line, if there is a target."""
    if chart.target is None:
        return []
    return [Level("tgt", chart.target, f"{words.target} {chart.target_text or chart.axis.form(chart.target)}")]


def _levels(chart: LineChart, words: Words) -> list[Level]:
    levels = target_level(chart, words)
    if len(chart.series) > 1:
        for series in chart.series:
            last = next((point.value for point in reversed(series.points) if point.value is not None), None)
            if last is not None:
                levels.append(Level("end", last, series.name))
    return levels


def _draw_series(pen: Pen, frame: Frame, series: Series, room: Room, chart: LineChart, *, first: bool) -> None:
    places = places_of(frame, series.points)
    pen.path("data" if first else "data2", line_steps(places))
    if not first:
        pen.dots("dots2", lonely(places))
        return
    pen.rings(lonely(places) if is_dense(len(places)) else [place for place in places if place])
    draw_signals(pen, series.points, places, room, chart, "")


def _keys(chart: LineChart, words: Words) -> list[Key]:
    keys = [Key("data", chart.series[0].name)]
    if len(chart.series) > 1:
        keys.append(Key("data2", chart.series[1].name))
    if chart.target is not None:
        keys.append(Key("tgt", words.target))
    return [*keys, *signal_keys(chart.series[0].points, words)]


def signal_keys(points: Sequence[Point], words: Words) -> list[Key]:
    """A line of the key for each reason that a signal has."""
    return [
        Key("sig", words.said(words.signal, reason))
        for reason in dict.fromkeys(point.signal for point in points if point.signal)
    ]


def _table(chart: LineChart, words: Words) -> Table:
    points = chart.series[0].points
    notes = notes_of(chart.marks, len(points))
    for at, point in enumerate(points):
        if point.signal:
            notes[at].insert(0, point.signal)
    said = any(notes)
    form = chart.axis.form
    rows = [
        (
            point.label,
            *(series.points[at].written(form, words.gap) for series in chart.series),
            *((words.semicolon.join(notes[at]),) if said else ()),
        )
        for at, point in enumerate(points)
    ]
    head = (chart.along or words.period, *(series.name for series in chart.series), *((words.note,) if said else ()))
    return Table(head, tuple(rows))
