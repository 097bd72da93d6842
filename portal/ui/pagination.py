"""Keyset pages: constant cost however far one pages, stable while rows come and go.

The cursor is base64 of JSON: a direction and the order columns' values of the row at the page's edge. It is not signed, because it
can say nothing that a filter could not; it is checked against the columns' types instead.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, Field, IntegerField, Model, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.sql import Query
from django.db.models.sql.constants import SINGLE

Direction = Literal["next", "prev"]
MAX_CURSOR: Final = 2000
DEFAULT_SIZE: Final = 50


class BadCursor(BadRequest):
    """The page's cursor was not made by us; answered with 400."""


@dataclass(frozen=True, slots=True)
class Page[T]:
    """One page of rows, and the cursors of its neighbours (None where there is none)."""

    items: list[T]
    next_cursor: str | None
    prev_cursor: str | None

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    descending: bool
    field: Field[Any, Any]

    def after(self, value: Any, *, inclusive: bool = False) -> Q:
        lookup = ("lt" if self.descending else "gt") + ("e" if inclusive else "")
        return Q(**{f"{self.name}__{lookup}": value})

    def flipped(self) -> _Column:
        return _Column(self.name, not self.descending, self.field)

    def order(self, *, nulls_first: bool, nulls_last: bool) -> OrderBy:
        return OrderBy(
            F(self.name), descending=self.descending, nulls_first=nulls_first or None, nulls_last=nulls_last or None
        )


def keyset_page[T: Model](
    qs: QuerySet[T, Any],
    *,
    order: Sequence[str] = ("id",),
    cursor: str | None = None,
    size: int = DEFAULT_SIZE,
) -> Page[Any]:
    """One page of `qs` in the given order (`-name` descends; the first column may be null, nulls come last).

    The order's last column must be unique; `id` is added if it is missing. One query; a second one only where a page
    crosses from rows with a value into rows without. Raises BadCursor for a cursor that we did not make.
    """
    columns = _columns(qs, order)
    if not cursor:
        rows = list(qs.order_by(*_ordering(columns))[: size + 1])
        return _page(rows, columns, size, "next", first=True)
    direction, values = _decode(cursor, columns)
    rows = _rows(qs, columns, values, direction, size + 1)
    if direction == "prev" and len(rows) <= size:
        return keyset_page(qs, order=order, size=size)
    page = _page(rows, columns, size, direction, first=False)
    if not page.items:
        return Page([], None, _encode("prev", values))
    return page


def capped_count(qs: QuerySet[Any, Any], cap: int = 1000) -> int:
    """How many rows there are, but no more than `cap` (show it with the `capped` filter)."""
    return qs.order_by()[:cap].count()


class _Counted(Subquery):
    """How many rows there are; 0 where Django sees that there can be none."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()
    empty_result_set_value = 0


def capped_counts(parts: Mapping[str, QuerySet[Any, Any]], cap: int = 1000) -> dict[str, int]:
    """How many rows each part has, but no more than one above `cap`: no part is read further. One query for all."""
    query = Query(None)
    for name, rows in parts.items():
        query.add_annotation(_Counted(rows.order_by().values("pk")[: cap + 1]), name)
    row = query.get_compiler(DEFAULT_DB_ALIAS).execute_sql(SINGLE)
    return dict(zip(parts, row, strict=True))


def _columns(qs: QuerySet[Any, Any], order: Sequence[str]) -> list[_Column]:
    names = list(order)
    if not {"id", "-id", "pk", "-pk"} & set(names):
        names.append("id")
    return [_Column(name.lstrip("-"), name.startswith("-"), _field(qs, name.lstrip("-"))) for name in names]


def _field(qs: QuerySet[Any, Any], name: str) -> Field[Any, Any]:
    annotation = qs.query.annotations.get(name)
    if annotation is not None:
        return annotation.output_field
    try:
        found: Field[Any, Any] = qs.model._meta.pk if name == "pk" else qs.model._meta.get_field(name)
    except FieldDoesNotExist:
        raise ValueError(f"cannot page by {name!r}: neither a column nor an annotation") from None
    return found


def _ordering(columns: Sequence[_Column], *, backwards: bool = False, nulls: bool = True) -> list[OrderBy]:
    found = [column.flipped() if backwards else column for column in columns]
    head = found[0].order(nulls_first=nulls and backwards, nulls_last=nulls and not backwards)
    return [head, *(column.order(nulls_first=False, nulls_last=False) for column in found[1:])]


def _rows(
    qs: QuerySet[Any, Any], columns: Sequence[_Column], values: Sequence[Any], direction: Direction, want: int
) -> list[Any]:
    """The rows beyond the edge, in the direction of travel; with nulls last, those without a value are a part of their own."""
    backwards = direction == "prev"
    moving = [column.flipped() if backwards else column for column in columns]
    has_value, has_none = Q(**{f"{columns[0].name}__isnull": False}), Q(**{f"{columns[0].name}__isnull": True})
    if values[0] is None:
        part = qs.filter(has_none & _beyond(moving[1:], values[1:]))
        rows = list(part.order_by(*_ordering(columns, backwards=backwards)[1:])[:want])
        other, reachable = has_value, backwards
    else:
        part = qs.filter(moving[0].after(values[0], inclusive=True) & _beyond(moving, values))
        rows = list(part.order_by(*_ordering(columns, backwards=backwards, nulls=False))[:want])
        other, reachable = has_none, not backwards
    if reachable and len(rows) < want:
        ordering = _ordering(columns, backwards=backwards, nulls=False)
        rows += list(qs.filter(other).order_by(*ordering)[: want - len(rows)])
    return rows


def _beyond(columns: Sequence[_Column], values: Sequence[Any]) -> Q:
    """Rows after the edge: the first column differs that way, or it is equal and the next one does, and so on."""
    beyond, equal = Q(pk__in=[]), Q()
    for column, value in zip(columns, values, strict=True):
        beyond |= equal & column.after(value)
        equal &= Q(**{column.name: value})
    return beyond


def _page(rows: list[Any], columns: Sequence[_Column], size: int, direction: Direction, *, first: bool) -> Page[Any]:
    more, items = len(rows) > size, rows[:size]
    if direction == "prev":
        items.reverse()
    if not items:
        return Page([], None, None)
    has_next, has_prev = (more, not first) if direction == "next" else (True, more)
    return Page(
        items,
        _encode("next", _values(items[-1], columns)) if has_next else None,
        _encode("prev", _values(items[0], columns)) if has_prev else None,
    )


def _values(row: Any, columns: Sequence[_Column]) -> list[Any]:
    if isinstance(row, dict):
        return [row[column.name] for column in columns]
    return [getattr(row, column.name) for column in columns]


def _encode(direction: Direction, values: Sequence[Any]) -> str:
    text = json.dumps([direction, *(_plain(value) for value in values)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def _decode(cursor: str, columns: Sequence[_Column]) -> tuple[Direction, list[Any]]:
    parsed = _parsed(cursor)
    if not isinstance(parsed, list) or len(parsed) != len(columns) + 1 or parsed[0] not in ("next", "prev"):
        raise BadCursor("cursor of another list")
    values = [_checked(column, value) for column, value in zip(columns, parsed[1:], strict=True)]
    if any(value is None for value in values[1:]):
        raise BadCursor("cursor without a value")
    return parsed[0], values


def _parsed(cursor: str) -> Any:
    if len(cursor) > MAX_CURSOR:
        raise BadCursor("cursor too long")
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return json.loads(raw.decode())
    except (binascii.Error, UnicodeError, ValueError, RecursionError):
        raise BadCursor("cursor unreadable") from None


def _checked(column: _Column, value: Any) -> Any:
    """The value as the column's type, or BadCursor; what passes here, the database can compare."""
    if value is None:
        return None
    if not isinstance(value, str | int | float) or (isinstance(value, str) and "\x00" in value):
        raise BadCursor("cursor with a bad value")
    try:
        # Half a surrogate pair is a string to JSON, but not to the database.
        str(value).encode()
        python = column.field.to_python(value)
        column.field.run_validators(python)
        if isinstance(python, datetime):
            python = _in_utc(python)
    except (ValidationError, ValueError, TypeError, OverflowError, ArithmeticError):
        raise BadCursor("cursor with a bad value") from None
    return python


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)
