"""Upright bars with a target."""

from __future__ import annotations

from dataclasses import dataclass

from portal.ui.charts.data import Point, Targeted
from portal.ui.charts.drawing import Drawing, Key, Pen, Table, box_steps
from portal.ui.charts.frame import (
    Frame,
    draw_grid,
    draw_names,
    draw_nothing,
    draw_titles,
    framed,
    head_room,
    level_words,
)
from portal.ui.charts.line import link_columns, signal_keys, target_level
from portal.ui.charts.words import ENGLISH, Words, breadth

_BROADEST = 44.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart(Targeted):
    """One bar for each point, from zero; a point with a signal is flagged by a diamond."""

    points: tuple[Point, ...]
    #: What the points are: "Site".
    along: str = ""
    height: int = 200


def draw_bars(chart: BarChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    levels = target_level(chart, words)
    known = [point.value for point in chart.points if point.value is not None]
    values = [*known, 0.0, *([chart.target] if chart.target is not None else [])]
    frame = framed(
        chart.axis,
        values,
        width=chart.width,
        top=head_room(chart.axis.title, 0) + 14,
        height=chart.height,
        count=len(chart.points),
        right=[level.text for level in levels],
        slots=True,
    )
    draw_grid(pen, frame)
    if not known:
        draw_nothing(pen, frame, words)
    draw_columns(pen, frame, chart.points)
    pen.across("base", frame.left, frame.right, [frame.up(0)])
    pen.across("tgt", frame.left, frame.right, [frame.up(level.value) for level in levels])
    level_words(pen, frame, levels)
    _draw_values(pen, frame, chart, words)
    base = frame.bottom + draw_names(pen, frame, [point.label for point in chart.points])
    foot = draw_titles(pen, frame, chart.axis.title, chart.along, base)
    link_columns(pen, frame, chart.points, chart, frame.bottom, words)
    return pen.done(
        chart.width,
        base + foot,
        _keys(chart, words),
        [point_table(chart, chart.points, chart.along or words.item, words)],
    )


def draw_columns(pen: Pen, frame: Frame, points: tuple[Point, ...]) -> None:
    """The bars, all in one path; those with a signal in another."""
    broad = bar_width(frame)
    zero = frame.up(0)
    steps: dict[str, list[str]] = {"col": [], "col-s": []}
    for at, point in enumerate(points):
        if point.value is not None:
            y = frame.up(point.value)
            kind = "col-s" if point.signal else "col"
            steps[kind].append(box_steps(frame.x(at) - broad / 2, min(y, zero), broad, abs(zero - y)))
    for kind, found in steps.items():
        pen.path(kind, "".join(found))


def bar_width(frame: Frame) -> float:
    """How broad a bar is."""
    slot = (frame.right - frame.left) / max(frame.count, 1)
    return min(slot * 0.64, _BROADEST)


def _draw_values(pen: Pen, frame: Frame, chart: BarChart, words: Words) -> None:
    """Each value at the end of its bar, if all have room; signals always have theirs."""
    texts = [point.written(chart.axis.form, "") for point in chart.points]
    slot = (frame.right - frame.left) / max(frame.count, 1)
    roomy = max((breadth(text) for text in texts), default=0) <= slot - 2
    plain = []
    for at, (point, text) in enumerate(zip(chart.points, texts, strict=True)):
        if point.value is None:
            plain.append((frame.x(at), frame.up(0) - 5, "–"))
            continue
        above = point.value >= 0
        x, y = frame.x(at), frame.up(point.value)
        if point.signal:
            pen.diamond(x, y - 9 if above else y + 9, 5)
            y += -12 if above else 12
        if roomy:
            place = (x, y - 5 if above else y + 14, text)
            if point.signal:
                pen.text("sig-t", *place, "middle")
            else:
                plain.append(place)
    pen.texts("val", "middle", plain)


def _keys(chart: BarChart, words: Words) -> list[Key]:
    keys = [Key("tgt", words.target)] if chart.target is not None else []
    return [*keys, *signal_keys(chart.points, words)]


def point_table(chart: Targeted, points: tuple[Point, ...], head: str, words: Words) -> Table:
    """Label, value, and what is wrong with it, if anything is anywhere."""
    said = any(point.signal for point in points)
    form = chart.axis.form
    rows = [(point.label, point.written(form, words.gap), *((point.signal,) if said else ())) for point in points]
    return Table((head, chart.axis.title or words.value, *((words.note,) if said else ())), tuple(rows))
