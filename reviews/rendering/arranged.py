"""Blocks as pages and slides take them: charts two by two, broad tables in pieces."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import batched, groupby
from typing import Final

from ..blocks import Block, Series, Table

#: As many columns as there is room for.
MOST_COLUMNS: Final = 14


def arranged(blocks: Iterable[Block]) -> Iterator[Sequence[Block]]:
    """What stands together: series that follow each other in pairs, all else by itself."""
    for in_series, run in groupby(blocks, lambda one: isinstance(one, Series)):
        if in_series:
            yield from batched(run, 2)
            continue
        for block in run:
            if isinstance(block, Table):
                yield from ([part] for part in narrowed(block))
            else:
                yield [block]


def narrowed(table: Table, most: int = MOST_COLUMNS) -> list[Table]:
    """The table in pieces that have room; each begins with the first column."""
    if len(table.columns) <= most:
        return [table]
    starts = range(1, len(table.columns), most - 1)
    return [_columns(table, [0, *range(at, min(at + most - 1, len(table.columns)))]) for at in starts]


def _columns(table: Table, kept: Sequence[int]) -> Table:
    rows = [replace(row, cells=[row.cells[at] for at in kept]) for row in table.rows]
    return replace(table, columns=[table.columns[at] for at in kept], rows=rows)
