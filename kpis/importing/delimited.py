"""Plain CSV as blocks for COPY. Where nothing is quoted and every column is wanted, a line goes on as it stands, behind its number."""

import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused
from portal.imports.reading import checked_heading
from portal.imports.tabular import MAX_COLUMNS, decoded

from .source import Fault, Source

BLOCK: Final = 20_000


def opened(path: Path) -> Source:
    """The file, read up to its heading. Raises ImportRefused when it cannot be used."""
    manager = decoded(path)
    delimiter, lines = manager.__enter__()

    def closed() -> None:
        manager.__exit__(None, None, None)

    reader = _reader(lines, delimiter)
    try:
        heading = checked_heading(next(reader), MAX_COLUMNS)
    except (StopIteration, csv.Error) as error:
        closed()
        raise ImportRefused(_("The heading cannot be read: %(why)s.") % {"why": error}) from error
    except ImportRefused:
        closed()
        raise
    return Source(heading, lines, closed, delimiter, reader.line_num)


def whole_lines(source: Source, columns: Sequence[str]) -> Iterator[bytes]:
    """Lines as they stand, as far as that goes. What is left on `source` is for `cells`."""
    if list(columns) != source.heading or len(columns) < 2:
        return
    while lines := list(islice(source.lines, BLOCK)):
        block = _plain(lines, source)
        if block is None:
            source.lines = chain(lines, source.lines)
            return
        source.taken += len(lines)
        yield block


def _plain(lines: list[str], source: Source) -> bytes | None:
    """The lines behind their numbers; None when the reader of CSV must look at them."""
    text, mark, marks = "".join(lines), source.delimiter, len(source.heading) - 1
    if '"' in text or "\0" in text or max(map(len, lines)) > csv.field_size_limit():
        return None
    numbered = list(enumerate((line.rstrip("\r\n") for line in lines), source.taken + 1))
    good = [f"{number}{mark}{line}\n" for number, line in numbered if line.count(mark) == marks]
    try:
        block = "".join(good).encode()
    except UnicodeEncodeError:
        return None
    source.rows += len(good)
    if len(good) < len(lines):
        for number, line in numbered:
            if line.count(mark) != marks:
                source.odd(number, line.split(mark))
    return block


def cells(source: Source, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The number of each line that begins a row, and the named cells."""
    pick = _picker([source.heading.index(name) for name in columns])
    reader, before, width = _reader(source.lines, source.delimiter), source.taken + 1, len(source.heading)
    next_row = reader.__next__
    while True:
        line = reader.line_num + before
        try:
            found = next_row()
        except StopIteration:
            return
        except csv.Error as error:
            source.rows += 1
            source.faults.add(Fault(line, "", "not_csv", {"why": str(error)}))
            continue
        if len(found) == width:
            source.rows += 1
            yield (line, *pick(found))
        else:
            source.odd(line, found)


def _reader(lines: Iterator[str], delimiter: str) -> Any:
    # strict: a quote that never closes is an error at once instead of swallowing the rest of the file.
    return csv.reader(lines, strict=True, delimiter=delimiter)


def _picker(places: list[int]) -> Callable[[Sequence[str]], tuple[str, ...]]:
    if len(places) == 1:
        (only,) = places
        return lambda found: (found[only],)
    return itemgetter(*places) if places else lambda _found: ()
