"""Tables that are too broad for a page or slide."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ..blocks import Table

#: As many columns as there is room for.
MOST_COLUMNS: Final = 14


def narrowed(table: Table, most: int = MOST_COLUMNS) -> list[Table]:
    """The table in pieces that have room side by side no more; each begins with the first column."""
    if len(table.columns) <= most:
        return [table]
    starts = range(1, len(table.columns), most - 1)
    return [_columns(table, [0, *range(at, min(at + most - 1, len(table.columns)))]) for at in starts]


def _columns(table: Table, kept: Sequence[int]) -> Table:
    rows = [replace(row, cells=[row.cells[at] for at in kept]) for row in table.rows]
    return replace(table, columns=[table.columns[at] for at in kept], rows=rows)
