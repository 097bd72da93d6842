"""A pack's frozen blocks in the reader's words, for the page and for mail to walk."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from portal.ui.charts import Chart

from ..blocks import Bars, Block, Note, Row, Series, Table, Text, thawed
from ..wording.cells import RAGS, WRITTEN, cell_text, signal_text
from ..wording.packs import told
from .drawn import chart_of


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell under its label; `num` where it stands at the right."""

    text: str
    num: bool
    label: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row: its name, its cells, its verdict (g, a, r, n or "") in words, its signals in words.

    `title`: all of its names, as in `Cebu · Service level`. `raise_url`: where the reader raises an action out of it.
    """

    key: str
    name: str
    title: str
    cells: tuple[Cell, ...]
    rag: str
    verdict: str
    signals: str
    url: str
    raise_url: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A block: `kind` table, chart or note. `judged`: whether any row of a table has a verdict or a signal; `raises`: the way to an action.

    `also`: what warnings that follow each other say after the first.
    """

    kind: str
    key: str
    title: str
    head: tuple[tuple[str, bool], ...] = ()
    lines: tuple[ShownRow, ...] = ()
    judged: bool = False
    raises: bool = False
    chart: Chart | None = None
    tone: str = ""
    empty: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section with its heading."""

    code: str
    title: str
    blocks: tuple[Shown, ...]


def sections_of(data: Mapping[str, Any], zone: str | None = None) -> list[ShownSection]:
    """The sections of a pack's data in the reader's language. `zone`: the clock of instants, else the reader's."""
    return [
        ShownSection(
            one["code"],
            section_title(one["code"]),
            tuple(_together(shown(thawed(block), zone) for block in one["blocks"])),
        )
        for one in data.get("sections", ())
    ]


def _together(blocks: Iterable[Shown]) -> Iterator[Shown]:
    """Warnings that follow each other as one block."""
    for warns, run in groupby(blocks, lambda one: one.kind == "note" and one.tone == "amber"):
        if not warns:
            yield from run
            continue
        first, *rest = run
        yield replace(first, also=tuple(one.title for one in rest))


def section_title(code: str) -> str:
    """A section's heading."""
    return told(Text(code=f"section.{code}"))


def shown(block: Block, zone: str | None = None) -> Shown:
    """A block in words."""
    match block:
        case Table():
            return _table(block, zone)
        case Note():
            return Shown("note", block.key, told(block.text), tone="amber" if block.tone == "warn" else "")
        case Series() | Bars():
            return Shown("chart", block.key, told(block.title), chart=chart_of(block, wide=isinstance(block, Bars)))


def _table(block: Table, zone: str | None) -> Shown:
    lines = tuple(_line(row, block, zone) for row in block.rows)
    head = tuple((told(one.label), one.kind not in WRITTEN) for one in block.columns)
    judged = any(one.rag or one.signals for one in lines)
    empty = told(block.empty) if block.empty else ""
    return Shown("table", block.key, told(block.title), head, lines, judged=judged, empty=empty)


def _line(row: Row, block: Table, zone: str | None) -> ShownRow:
    cells = tuple(
        Cell(cell_text(cell, column, row, zone), column.kind not in WRITTEN, told(column.label))
        for cell, column in zip(row.cells, block.columns, strict=True)
    )
    verdict = str(RAGS.get(row.rag, "")) if row.rag else ""
    title = " · ".join(told(one) for one in row.cells if isinstance(one, Text)) or cells[0].text
    return ShownRow(row.key, cells[0].text, title, cells[1:], row.rag, verdict, signal_text(row.signals), row.url)
