"""Reads CSV, plain or gzipped, a row at a time, and survives what is wrong with it."""

import csv
import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused, RowError

MAX_LINE_BYTES = 1024 * 1024
MAX_TOTAL_BYTES = 4 * 1024**3
# What gzip makes of text is 5 to 20 times smaller; far beyond that it is a bomb, not a log.
MAX_RATIO = 200
RATIO_CHECKED_FROM = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file by column name, and the line on which it began (the heading is line 1)."""

    line: int
    values: dict[str, str]


class Progress:
    """How many bytes of the file itself (compressed or not) have been read."""

    def __init__(self, path: Path) -> None:
        self.total = path.stat().st_size
        self.raw: BinaryIO | None = None

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self.raw.tell() if self.raw and not self.raw.closed else self.total


def read_rows(path: Path, progress: Progress | None = None) -> Iterator[Row | RowError]:
    """Yield every row, or what is wrong with it, in file order with flat memory.

    Raises ImportRefused when the file as a whole cannot be read: no heading, not gzip, too large, a line without end.
    """
    try:
        with path.open("rb") as raw:
            if progress:
                progress.raw = raw
            yield from parse(_lines(raw, path))
    except (gzip.BadGzipFile, EOFError) as error:
        raise ImportRefused(_("This is not a whole gzip file.")) from error
    except OSError as error:
        raise ImportRefused(_("The file cannot be read: %(why)s.") % {"why": error.strerror or error}) from error


def _lines(raw: BinaryIO, path: Path) -> Iterator[str]:
    zipped = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    if path.suffix == ".gz" and not zipped:
        raise ImportRefused(_("This is not a whole gzip file."))
    stream: io.BufferedIOBase = gzip.GzipFile(fileobj=raw) if zipped else raw  # type: ignore[assignment]
    total = 0
    first = True
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise ImportRefused(_("A line is longer than 1 MB. Is this a text file?"))
        total += len(line)
        if total > MAX_TOTAL_BYTES or (total > RATIO_CHECKED_FROM and total > MAX_RATIO * max(raw.tell(), 1)):
            raise ImportRefused(_("The file unpacks to more than it should. It was not read further."))
        text = line.decode("utf-8", errors="surrogateescape")
        yield text.removeprefix("\ufeff") if first else text
        first = False


def parse(lines: Iterator[str], delimiter: str = ",", max_columns: int | None = None) -> Iterator[Row | RowError]:
    """Rows of decoded lines, the first of which is the heading. Raises ImportRefused when that cannot be used."""
    # strict: a quote that never closes is an error at once instead of swallowing the rest of the file.
    reader = csv.reader(lines, strict=True, delimiter=delimiter)
    heading = checked_heading(_first(reader), max_columns)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield RowError(line, "", str(error))
            continue
        if cells:
            yield _row(line, heading, cells)


def _first(reader: Iterator[list[str]]) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        raise ImportRefused(_("The file is empty.")) from None
    except csv.Error as error:
        raise ImportRefused(_("The heading cannot be read: %(why)s.") % {"why": error}) from error


def checked_heading(cells: list[str], max_columns: int | None = None) -> list[str]:
    """The names of the columns. Raises ImportRefused for too many, for two of the same name, for what is no text."""
    heading = [name.strip() for name in cells]
    if max_columns and len(heading) > max_columns:
        found = {"found": len(heading), "most": max_columns}
        raise ImportRefused(
            _("The file has %(found)d columns; at most %(most)d can be read. Keep what is needed.") % found
        )
    if len(set(heading)) != len(heading):
        raise ImportRefused(_("Two columns have the same name."))
    if any("\0" in name or not name.isprintable() for name in heading):
        raise ImportRefused(_("The heading is not text in UTF-8."))
    return heading


def _row(line: int, heading: list[str], cells: list[str]) -> Row | RowError:
    if len(cells) != len(heading):
        reason = _("%(found)d columns instead of %(expected)d") % {"found": len(cells), "expected": len(heading)}
        return RowError(line, "", reason)
    for name, cell in zip(heading, cells, strict=True):
        if "\0" in cell:
            return RowError(line, name, _("contains a NUL character"))
        if not cell.isascii() and any("\ud800" <= c <= "\udfff" for c in cell):
            return RowError(line, name, _("is not UTF-8"))
    return Row(line, dict(zip(heading, cells, strict=True)))
