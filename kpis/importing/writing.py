"""The good rows written: what they replace is kept, what is so already stays untouched, and the days that changed are marked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from ..actions import mark_dirty
from ..choices import FactKind
from ..models import Batch
from . import standing
from .checking import Checked
from .counts import Made


def write(found: Checked, batch: Batch, *, dry_run: bool) -> Made:
    """Write them, or with `dry_run` say what would be written."""
    known = changed = 0
    shape, params = found.mapping.shape, found.params | {"batch": batch.pk}
    with connection.cursor() as cursor:
        if found.beside and found.good:
            cursor.execute(standing.COUNT)
            known, changed = cursor.fetchone()
        made = Made(found.rows, found.good - known, changed, known - changed, found.faults.count)
        if dry_run or not (made.added or made.replaced):
            return made
        if made.replaced:
            cursor.execute(standing.replace(shape), params)
        if made.added:
            cursor.execute(standing.add(shape, beside=found.beside), params)
        if shape.kind != FactKind.FIGURES:
            mark_dirty(_changed(found, made, cursor, params))
    return made


def _changed(found: Checked, made: Made, cursor: Any, params: dict[str, Any]) -> Iterable[tuple[int, date]]:
    """The days of sites that are different now."""
    if not found.beside:
        return found.days
    cursor.execute(standing.days(added=bool(made.added)), params)
    return list(cursor.fetchall())
