"""Heat matrix: weekday by interval, or any rows by columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from portal.ui.charts.data import Chart, checked_address
from portal.ui.charts.drawing import Drawing, Key, Pen, Table, box_steps
from portal.ui.charts.formats import plain
from portal.ui.charts.layout import fitting_steps
from portal.ui.charts.numbers import checked_or_gap
from portal.ui.charts.words import ENGLISH, LINE, Words, breadth, shortened

_STEPS = 5
_TOP = 26.0
_ROW = 24.0
#: Half the side of the square that stands for a step where words have no room.
_SIDES = (0.12, 0.2, 0.29, 0.38, 0.48)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatChart(Chart):
    """Cells in five shades, each with its value; where that has no room, squares of five sizes. None is an empty cell.

    `short` writes values in cells ("84"), `form` elsewhere. `low` and `high` fix where the shades begin and end.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[float | None, ...], ...]
    hrefs: tuple[tuple[str, ...], ...] = ()
    form: Callable[[float], str] = plain
    short: Callable[[float], str] | None = None
    low: float | None = None
    high: float | None = None
    #: The low values are what matters: they get the dark shades.
    low_is_dark: bool = False
    corner: str = ""

    def __post_init__(self) -> None:
        shape = [len(self.columns)] * len(self.rows)
        if [len(row) for row in self.cells] != shape or (self.hrefs and [len(row) for row in self.hrefs] != shape):
            raise ValueError("A heat matrix has one cell for each row and column.")
        object.__setattr__(self, "cells", tuple(tuple(checked_or_gap(value) for value in row) for row in self.cells))
        for value in (self.low, self.high):
            checked_or_gap(value)
        for row in self.hrefs:
            for href in row:
                checked_address(href)


@dataclass(frozen=True, slots=True)
class _Grid:
    left: float
    across: float

    def x(self, at: int) -> float:
        return self.left + at * self.across


def draw_heat(chart: HeatChart, words: Words = ENGLISH) -> Drawing:
    """The chart as a drawing."""
    pen = Pen()
    room = chart.width / 4
    left = max((min(breadth(row), room) for row in chart.rows), default=24) + 12
    grid = _Grid(left, (chart.width - left - 4) / max(len(chart.columns), 1))
    short = chart.short or chart.form
    limits = _limits(chart)
    texts = [[None if value is None else short(value) for value in row] for row in chart.cells]
    roomy = max((breadth(text) for row in texts for text in row if text), default=0) <= grid.across - 4
    _draw_heads(pen, grid, chart, room)
    _draw_cells(pen, grid, chart, limits, roomy=roomy)
    if roomy:
        _draw_texts(pen, grid, chart, texts, limits)
    if not any(value is not None for row in chart.cells for value in row):
        pen.text("ax", chart.width / 2, _TOP + _ROW * max(len(chart.rows), 1) / 2, words.none, "middle")
    for at, hrefs in enumerate(chart.hrefs):
        for column, href in enumerate(hrefs):
            value = chart.cells[at][column]
            name = words.said(
                f"{chart.rows[at]}{words.comma}{chart.columns[column]}",
                words.gap if value is None else chart.form(value),
            )
            pen.link(href, name, grid.x(column), _TOP + at * _ROW, grid.across, _ROW)
    height = _TOP + max(len(chart.rows), 1) * _ROW + 4
    drawing = pen.done(chart.width, height, _keys(chart, limits, words, roomy=roomy), [_table(chart, words)])
    return replace(drawing, is_matrix=True)


def _limits(chart: HeatChart) -> tuple[float, float]:
    known = [value for row in chart.cells for value in row if value is not None]
    least = chart.low if chart.low is not None else min(known, default=0.0)
    most = chart.high if chart.high is not None else max(known, default=1.0)
    return min(least, most), max(least, most)


def shade_of(chart: HeatChart, value: float, limits: tuple[float, float]) -> int:
    """Which of the five shades a value has: 0 is the lightest."""
    low, high = limits
    if high <= low:
        return _STEPS // 2
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    step = min(int(share * _STEPS), _STEPS - 1)
    return _STEPS - 1 - step if chart.low_is_dark else step


def _draw_heads(pen: Pen, grid: _Grid, chart: HeatChart, room: float) -> None:
    every = fitting_steps(chart.columns, grid.across)
    heads = [(at, shortened(text, grid.across * every)) for at, text in enumerate(chart.columns) if at % every == 0]
    middles = ((grid.x(at) + grid.across / 2, text) for at, text in heads)
    inside = ((min(x, chart.width - breadth(text) / 2 - 1), text) for x, text in middles)
    pen.texts("ax", "middle", [(x, LINE + 2, text) for x, text in inside])
    rows = ((at, shortened(text, room)) for at, text in enumerate(chart.rows))
    pen.texts("ax", "end", [(grid.left - 8, _TOP + at * _ROW + 16, text) for at, text in rows])


def _draw_cells(pen: Pen, grid: _Grid, chart: HeatChart, limits: tuple[float, float], *, roomy: bool) -> None:
    """One path for each shade."""
    steps: dict[str, list[str]] = {}
    for at, row in enumerate(chart.cells):
        for column, value in enumerate(row):
            x, y = grid.x(column), _TOP + at * _ROW
            if value is None:
                steps.setdefault("gap", []).append(
                    f"M{round(x + grid.across * 0.35, 1):g} {y + _ROW / 2:g}h{grid.across * 0.3:.2g}"
                )
                continue
            step = shade_of(chart, value, limits)
            if roomy:
                steps.setdefault(f"h{step}", []).append(box_steps(x + 0.5, y + 0.5, grid.across - 1, _ROW - 1))
            else:
                half = min(grid.across, _ROW) * _SIDES[step]
                middle = (x + grid.across / 2, y + _ROW / 2)
                steps.setdefault("h4", []).append(box_steps(middle[0] - half, middle[1] - half, 2 * half, 2 * half))
    for kind in sorted(steps):
        pen.path(kind, "".join(steps[kind]))


def _draw_texts(
    pen: Pen, grid: _Grid, chart: HeatChart, texts: Sequence[Sequence[str | None]], limits: tuple[float, float]
) -> None:
    """The values, light on the dark shades."""
    kinds: dict[str, list[tuple[float, float, str]]] = {"val": [], "val-i": []}
    for at, row in enumerate(chart.cells):
        for column, value in enumerate(row):
            if value is not None:
                kind = "val-i" if shade_of(chart, value, limits) >= 3 else "val"
                place = (grid.x(column) + grid.across / 2, _TOP + at * _ROW + 16, texts[at][column] or "")
                kinds[kind].append(place)
    for kind, places in kinds.items():
        pen.texts(kind, "middle", places)


def _keys(chart: HeatChart, limits: tuple[float, float], words: Words, *, roomy: bool) -> list[Key]:
    low, high = limits
    swatch = "h" if roomy else "q"
    if high <= low:
        keys = [Key(f"{swatch}2", chart.form(low))]
    else:
        edges = [low + (high - low) * step / _STEPS for step in range(_STEPS + 1)]
        keys = [
            Key(
                f"{swatch}{_STEPS - 1 - step if chart.low_is_dark else step}",
                f"{chart.form(edges[step])} – {chart.form(edges[step + 1])}",
            )
            for step in range(_STEPS)
        ]
    empty = any(value is None for row in chart.cells for value in row)
    return [*keys, Key("gap", words.gap)] if empty else keys


def _table(chart: HeatChart, words: Words) -> Table:
    rows = [
        (name, *(words.gap if value is None else chart.form(value) for value in row))
        for name, row in zip(chart.rows, chart.cells, strict=True)
    ]
    return Table((chart.corner or words.item, *chart.columns), tuple(rows))
