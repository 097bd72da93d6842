"""Rows put in as the ORM puts them in, by a statement that is put together once for each model: that took longer than the database did."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, Model

#: So many rows of one model fit in a statement that is kept; more are put in by the ORM.
MOST: Final = 8


def insert(rows: Sequence[Model], *, by: Mapping[str, str] | None = None) -> None:
    """Insert new rows of one model, which has a key that the database gives; each row gets its key. No signals are sent.

    `by`: expressions in place of "%s" for the columns of these fields, from the code and never from a user.
    """
    if not rows:
        return
    model = type(rows[0])
    if len(rows) > MOST and not by:
        model._base_manager.bulk_create(rows, batch_size=2000)
        return
    # The connection itself: each look through its proxy is a look into the thread's own memory.
    db = connections[DEFAULT_DB_ALIAS]
    sql, fields = _statement(model, len(rows), tuple((by or {}).items()))
    values = [field.get_db_prep_save(field.pre_save(row, True), db) for row in rows for field in fields]
    with db.cursor() as cursor:
        cursor.execute(sql, values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, db.alias


@lru_cache(maxsize=64)
def _statement(
    model: type[Model], many: int, by: tuple[tuple[str, str], ...]
) -> tuple[str, tuple["Field[Any, Any]", ...]]:
    quoted, given = connection.ops.quote_name, dict(by)
    fields = tuple(one for one in model._meta.local_concrete_fields if not one.primary_key)
    one_row = ", ".join(given.get(field.name) or _placeholder(field) for field in fields)
    columns, rows = ", ".join(quoted(str(field.column)) for field in fields), ", ".join([f"({one_row})"] * many)
    table, key = quoted(model._meta.db_table), quoted(str(model._meta.pk.column))
    # Names and expressions are those of the code.
    return f"INSERT INTO {table} ({columns}) VALUES {rows} RETURNING {key}", fields  # noqa: S608


def _placeholder(field: "Field[Any, Any]") -> str:
    """An array has to say of what it is. Nothing else does: a cast would cut a text that is too long."""
    return f"%s::{field.db_type(connection)}" if isinstance(field, ArrayField) else "%s"
