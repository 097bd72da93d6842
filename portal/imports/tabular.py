"""Reads tables as people have them: CSV in the encodings and with the separators of their spreadsheet, or XLSX."""

import codecs
import csv
import gzip
import io
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused, RowError
from portal.imports.reading import MAX_LINE_BYTES, Row, parse

MAX_COLUMNS: Final = 100
MAX_BYTES: Final = 2 * 1024**3
# What gzip makes of a table is 5 to 20 times smaller; far beyond that it is a bomb.
MAX_RATIO: Final = 200
RATIO_CHECKED_FROM: Final = 64 * 1024 * 1024
BLOCK: Final = 1024 * 1024
_GZIP, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_table(path: Path) -> Iterator[Row | RowError]:
    """Yield every row that is not blank, or what is wrong with it, in file order with flat memory.

    Raises ImportRefused when the file as a whole cannot be used: empty, too large, too wide, not a table.
    """
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            if start == _OLD_EXCEL:
                raise ImportRefused(_("This is an old or protected Excel file. Save it as .xlsx without a password."))
            opened = _sheet(raw) if start == _ZIP else _delimited(raw, start[:2] == _GZIP)
            # Whoever stops reading early closes the reader before its file.
            with closing(opened) as rows:
                for row in rows:
                    if isinstance(row, RowError) or any(cell.strip() for cell in row.values.values()):
                        yield row
    except (gzip.BadGzipFile, EOFError) as error:
        raise ImportRefused(_("This is not a whole gzip file.")) from error
    except OSError as error:
        raise ImportRefused(_("The file cannot be read: %(why)s.") % {"why": error.strerror or error}) from error


@contextmanager
def decoded(path: Path) -> Generator[tuple[str, Iterator[str]]]:
    """The separator and the decoded lines of a CSV, for who reads its cells faster than by rows. Raises ImportRefused."""
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
            if start == _OLD_EXCEL:
                raise ImportRefused(_("This is an old or protected Excel file. Save it as .xlsx without a password."))
            raw.seek(0)
            zipped = start[:2] == _GZIP
            encoding = _encoding(_unpacked(raw, zipped), raw)
            raw.seek(0)
            with closing(_lines(_unpacked(raw, zipped), raw, encoding)) as lines:
                first = next(lines, "")
                if not first.strip():
                    raise ImportRefused(_("The file is empty."))
                yield _delimiter(first), chain((first,), lines)
    except (gzip.BadGzipFile, EOFError) as error:
        raise ImportRefused(_("This is not a whole gzip file.")) from error
    except OSError as error:
        raise ImportRefused(_("The file cannot be read: %(why)s.") % {"why": error.strerror or error}) from error


def _sheet(raw: BinaryIO) -> Generator[Row | RowError]:
    # Its reader takes as long to load as a tenth of Django; most tables are CSV.
    from portal.imports import xlsx

    return xlsx.read_sheet(raw, MAX_COLUMNS)


def _delimited(raw: BinaryIO, zipped: bool) -> Generator[Row | RowError]:
    encoding = _encoding(_unpacked(raw, zipped), raw)
    raw.seek(0)
    # Closed before the file is, whatever stops the reading.
    with closing(_lines(_unpacked(raw, zipped), raw, encoding)) as lines:
        first = next(lines, "")
        if not first.strip():
            raise ImportRefused(_("The file is empty."))
        yield from parse(chain((first,), lines), _delimiter(first), MAX_COLUMNS)


def _unpacked(raw: BinaryIO, zipped: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if zipped else raw


def _guard(total: int, raw: BinaryIO) -> None:
    if total > MAX_BYTES or (total > RATIO_CHECKED_FROM and total > MAX_RATIO * max(raw.tell(), 1)):
        raise ImportRefused(_("The file unpacks to more than it should. It was not read further."))


def _encoding(stream: IO[bytes], raw: BinaryIO) -> str:
    """How the file is written: by its mark, else UTF-8 if all of it is, else UTF-16 by its zeros, else GB18030."""
    head = stream.read(BLOCK)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if guess := _unmarked_utf16(head[:4096]):
        return guess
    decoder, block, total = codecs.getincrementaldecoder("utf-8")(), head, 0
    try:
        while block:
            decoder.decode(block)
            total += len(block)
            _guard(total, raw)
            block = stream.read(BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _unmarked_utf16(head: bytes) -> str:
    """Text in UTF-16 has a zero in nearly every second byte of its separators and digits."""
    if len(head) < 4 or head.count(0) < len(head) // 4:
        return ""
    return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"


def _lines(stream: IO[bytes], raw: BinaryIO, encoding: str) -> Generator[str]:
    """Decoded lines; what cannot be decoded stays as a lone surrogate, which the row's check names."""
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    total = 0
    try:
        while line := text.readline(MAX_LINE_BYTES + 1):
            if len(line) > MAX_LINE_BYTES:
                raise ImportRefused(_("A line is longer than 1 MB. Is this a text file?"))
            total += len(line)
            _guard(total, raw)
            yield line
    finally:
        text.detach()


def _delimiter(first: str) -> str:
    """Comma, semicolon or tab: the one that parts the heading most often."""
    counts = {mark: len(next(csv.reader([first], delimiter=mark), [])) for mark in (",", ";", "\t")}
    return max(counts, key=lambda mark: counts[mark])
