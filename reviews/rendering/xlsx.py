"""A pack as a workbook: a sheet per section, numbers as numbers. Text is never a formula; rows are written one after another and kept nowhere."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, Any, Final
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _

from ..blocks import Bars, Block, Cell, Column, Kind, Note, Row, Series, Table, Text
from ..wording.cells import RAGS, WRITTEN, decimals_of, period_name, point_name, signal_text, unit_of
from ..wording.packs import told
from . import xlsx_charts as charts
from .numbers import number_format, number_of, step_of
from .view import PackView, SectionView

#: The most characters that a cell and a sheet's name take.
LONGEST, NAME = 32_767, 31
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_WIDEST: Final = 48
_A4: Final = 9
_TONES: Final = {"r": "#b42318", "a": "#8a5a00", "g": "#17663a"}
_HEAD: Final = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#eef1f4"}
#: The key of the table that has the points of all series of a section.
SERIES: Final = "series"
_PERIODS: Final = ("period", "value", "n", "low", "high", "target", "target_high", "mean", "lower", "upper")


def write(view: PackView, file: IO[bytes]) -> None:
    """The workbook into a file, in the language now active."""
    # Its own files are left where they are when the disk is full: they go with their folder.
    with tempfile.TemporaryDirectory() as folder:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
        book = _Book(xlsxwriter.Workbook(file, options), view)
        book.cover()
        for section in view.sections:
            book.section(section)
        book.close()


class _Book:
    """Writes sheets from top to bottom, as constant memory wants it."""

    def __init__(self, book: Any, view: PackView) -> None:
        self.book, self.view = book, view
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.names: set[str] = set()
        self.sheet: Any = None
        self.line = 0
        book.set_properties({"title": f"{view.title}, {view.about}, {view.period}", "comments": view.hash})

    def close(self) -> None:
        self.book.close()

    def cover(self) -> None:
        """What it is, how it stands, and how to check it."""
        view = self.view
        self.begin(_("Pack"), [24, _WIDEST, 20, _WIDEST])
        self.row([view.title], bold=True, font_size=16)
        told_: list[tuple[str, str]] = [
            (_("About"), view.about), (_("Period"), view.period), (_("State"), view.status), (_("Numbers of"), view.frozen),
            (_("Time zone"), view.zone), (_("SHA-256"), view.hash), (_("Check it at"), view.address),
        ]  # fmt: skip
        if view.reason:
            told_.append((_("Reason"), view.reason))
        for label, text in told_:
            self.text(0, label, bold=True)
            self.text(1, text)
            self.line += 1
        for text in view.missing:
            self.row([text], font_color=_TONES["a"])
        self.line += 1
        for table in view.signed:
            self.table(table)

    def section(self, section: SectionView) -> None:
        """A sheet of its own. Its head stays in sight where it has a single table."""
        blocks = _tabled(section.blocks)
        self.begin(section.title, _widths(blocks))
        self.row([f"{section.title} · {self.view.about} · {self.view.period} · {self.view.status}"], bold=True)
        tables = [one for one in blocks if isinstance(one, Table) and one.key != "comments"]
        series, bars = _all(section.blocks, Series), {one.key: one for one in _all(section.blocks, Bars)}
        alone = len(tables) == 1 and blocks[0] is tables[0] and tables[0].rows and not series
        self.sheet.freeze_panes(self.line + 2 if alone else self.line, 0 if series or bars else 1)
        for block in blocks:
            if isinstance(block, Table):
                self.drawn(block, series if block.key == SERIES else (), bars.get(block.key))
            elif isinstance(block, Note):
                self.row([told(block.text)], font_color=_TONES["a"] if block.tone == "warn" else "#1c2024")

    def drawn(self, table: Table, series: Sequence[Series], bars: Bars | None) -> None:
        """A table with its charts: of series above it, two beside each other, of bars below it."""
        top, taken = self.line, charts.height_of(len(charts.drawable(series)))
        self.line += taken
        # Below its title and its head.
        first = self.line + 2
        self.table(table)
        charts.draw_series(self.book, self.sheet, series, top=top, first=first)
        if taken:
            charts.part_pages(self.sheet, len(charts.drawable(series)), _widths([table]), top=top, head=first - 1)
        if bars and table.rows:
            charts.draw_bars(self.book, self.sheet, bars, top=self.line, first=first)
            self.line += charts.ROWS + 1

    def begin(self, title: str, widths: Sequence[float]) -> None:
        """A sheet with a name that no other has."""
        base = " ".join(title.translate(_NOT_IN_NAMES).split())[:NAME] or "-"
        name, count = base, 1
        while name.lower() in self.names:
            count += 1
            name = f"{base[: NAME - 4]} ({count})"
        self.names.add(name.lower())
        self.sheet, self.line = self.book.add_worksheet(name), 0
        for at, width in enumerate(widths):
            self.sheet.set_column(at, at, width)
        self.sheet.set_landscape()
        self.sheet.set_paper(_A4)
        self.sheet.fit_to_pages(1, 0)
        # Apart, for both are long.
        self.sheet.set_header(f"&R{self.view.status.replace('&', '&&')}")
        self.sheet.set_footer(f"&L{self.view.hash}&R&P / &N")

    def table(self, table: Table) -> None:
        """Its title, its head and its rows; what it says instead when there are none."""
        self.row([told(table.title)], bold=True)
        if not table.rows:
            self.row([told(table.empty) if table.empty else _("Nothing.")])
        else:
            for at, one in enumerate(table.columns):
                self.text(at, told(one.label), **_HEAD, **_beside(at, one))
            self.line += 1
            for row in table.rows:
                for at, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True)):
                    self.cell(at, cell, column, row)
                self.line += 1
        self.line += 1

    def row(self, texts: Sequence[str], **look: Any) -> None:
        for at, text in enumerate(texts):
            self.text(at, text, **look)
        self.line += 1

    def text(self, at: int, text: str, **look: Any) -> None:
        self.sheet.write_string(self.line, at, text.replace("\0", "")[:LONGEST], self.look(**look))

    def cell(self, at: int, cell: Cell, column: Column, row: Row) -> None:
        """Numbers, days and instants as such; all else as text."""
        tone = (
            {"font_color": _TONES[row.rag], "bold": True}
            if row.rag in _TONES and column.key in {"value", "rag"}
            else {}
        )
        if cell is None:
            return
        if column.kind == "day" and isinstance(cell, str):
            self.sheet.write_datetime(
                self.line, at, date.fromisoformat(cell), self.look(num_format="yyyy-mm-dd", align="left", valign="top")
            )
        elif column.kind == "instant" and isinstance(cell, str):
            local = datetime.fromisoformat(cell).astimezone(ZoneInfo(self.view.zone)).replace(tzinfo=None)
            self.sheet.write_datetime(
                self.line, at, local, self.look(num_format="yyyy-mm-dd hh:mm", align="left", valign="top")
            )
        elif column.kind not in WRITTEN and not isinstance(cell, Text | bool):
            # A whole number is a count, whatever the row's unit.
            counted = isinstance(cell, int)
            unit: Kind = "number" if counted else unit_of(column, row)
            decimals = None if counted else decimals_of(column, row)
            number, unit = step_of(cell, unit) if column.kind == "change" else (number_of(cell), unit)
            form = number_format(cell, unit, decimals, signed=column.kind == "change")
            self.sheet.write_number(self.line, at, number, self.look(num_format=form, valign="top", **tone))
        else:
            self.text(at, _said(cell, column), text_wrap=True, valign="top", **tone, **_beside(at, column))

    def look(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(look) if look else None
        return self.formats[key]


def _beside(at: int, column: Column) -> dict[str, Any]:
    """Heads stand over their numbers; texts keep off the numbers before them."""
    if column.kind not in WRITTEN:
        return {"align": "right"}
    return {"indent": 1} if at and column.kind in {"text", "rag"} else {}


def _said(cell: Cell, column: Column) -> str:
    if isinstance(cell, Text):
        return told(cell)
    if isinstance(cell, bool):
        return _("yes") if cell else _("no")
    if column.kind == "period":
        return period_name(str(cell))
    return str(RAGS.get(str(cell), cell)) if column.kind == "rag" else str(cell)


def _tabled(blocks: Sequence[Block]) -> list[Table | Note]:
    """Blocks as a sheet shows them: all series of a section one under another, so that they can be filtered; bars as a table."""
    made: list[Table | Note] = []
    series = _all(blocks, Series)
    for block in blocks:
        if isinstance(block, Bars):
            made.append(_bars(block))
        elif isinstance(block, Table | Note):
            made.append(block)
        elif block is series[0]:
            made.append(_series(series))
    return made


def _all[T: Block](blocks: Sequence[Block], kind: type[T]) -> list[T]:
    return [one for one in blocks if isinstance(one, kind)]


def _series(series: Sequence[Series]) -> Table:
    late = any(point.provisional for one in series for point in one.points)
    star = _("Period (* provisional)") if late else ""
    columns = [
        Column("title", Text(code="column.title")), Column("period", Text(star, code="" if star else "column.period")),
        *[Column(key, Text(code=f"column.{key}"), "number") for key in _PERIODS[1:]],
        Column("signal", Text(code="column.signals")),
    ]  # fmt: skip
    rows = [
        Row(
            f"{one.key}:{point.period}",
            [one.title, Text(point_name(point)), point.value, point.n, point.low, point.high, one.target, one.target_high, one.mean,
             one.lower, one.upper, signal_text([point.signal]) if point.signal else None],
            one.unit,
            decimals=one.decimals,
        )
        for one in series
        for point in one.points
    ]  # fmt: skip
    return Table(SERIES, Text(code="section.trends"), columns, rows)


def _bars(block: Bars) -> Table:
    columns = [
        Column("category", Text(code="column.what")),
        *[Column(str(at), label, block.unit) for at, (label, _values) in enumerate(block.sets)],
    ]
    rows = [
        Row(str(at), [name, *[values[at] for _label, values in block.sets]]) for at, name in enumerate(block.categories)
    ]
    return Table(block.key, block.title, columns, rows)


def _widths(blocks: Sequence[Table | Note]) -> list[float]:
    """As wide as words and numbers ask for, within limits; Chinese takes two."""
    found: dict[int, int] = {0: 24}
    for table in (one for one in blocks if isinstance(one, Table)):
        for at, column in enumerate(table.columns):
            texts = [
                told(column.label),
                *[_said(row.cells[at], column) for row in table.rows if column.kind in WRITTEN],
            ]
            longest = max(sum(2 if ord(letter) > 0x2E7F else 1 for letter in text) for text in texts)
            found[at] = max(found.get(at, 12), min(longest + 2, _WIDEST))
    return [found.get(at, 12) for at in range(max(found) + 1)]
