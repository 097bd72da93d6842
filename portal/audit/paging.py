"""Keyset pages of the two lists at the bottom of the house, over a cursor that is one row's id and a direction."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Model, Q, QuerySet

_CURSOR = re.compile(r"([np])([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Rows, and the cursors of the neighbouring pages (None where there is none)."""

    items: list[T]
    next_cursor: str | None
    prev_cursor: str | None


def page_of[T: Model](
    qs: QuerySet[T, Any], *, column: str, cursor: str | None, descending: bool = False, size: int = 50
) -> Page[T]:
    """The page at the cursor, ordered by a column that is never null and by id. At most two queries.

    Raises BadRequest (a 400 page) for a cursor that was not made here. A cursor whose row is gone starts over.
    """
    backwards, edge = _parse(cursor)
    position = None if edge is None else qs.model._default_manager.filter(pk=edge).values_list(column, "pk").first()
    sign = "-" if descending != backwards else ""
    if position is not None:
        qs = qs.filter(_beyond(column, position, less=bool(sign)))
    rows = list(qs.order_by(f"{sign}{column}", f"{sign}pk")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return _page(rows, has_next=more or backwards, has_prev=more if backwards else position is not None)


def _page[T: Model](rows: list[T], *, has_next: bool, has_prev: bool) -> Page[T]:
    if not rows:
        return Page([], None, None)
    return Page(rows, f"n{rows[-1].pk}" if has_next else None, f"p{rows[0].pk}" if has_prev else None)


def _parse(cursor: str | None) -> tuple[bool, int | None]:
    if not cursor:
        return False, None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise BadRequest("unreadable cursor")
    return match[1] == "p", int(match[2])


def _beyond(column: str, position: tuple[Any, ...], *, less: bool) -> Q:
    value, pk = position
    lookup = "lt" if less else "gt"
    if column in {"pk", "id"}:
        return Q(**{f"pk__{lookup}": pk})
    return Q(**{f"{column}__{lookup}": value}) | Q(**{column: value, f"pk__{lookup}": pk})
