"""A temporary table that brings the rows of one case together, whatever their order in the file; memory stays flat."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import uuid4

from django.db import connection

from escalations.importing.history import read
from portal.imports.errors import RowError
from portal.imports.mapping import Mapping
from portal.imports.reading import Row
from portal.imports.values import ColumnError

FETCH = 5000


@dataclass(frozen=True, slots=True)
class Staged:
    """One row as it lies in the temporary table."""

    key: str
    line: int
    values: dict[str, str]


def stage(mapping: Mapping, rows: Iterable[Row | RowError]) -> tuple[int, list[RowError]]:
    """Copy every good row into the temporary table; returns how many, and the bad ones."""
    errors: list[RowError] = []
    wanted = sorted(mapping.columns() | _event_columns(mapping))
    count = 0
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_stage")
        cursor.execute("CREATE TEMPORARY TABLE import_stage (key text, line bigint, at timestamptz, doc text)")
        with cursor.copy("COPY import_stage (key, line, at, doc) FROM STDIN") as copy:
            for row in rows:
                good = row if isinstance(row, RowError) else _checked(mapping, row, wanted)
                if isinstance(good, RowError):
                    errors.append(good)
                    continue
                copy.write_row(good)
                count += 1
    return count, errors


def _event_columns(mapping: Mapping) -> set[str]:
    event = mapping.extra.get("event") or {}
    return {c for c in (event.get("at"), event.get("by"), *event.get("order", ())) if c}


def _checked(mapping: Mapping, row: Row, wanted: list[str]) -> tuple[str, int, datetime, str] | RowError:
    for column in wanted:
        if column not in row.values:
            return RowError(row.line, column, "no such column")
    key = row.values[mapping.key].strip()
    if key in mapping.missing or len(key) > 80:
        return RowError(row.line, mapping.key, "is missing or too long")
    try:
        reading = read(mapping, row.line, row.values)
    except ColumnError as error:
        return RowError(row.line, error.column, error.reason)
    return key, row.line, reading.at, json.dumps([row.values[c] for c in wanted])


def busiest_week_offset(now: datetime) -> timedelta:
    """How far to move the log so that the ISO week (UTC) with most rows becomes the week of `now`. Whole weeks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('week', at AT TIME ZONE 'UTC') AS week FROM import_stage GROUP BY 1 "
            "ORDER BY count(*) DESC, 1 LIMIT 1"
        )
        row = cursor.fetchone()
    if row is None:
        return timedelta(0)
    this_week = (now - timedelta(days=now.weekday())).date()
    return timedelta(days=(this_week - row[0].date()).days)


@contextmanager
def staged_cases(mapping: Mapping) -> Iterator[Iterator[tuple[str, list[Row]]]]:
    """The cases of the temporary table, each with its rows in file order."""
    wanted = sorted(mapping.columns() | _event_columns(mapping))
    # With hold: the cursor outlives the commits that each batch of cases makes.
    with connection.connection.cursor(name=f"import_{uuid4().hex}", withhold=True) as cursor:
        cursor.itersize = FETCH
        cursor.execute("SELECT key, line, doc FROM import_stage ORDER BY key, line")
        yield _grouped(cursor, wanted)


def _grouped(cursor: Any, wanted: list[str]) -> Iterator[tuple[str, list[Row]]]:
    for key, group in groupby(cursor, key=lambda record: record[0]):
        yield key, [Row(line, dict(zip(wanted, json.loads(doc), strict=True))) for _key, line, doc in group]


def drop_stage() -> None:
    """Give the temporary table's space back."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_stage")
