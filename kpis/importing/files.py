"""A file as blocks of text for COPY: the cells that the mapping names, behind the number of their line.

A workbook and JSON lines go by rows, CSV by lines or cells (`delimited`). What cannot be a row at all is set down as a fault.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused, RowError
from portal.imports.reading import Row
from portal.imports.tabular import MAX_COLUMNS, read_table

from . import delimited
from .source import Fault, Source

MAX_LINE: Final = 1024 * 1024
_SURROGATES: Final = range(0xD800, 0xE000)


def opened(path: Path) -> Source:
    """The file, read up to its heading. Raises ImportRefused when it cannot be used."""
    with path.open("rb") as raw:
        start = raw.read(64 * 1024)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json(path)
    if start.startswith(b"PK\x03\x04"):
        rows = read_table(path)
        return _of_rows(rows, getattr(rows, "close", lambda: None))
    return delimited.opened(path)


def blocks(source: Source, columns: Sequence[str]) -> Iterator[bytes]:
    """The named cells of every row as CSV for COPY, some thousand rows at a time. Faults and rows are counted on `source`."""
    try:
        if source.delimiter:
            yield from delimited.whole_lines(source, columns)
        rows = delimited.cells(source, columns) if source.delimiter else _values(source, columns)
        while block := list(islice(rows, delimited.BLOCK)):
            yield _written(block, source, columns)
    finally:
        source.close()


def _written(block: list[tuple[Any, ...]], source: Source, columns: Sequence[str]) -> bytes:
    text = _csv(block, source)
    if "\0" not in text:
        try:
            return text.encode()
        except UnicodeEncodeError:
            pass
    good = []
    for row in block:
        if fault := _not_text(row, columns):
            source.faults.add(fault)
        else:
            good.append(row)
    return _csv(good, source).encode()


def _csv(rows: Iterable[tuple[Any, ...]], source: Source) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", delimiter=source.delimiter or ",").writerows(rows)
    return out.getvalue()


def _not_text(row: tuple[Any, ...], columns: Sequence[str]) -> Fault | None:
    for name, cell in zip(columns, row[1:], strict=True):
        if "\0" in cell:
            return Fault(row[0], name, "nul")
        if any(ord(c) in _SURROGATES for c in cell):
            return Fault(row[0], name, "not_utf8")
    return None


def _of_rows(rows: Iterator[Row | RowError], close: Callable[[], None]) -> Source:
    """Rows of a workbook: the heading is what the first good row knows."""
    first: list[Row | RowError] = []
    for row in rows:
        first.append(row)
        if isinstance(row, Row):
            return Source(list(row.values), _chain(first, rows), close)
    raise ImportRefused(_("The file is empty."))


def _chain(first: list[Any], rest: Iterator[Any]) -> Iterator[Any]:
    yield from first
    yield from rest


def _values(source: Source, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    known = [name for name in columns if name in source.heading]
    for row in source.lines:
        source.rows += 1
        if isinstance(row, Fault):
            source.faults.add(row)
        elif isinstance(row, RowError):
            source.faults.add(Fault(row.line, row.column, "unreadable", {"why": row.reason}))
        else:
            yield (row.line, *(row.values.get(name, "") for name in known))


def _json(path: Path) -> Source:
    """JSON lines: an object a line. The names of all of them are the heading, so a first pass gathers these."""
    heading: dict[str, None] = {}
    for row in _objects(path):
        if isinstance(row, Row):
            heading.update(dict.fromkeys(row.values))
        if len(heading) > MAX_COLUMNS:
            raise ImportRefused(_("The objects have more than %(most)d names.") % {"most": MAX_COLUMNS})
    if not heading:
        raise ImportRefused(_("The file holds no row that can be read."))
    rows = _objects(path)
    return Source(list(heading), rows, rows.close)


def _objects(path: Path) -> Any:
    with path.open("rb") as raw:
        number = 0
        while line := raw.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise ImportRefused(_("A line is longer than 1 MB. Is this a text file?"))
            if line.strip():
                yield _object(number, line)


def _object(number: int, line: bytes) -> Row | Fault:
    try:
        found = json.loads(line.removeprefix(b"\xef\xbb\xbf"), parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return Fault(number, "", "not_json")
    if not isinstance(found, dict):
        return Fault(number, "", "not_object")
    values = {}
    for name, value in found.items():
        if isinstance(value, bool):
            values[name] = "yes" if value else "no"
        elif value is None or isinstance(value, str):
            values[name] = value or ""
        else:
            return Fault(number, str(name)[:120], "not_a_value")
    return Row(number, values)
