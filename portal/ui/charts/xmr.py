"""XmR chart: values with the limits of their process, and the moving range below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portal.ui.charts.data import PLAIN, Axis, Mark, Point, Targeted, check_marks
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
from portal.ui.charts.line import draw_signals, link_columns, lonely, places_of, signal_keys, target_level
from portal.ui.charts.numbers import checked_or_gap
from portal.ui.charts.words import ENGLISH, LINE, Words, shortened

_GAP = 44


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of points (`stop` not included) with one process behind it. A limit that does not exist is None."""

    start: int
    stop: int
    mean: float | None
    lower: float | None = None
    upper: float | None = None
    range_mean: float | None = None
    range_limit: float | None = None

    def __post_init__(self) -> None:
        for value in (self.mean, self.lower, self.upper, self.range_mean, self.range_limit):
            checked_or_gap(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class XmrChart(Targeted):
    """Values, their segments, and (if given, one for each point, None for the first) their moving ranges.

    A point's `signal` says in words why it is one; all statistics are the caller's.
    """

    points: tuple[Point, ...]
    segments: tuple[Segment, ...]
    ranges: tuple[Point, ...] = ()
    range_axis: Axis = PLAIN
    marks: tuple[Mark, ...] = ()
    along: str = ""
    height: int = 228
    range_height: int = 84

    def __post_init__(self) -> None:
        Targeted.__post_init__(self)
        count = len(self.points)
        if self.ranges and len(self.ranges) != count:
            raise ValueError("An XmR chart has one moving range for each point, or none at all.")
        if any(not 0 <= segment.start < segment.stop <= count for segment in self.segments):
            raise ValueError("A segment covers points that the chart does not have.")
        check_marks(self.marks, count)


def draw_xmr(chart: XmrChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    levels, below = _levels(chart, words), _range_levels(chart, words)
    flat, flat_below = _frames(chart, [level.text for level in (*levels, *below)])
    placed = marks_above(chart.marks, flat)
    frame = lowered(flat, head_room(chart.axis.title, rows_of(placed)))
    lower = lowered(flat_below, frame.bottom + _GAP) if flat_below else None
    base = lower.bottom if lower else frame.bottom
    draw_grid(pen, frame)
    _draw_segments(pen, frame, chart)
    unsaid = draw_marks(pen, frame, placed, base)
    pen.across("tgt", frame.left, frame.right, [frame.up(chart.target)] if chart.target is not None else [])
    room = frame.room()
    room.lines += [(mark.x - 2, frame.top, mark.x + 2, frame.bottom) for mark in placed]
    level_words(pen, frame, levels, room)
    keep_off(room, frame, (chart.target, *(one.mean for one in chart.segments)))
    _draw_values(pen, frame, chart, words)
    draw_signals(pen, chart.points, places_of(frame, chart.points), room, chart, words.gap)
    if lower:
        _draw_ranges(pen, lower, chart, below, words)
    draw_labels(pen, frame, [point.label for point in chart.points], base)
    foot = draw_titles(pen, frame, chart.axis.title, chart.along, base + 22)
    link_columns(pen, frame, chart.points, chart, base, words)
    return pen.done(chart.width, base + 22 + foot, _keys(chart, words), _tables(chart, words), unsaid)


def _frames(chart: XmrChart, right: Sequence[str]) -> tuple[Frame, Frame | None]:
    """Both plots, equally broad; the lower one has a scale of its own, from zero. Neither is in its place yet."""
    values = [point.value for point in chart.points if point.value is not None]
    for segment in chart.segments:
        values += [value for value in (segment.mean, segment.lower, segment.upper) if value is not None]
    if chart.target is not None:
        values.append(chart.target)
    count = len(chart.points)
    if not chart.ranges:
        return framed(chart.axis, values, width=chart.width, top=0, height=chart.height, count=count, right=right), None
    moves = [0.0, *(point.value for point in chart.ranges if point.value is not None)]
    for segment in chart.segments:
        moves += [value for value in (segment.range_limit, segment.range_mean) if value is not None]
    own = framed(
        chart.range_axis, moves, width=chart.width, top=0, height=chart.range_height, count=count, right=right, about=3
    )
    beside = [text for _at, text in own.ticks]
    frame = framed(
        chart.axis, values, width=chart.width, top=0, height=chart.height, count=count, right=right, beside=beside
    )
    return frame, replace(own, left=frame.left, right=frame.right)


def _draw_segments(pen: Pen, frame: Frame, chart: XmrChart) -> None:
    for segment in chart.segments:
        left, right = frame.reach(segment.start, segment.stop - 1)
        if segment.lower is not None and segment.upper is not None:
            top, bottom = frame.up(segment.upper), frame.up(segment.lower)
            pen.box("band", left, top, right - left, bottom - top)
        pen.across("cl", left, right, [frame.up(segment.mean)] if segment.mean is not None else [])
        pen.across(
            "lim", left, right, [frame.up(value) for value in (segment.upper, segment.lower) if value is not None]
        )


def _draw_values(pen: Pen, frame: Frame, chart: XmrChart, words: Words) -> None:
    places = places_of(frame, chart.points)
    known = [place for place in places if place]
    pen.path("data", line_steps(places))
    pen.rings(lonely(places) if is_dense(len(places)) else known)
    if not known:
        draw_nothing(pen, frame, words)


def _draw_ranges(pen: Pen, lower: Frame, chart: XmrChart, levels: Sequence[Level], words: Words) -> None:
    draw_grid(pen, lower)
    title = words.moving + (f", {chart.range_axis.title}" if chart.range_axis.title else "")
    pen.text("ax", lower.left, lower.top - LINE, shortened(title, lower.width - lower.left - 4))
    for segment in chart.segments:
        left, right = lower.reach(segment.start, segment.stop - 1)
        pen.across("cl", left, right, [lower.up(segment.range_mean)] if segment.range_mean is not None else [])
        pen.across("lim", left, right, [lower.up(segment.range_limit)] if segment.range_limit is not None else [])
    places = places_of(lower, chart.ranges)
    pen.path("data", line_steps(places))
    pen.dots("dots", lonely(places) if is_dense(len(places)) else [place for place in places if place])
    for point, place in zip(chart.ranges, places, strict=True):
        if point.signal and place:
            pen.diamond(*place)
    level_words(pen, lower, levels)


def _levels(chart: XmrChart, words: Words) -> list[Level]:
    """The limits now in force, and the target."""
    now = chart.segments[-1] if chart.segments else None
    form = chart.axis.form
    named = ((words.upper, now.upper), (words.mean, now.mean), (words.lower, now.lower)) if now else ()
    found = [Level("lim", value, f"{name} {form(value)}") for name, value in named if value is not None]
    return [*found, *target_level(chart, words)]


def _range_levels(chart: XmrChart, words: Words) -> list[Level]:
    now = chart.segments[-1] if chart.segments and chart.ranges else None
    form = chart.range_axis.form
    named = ((words.limit, now.range_limit), (words.mean, now.range_mean)) if now else ()
    return [Level("lim", value, f"{name} {form(value)}") for name, value in named if value is not None]


def _keys(chart: XmrChart, words: Words) -> list[Key]:
    keys = [Key("data", chart.axis.title or words.value), Key("cl", words.mean), Key("lim", words.limits)]
    if chart.target is not None:
        keys.append(Key("tgt", words.target))
    return [*keys, *signal_keys((*chart.points, *chart.ranges), words)]


def _tables(chart: XmrChart, words: Words) -> list[Table]:
    notes = notes_of(chart.marks, len(chart.points))
    for at, point in enumerate(chart.points):
        notes[at][:0] = [text for text in (point.signal, chart.ranges[at].signal if chart.ranges else "") if text]
    said = any(notes)
    rows = [
        (
            point.label,
            point.written(chart.axis.form, words.gap),
            *((chart.ranges[at].written(chart.range_axis.form, "–"),) if chart.ranges else ()),
            *((words.semicolon.join(notes[at]),) if said else ()),
        )
        for at, point in enumerate(chart.points)
    ]
    head = (
        chart.along or words.period,
        chart.axis.title or words.value,
        *((words.moving,) if chart.ranges else ()),
        *((words.note,) if said else ()),
    )
    return [Table(head, tuple(rows)), _segment_table(chart, words)]


def _segment_table(chart: XmrChart, words: Words) -> Table:
    form = chart.axis.form

    def text(value: float | None) -> str:
        return "–" if value is None else form(value)

    rows = [
        (
            f"{chart.points[segment.start].label} – {chart.points[segment.stop - 1].label}",
            text(segment.mean),
            text(segment.lower),
            text(segment.upper),
        )
        for segment in chart.segments
    ]
    return Table((chart.along or words.period, words.mean, words.lower, words.upper), tuple(rows))
