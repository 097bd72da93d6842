"""Charts of a workbook, Excel's own: they read the cells of the table beside them, so that whoever changes a number sees it drawn."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from ..blocks import Bars, Series
from ..wording.cells import axis_decimals, star_text
from ..wording.packs import told
from .numbers import chart_format

#: Lines of a sheet that a row of charts takes, and the pixels of one of two charts in it.
ROWS, WIDE, HIGH = 15, 520, 280
_BLUE, _GREEN, _GREY, _GRID = "#2f6fb3", "#17663a", "#9aa5b1", "#d9dee3"
#: Columns of the table of series that a chart reads.
PERIOD, VALUE, TARGETS = 1, 2, {"target": 6, "target_high": 7}
_SMALL: Final = {"size": 9}
#: The broadness of a letter in pixels where the usual font is missing, and what has room on a page of A4 laid across: pixels, and lines
#: of the usual height.
_LETTER, _PAGE = 9.5, (960, 31)
#: Of more names below a chart than this, some are left out, so that each has a line.
_MOST_NAMES, _NAMED = 8, 4


def drawable(series: Sequence[Series]) -> list[Series]:
    """Those with any value."""
    return [one for one in series if any(point.value is not None for point in one.points)]


def height_of(count: int) -> int:
    """The lines that so many charts take, two beside each other."""
    return -(-count // 2) * ROWS


def draw_series(book: Any, sheet: Any, series: Sequence[Series], *, top: int, first: int) -> None:
    """A line for each series with values, from line `top` on. `first`: the line of the first point in the table that has them all."""
    shown, line = drawable(series), first
    for one in series:
        last = line + len(one.points) - 1
        if one in shown:
            chart = _line(book, sheet.get_name(), one, line, last)
            at = shown.index(one)
            sheet.insert_chart(top + at // 2 * ROWS, 0, chart, {"x_offset": 4 + at % 2 * (WIDE + 12), "y_offset": 4})
        line = last + 1


def part_pages(sheet: Any, count: int, widths: Sequence[float], *, top: int, head: int) -> None:
    """On paper no page ends within a chart, and the table begins on a page of its own, with its head (line `head`) on each."""
    broad = max(sum(width * _LETTER + 5 for width in widths), 2 * WIDE + 16)
    scale = max(10, min(100, int(100 * _PAGE[0] / broad)))
    lines = int(_PAGE[1] * 100 / scale)
    each = max(1, (lines - top) // ROWS)
    sheet.set_print_scale(scale)
    # The title of the table stands above its head.
    sheet.set_h_pagebreaks([*range(top + each * ROWS, top + height_of(count), each * ROWS), head - 1])
    sheet.repeat_rows(head)


def draw_bars(book: Any, sheet: Any, bars: Bars, *, top: int, first: int) -> None:
    """Bars beside each other below their table, whose first line is `first`."""
    chart, name, last = book.add_chart({"type": "column"}), sheet.get_name(), first + len(bars.categories) - 1
    for at, (label, _values) in enumerate(bars.sets):
        colour = _BLUE if at == 0 else _GREY
        chart.add_series({
            "name": told(label), "categories": [name, first, 0, last, 0], "values": [name, first, at + 1, last, at + 1],
            "fill": {"color": colour}, "border": {"none": True},
        })  # fmt: skip
    _dress(chart, told(bars.title), chart_format(bars.unit), legend=len(bars.sets) > 1)
    sheet.insert_chart(top, 0, chart, {"x_offset": 4, "y_offset": 4})


def _line(book: Any, name: str, series: Series, first: int, last: int) -> Any:
    chart, periods = book.add_chart({"type": "line"}), [name, first, PERIOD, last, PERIOD]
    chart.add_series({
        "name": _("Value"), "categories": periods, "values": [name, first, VALUE, last, VALUE],
        "line": {"color": _BLUE, "width": 2},
        "marker": {"type": "circle", "size": 5, "fill": {"color": _BLUE}, "border": {"color": _BLUE}},
    })  # fmt: skip
    named = {"target": _("Target"), "target_high": _("Target, upper end")}
    asked = [key for key in TARGETS if getattr(series, key) is not None]
    for key in asked:
        column = TARGETS[key]
        chart.add_series({
            "name": named[key], "categories": periods, "values": [name, first, column, last, column],
            "line": {"color": _GREEN, "width": 1.5, "dash_type": "dash"}, "marker": {"type": "none"},
        })  # fmt: skip
    _dress(
        chart,
        told(series.title),
        chart_format(series.unit, axis_decimals(series)),
        legend=bool(asked),
        along=star_text(series),
        count=len(series.points),
    )
    return chart


def _dress(chart: Any, title: str, form: str, *, legend: bool, along: str = "", count: int = 0) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
    named = {"name": along, "name_font": _SMALL | {"bold": False}} if along else {}
    every = {"interval_unit": -(-count // _NAMED)} if count > _MOST_NAMES else {}
    chart.set_x_axis({"num_font": _SMALL, "line": {"color": _GREY}} | named | every)
    chart.set_y_axis({
        "num_format": form, "num_font": _SMALL, "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": _GRID, "width": 0.75}},
    })  # fmt: skip
    chart.set_legend({"position": "bottom", "font": _SMALL} if legend else {"none": True})
    chart.set_size({"width": WIDE, "height": HIGH})
    chart.show_blanks_as("gap")
