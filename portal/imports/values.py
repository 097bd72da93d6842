"""Turns the text of a row into values, or says which column is wrong and why."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from portal.imports.errors import BadValue
from portal.imports.mapping import FieldMapping, Mapping

_TRUE = frozenset({"true", "yes", "y", "1", "t"})
_FALSE = frozenset({"false", "no", "n", "0", "f"})
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class ColumnError(BadValue):
    """A bad value, with the column it stands in."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


def value_of(mapping: Mapping, field: FieldMapping, values: dict[str, str]) -> Any:
    """The field's value in this row; its default (or None) where missing. Raises ColumnError."""
    texts = [text for column in field.columns if (text := values[column].strip()) not in mapping.missing]
    if not texts:
        if field.required and field.default is None:
            raise ColumnError(field.columns[0], _("is missing"))
        return field.default
    text = field.join.join(texts)
    try:
        return _converted(mapping, field, text)
    except BadValue as error:
        raise ColumnError(field.columns[0], str(error)) from error


def _converted(mapping: Mapping, field: FieldMapping, text: str) -> Any:
    if field.table is not None:
        if text not in field.table:
            raise BadValue(_("“%(value)s” is not in the mapping's table") % {"value": text[:80]})
        return field.table[text]
    if field.kind == "text":
        return text
    if field.kind == "integer":
        return _integer(text)
    if field.kind == "boolean":
        return _boolean(text)
    return instant(mapping, text)


def _integer(text: str) -> int:
    if not text.isascii() or not text.lstrip("-").isdigit() or len(text) > 9:
        raise BadValue(_("“%(value)s” is not a whole number") % {"value": text[:80]})
    return int(text)


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise BadValue(_("“%(value)s” is neither yes nor no") % {"value": text[:80]})


def instant(mapping: Mapping, text: str) -> datetime:
    """A date or time of the file as a UTC instant; a naive one is read in the mapping's zone. Raises BadValue."""
    return _instant(mapping.dates, str(mapping.zone), mapping.zone, text)


@lru_cache(maxsize=65536)
def _instant(formats: tuple[str, ...], _zone_key: str, zone: Any, text: str) -> datetime:
    for form in formats:
        try:
            parsed = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)
        # Outside these years the conversion itself can overflow.
        if not EARLIEST.year <= aware.year < LATEST.year:
            break
        return aware.astimezone(UTC)
    raise BadValue(_("“%(value)s” is not a date the mapping knows") % {"value": text[:80]})
