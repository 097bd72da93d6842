"""The cells of a file taken into the database: numbers as numbers as long as nothing else is in their columns, all else as text."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import psycopg
from django.db import connection, transaction

from . import progress, statements
from .files import blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .cells import Cells
    from .run import Upload
    from .source import Source

# Blocks of a file that are copied by one statement.
TOGETHER: Final = 5


def stage(source: Source, cells: Cells, upload: Upload) -> None:
    """Copy every row. Afterwards `cells` knows which columns are numbers."""
    whole, done, rows = upload.path.stat().st_size, 0, blocks(source, list(cells.places))
    with connection.cursor() as cursor:
        cursor.execute(statements.DROP)
        cursor.execute(statements.stage(cells))
        cursor.execute(statements.LOOKUPS)
        for first in rows:
            together = [first, *islice(rows, TOGETHER - 1)]
            _copied(cursor, source, cells, together)
            done += sum(map(len, together))
            # Not while it is copied: without Valkey the cache is in the database, on this very connection. A packed file is smaller than its text.
            upload.tell(min(progress.STAGED * done // whole, progress.STAGED))


def _copied(cursor: Any, source: Source, cells: Cells, together: Sequence[bytes]) -> None:
    if cells.whole:
        try:
            with transaction.atomic():
                _copy(cursor, source, together)
        except psycopg.DataError:
            # Something in a column of numbers is none. As text it comes in, and is told of in its row.
            cursor.execute(statements.as_text(cells))
            cells.whole = frozenset()
        else:
            return
    _copy(cursor, source, together)


def _copy(cursor: Any, source: Source, together: Sequence[bytes]) -> None:
    with cursor.copy(statements.copy_staged(source.delimiter)) as copy:
        for block in together:
            copy.write(block)
