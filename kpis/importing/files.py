"""A file as blocks of text for COPY: the cells that the mapping names, behind the number of their line.

Plain CSV goes by cells, a workbook and JSON lines by rows. What cannot be a row at all is set down as a fault.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused, RowError
from portal.imports.reading import Row, checked_heading
from portal.imports.tabular import MAX_COLUMNS, decoded, read_table

KEPT: Final = 1000
BLOCK: Final = 20_000
MAX_LINE: Final = 1024 * 1024
_SURROGATES: Final = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row (`row` 1 is the heading): a code with parameters, and the column to look at."""

    row: int
    column: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Faults:
    """The first faults, and how many rows have any."""

    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: Fault) -> None:
        """Count it; keep it while there is room."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(fault)


@dataclass(slots=True)
class Source:
    """A file that is being read. `rows` counts all rows, the bad ones too."""

    heading: list[str]
    lines: Iterator[Any]
    close: Callable[[], None]
    faults: Faults = field(default_factory=Faults)
    rows: int = 0
    cells: bool = False


def opened(path: Path) -> Source:
    """The file, read up to its heading. Raises ImportRefused when it cannot be used."""
    with path.open("rb") as raw:
        start = raw.read(64 * 1024)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json(path)
    if start.startswith(b"PK\x03\x04"):
        rows = read_table(path)
        return _of_rows(rows, getattr(rows, "close", lambda: None))
    return _delimited(path)


def blocks(source: Source, columns: Sequence[str]) -> Iterator[bytes]:
    """The named cells of every row as CSV for COPY, some thousand rows at a time. Faults and rows are counted on `source`."""
    pick = _picker([source.heading.index(name) for name in columns if name in source.heading])
    rows = _cells(source, pick) if source.cells else _values(source, columns)
    try:
        while block := list(islice(rows, BLOCK)):
            yield _written(block, source, columns)
    finally:
        source.close()


def _picker(places: list[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if len(places) == 1:
        (only,) = places
        return lambda cells: (cells[only],)
    return itemgetter(*places) if places else lambda _cells: ()


def _written(block: list[tuple[Any, ...]], source: Source, columns: Sequence[str]) -> bytes:
    text = _csv(block)
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
    return _csv(good).encode()


def _csv(rows: Iterable[tuple[Any, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _not_text(row: tuple[Any, ...], columns: Sequence[str]) -> Fault | None:
    for name, cell in zip(columns, row[1:], strict=True):
        if "\0" in cell:
            return Fault(row[0], name, "nul")
        if any(ord(c) in _SURROGATES for c in cell):
            return Fault(row[0], name, "not_utf8")
    return None


def _delimited(path: Path) -> Source:
    opened_ = decoded(path)
    delimiter, lines = opened_.__enter__()
    # strict: a quote that never closes is an error at once instead of swallowing the rest of the file.
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    try:
        heading = checked_heading(next(reader), MAX_COLUMNS)
    except (StopIteration, csv.Error) as error:
        opened_.__exit__(None, None, None)
        raise ImportRefused(_("The heading cannot be read: %(why)s.") % {"why": error}) from error
    except ImportRefused:
        opened_.__exit__(None, None, None)
        raise

    def closed() -> None:
        opened_.__exit__(None, None, None)

    return Source(heading, reader, closed, cells=True)


def _cells(source: Source, pick: Callable[[Sequence[str]], tuple[str, ...]]) -> Iterator[tuple[Any, ...]]:
    reader: Any = source.lines
    width, next_row = len(source.heading), reader.__next__
    while True:
        line = reader.line_num + 1
        try:
            cells = next_row()
        except StopIteration:
            return
        except csv.Error as error:
            source.rows += 1
            source.faults.add(Fault(line, "", "not_csv", {"why": str(error)}))
            continue
        if len(cells) == width:
            source.rows += 1
            yield (line, *pick(cells))
        elif any(cell.strip() for cell in cells):
            source.rows += 1
            source.faults.add(Fault(line, "", "width", {"found": len(cells), "expected": width}))


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
