"""CSV for spreadsheets: streamed, with a byte-order mark, and harmless when a cell begins like a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import Final

from django.http import StreamingHttpResponse
from django.utils import timezone, translation

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file whose write returns what it was given: the csv module writes, we stream."""

    def write(self, text: str) -> str:
        return text


def neutral(value: object) -> str:
    """The cell's text; one that a spreadsheet would run as a formula gets an apostrophe before it. Numbers stay numbers."""
    if value is None:
        return ""
    text = str(value).replace("\x00", "")
    if isinstance(value, int | float) or not text.lstrip(" ").startswith(_DANGEROUS):
        return text
    return f"'{text}"


def csv_lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file line by line, neutralised."""
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([neutral(cell) for cell in header])
    for row in rows:
        yield writer.writerow([neutral(cell) for cell in row])


def csv_response(filename: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A download of the rows. `filename` is ours, not the user's."""
    response = StreamingHttpResponse(_as_asked(csv_lines(header, rows)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _as_asked(lines: Iterator[str]) -> Iterator[str]:
    """Each line in the language and the zone of whoever asked: it is written after the request's own have ended."""
    language, zone = translation.get_language() or "en", timezone.get_current_timezone()
    return _told(lines, language, zone)


def _told(lines: Iterator[str], language: str, zone: tzinfo) -> Iterator[str]:
    while True:
        with translation.override(language), timezone.override(zone):
            line = next(lines, None)
        if line is None:
            return
        yield line
