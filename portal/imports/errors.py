"""What can be wrong with a file or a row."""

import csv
from dataclasses import dataclass
from pathlib import Path

from portal.ui.exports import neutral

REPORT_COLUMNS = ("line", "column", "reason")


class ImportRefused(Exception):  # noqa: N818
    """The whole file cannot be taken; the message says why and is shown as it is."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One bad row: where (first line of the row, counting the heading as 1), which column, and why."""

    line: int
    column: str
    reason: str


class BadValue(ValueError):  # noqa: N818
    """A value that cannot be what its column should hold."""


def write_report(path: Path, errors: list[RowError]) -> None:
    """Write the bad rows as CSV, safe to open in a spreadsheet."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(REPORT_COLUMNS)
        writer.writerows((e.line, neutral(e.column), neutral(e.reason)) for e in errors)
