"""Reads the first sheet of an XLSX workbook: values as they were last computed, no formulas, no merged cells."""

import re
import zipfile
from collections.abc import Generator, Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from portal.files.archives import TooLongError, entries_of
from portal.imports.errors import ImportRefused, RowError
from portal.imports.reading import Row, checked_heading

MAX_UNPACKED: Final = 2 * 1024**3
# Kept in memory as a whole by every reader of the format.
MAX_STRINGS: Final = 128 * 1024 * 1024
MAX_RATIO: Final = 200
RATIO_CHECKED_FROM: Final = 64 * 1024 * 1024
BLOCK: Final = 1024 * 1024
OVERLAP: Final = 200
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z0-9:]{1,30})"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_FAULTS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


def read_sheet(raw: BinaryIO, max_columns: int) -> Generator[Row | RowError]:
    """Yield the rows of the first visible sheet. Raises ImportRefused when the workbook cannot be used."""
    _check_size(raw)
    try:
        values = load_workbook(raw, read_only=True, data_only=True)
        sheet = _first_sheet(values)
        formulas = _look_through(raw, sheet)
        with_formulas = _first_sheet(load_workbook(raw, read_only=True)) if formulas else None
        yield from _rows(sheet, with_formulas, max_columns)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError) as error:
        # SyntaxError is what XML that is not well-formed, or that defines entities, raises.
        raise ImportRefused(
            _("This workbook is damaged. Open it, save it again as .xlsx, and try once more.")
        ) from error


def _check_size(raw: BinaryIO) -> None:
    """By what the archive says of its parts; reading one never yields more than it says."""
    try:
        parts = entries_of(raw)
    except TooLongError as error:
        raise _unpacks_to_too_much() from error
    except zipfile.BadZipFile as error:
        raise ImportRefused(_("This is not a whole Excel file.")) from error
    if not any(part.filename.startswith("xl/") for part in parts):
        raise ImportRefused(_("This is a ZIP archive, not an Excel file. Upload the table itself."))
    total = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    strings = max((part.file_size for part in parts if part.filename.endswith("sharedStrings.xml")), default=0)
    bomb = total > RATIO_CHECKED_FROM and total > MAX_RATIO * max(packed, 1)
    if bomb or total > MAX_UNPACKED or strings > MAX_STRINGS:
        raise _unpacks_to_too_much()


def _unpacks_to_too_much() -> ImportRefused:
    return ImportRefused(_("The file unpacks to more than it should. It was not read further."))


def _first_sheet(workbook: Any) -> Any:
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            return sheet
    raise ImportRefused(_("The workbook has no sheet with rows."))


def _look_through(raw: BinaryIO, sheet: Any) -> bool:
    """Whether the sheet has formulas. Raises ImportRefused for merged cells, naming the first."""
    formulas, tail = False, b""
    with zipfile.ZipFile(raw) as archive, archive.open(sheet._worksheet_path) as part:
        while block := part.read(BLOCK):
            window = tail + block
            formulas = formulas or bool(_FORMULA.search(window))
            if found := _MERGED.search(window):
                where = {"cells": found.group(1).decode()}
                raise ImportRefused(_("Cells are merged (%(cells)s). Unmerge them and fill in every row.") % where)
            tail = window[-OVERLAP:]
    return formulas


def _rows(sheet: Any, formulas: Any, max_columns: int) -> Iterator[Row | RowError]:
    # What the file says of its own extent is not to be relied on.
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True)
    heading = checked_heading(_trimmed([_text(cell) for cell in next(rows, ())]), max_columns)
    if not heading:
        raise ImportRefused(_("The file is empty."))
    beside = None
    if formulas is not None:
        formulas.reset_dimensions()
        beside = formulas.iter_rows(min_row=2, values_only=True)
    for line, cells in enumerate(rows, start=2):
        yield _row(line, heading, cells, next(beside, ()) if beside else ())


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _row(line: int, heading: list[str], cells: tuple[Any, ...], formulas: tuple[Any, ...]) -> Row | RowError:
    texts = [_text(cell) for cell in cells]
    if len(_trimmed(texts)) > len(heading):
        found = {"found": len(texts), "expected": len(heading)}
        return RowError(line, "", _("%(found)d columns instead of %(expected)d") % found)
    for name, cell, formula in zip(heading, cells, formulas, strict=False):
        if cell is None and isinstance(formula, str) and formula.startswith("="):
            return RowError(line, name, _("holds a formula without its result. Paste it as a value"))
    for name, text in zip(heading, texts, strict=False):
        if text in _FAULTS:
            return RowError(line, name, _("holds the error %(fault)s") % {"fault": text})
        if "\0" in text:
            return RowError(line, name, _("contains a NUL character"))
    return Row(line, dict(zip(heading, texts + [""] * (len(heading) - len(texts)), strict=True)))


def _text(cell: Any) -> str:
    """The cell as one would type it: whole numbers without a point, days as 2026-11-24."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
