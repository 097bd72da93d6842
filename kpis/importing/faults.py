"""What is wrong with a row that the database turned down, told from its cells. The reason is a code with parameters (`wording.faults`)."""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from .schema import FactField, FactsMapping
from .source import Fault

SHOWN: Final = 80
_PERCENT: Final = ("percent", re.compile(r".*[%％]\Z"))
_DATE: Final = ("date_for_number", re.compile(r"\d{4}[-/.]\d{1,2}[-/.]|\d{1,2}[-/.]\d{1,2}[-/.]\d{2}|\d{1,2}:\d{2}"))
_THOUSANDS: Final = ("thousands", re.compile(r"-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\Z"))
_COMMA: Final = ("decimal_comma", re.compile(r"-?\d+,\d+\Z"))
_POINT: Final = ("decimal_point", re.compile(r"-?\d*\.\d+\Z"))
_SHAPES: Final = {".": (_PERCENT, _DATE, _THOUSANDS, _COMMA), ",": (_PERCENT, _DATE, _POINT)}
_NUMBER: Final = re.compile(r"-?\d+([.,]\d+)?")


def told(mapping: FactsMapping, row: int, mark: str, says: Mapping[str, Any], cells: Mapping[str, str | None]) -> Fault:
    """The fault behind the database's mark ("kind:column:more")."""
    kind, *rest = mark.split(":")
    name, more = [*rest, "", ""][:2]
    if kind == "place":
        return _fault(mapping, row, name, more, {"value": _text(mapping, name, cells)})
    if kind == "time":
        return _of_time(mapping, row, name, cells)
    if kind == "cell":
        return _of_cell(mapping, row, name, cells)
    params: dict[str, Any] = {"value": says.get(name), "field": name}
    if kind.startswith("unknown_"):
        params = {"value": _text(mapping, name, cells)}
    if more:
        params |= {"row": int(more)} if more.isdigit() else {"other": more, "limit": says.get(more)}
    if kind == "both_over":
        params["value"] = _both(name, says)
    return _fault(mapping, row, name, kind, params)


def _both(name: str, says: Mapping[str, Any]) -> int:
    beside = {"abandoned": "answered", "handle": "available"}[name]
    return int(says[name]) + int(says[beside])


def _of_time(mapping: FactsMapping, row: int, code: str, cells: Mapping[str, str | None]) -> Fault:
    name = mapping.shape.at
    text = _text(mapping, name, cells)
    if code == "not_a_time" and _NUMBER.fullmatch(text):
        code = "number_for_time"
    return _fault(mapping, row, name, code, {"value": text})


def _of_cell(mapping: FactsMapping, row: int, name: str, cells: Mapping[str, str | None]) -> Fault:
    field = mapping.fields[name]
    type_ = next((c.type for c in mapping.shape.columns if c.name == name), "whole")
    places = (*field.columns, field.minus) if field.minus else field.columns
    for place in places:
        text = said_cell(mapping, cells.get(place))
        code = reason(text, type_, mapping.decimal) if text else "missing"
        if field.table is not None:
            code = "not_in_table"
        if code:
            return Fault(row, place, code, {"value": text[:SHOWN]})
    return _fault(mapping, row, name, "not_a_number", {"value": _text(mapping, name, cells)})


def reason(text: str, kind: str, decimal: str) -> str:
    """Why a text is no value of this kind; "" when it is one."""
    if kind == "yes":
        return "not_yes_no"
    for code, shape in _SHAPES[decimal]:
        if shape.match(text):
            return code
    return _of_number(text.replace(",", ".") if decimal == "," else text, kind)


def _of_number(text: str, kind: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return "not_a_number"
    if not math.isfinite(number) or abs(number) > 1e9:
        return "too_large"
    if kind == "whole" and not number.is_integer():
        return "fraction" if 0 < abs(number) < 1 else "not_whole"
    return ""


def _fault(mapping: FactsMapping, row: int, name: str, code: str, params: dict[str, Any]) -> Fault:
    return Fault(row, heading_of(mapping, name), code, params)


def heading_of(mapping: FactsMapping, name: str) -> str:
    """What the file calls a field; the field's own name where the file has no column for it."""
    field = mapping.fields.get(name) or FactField()
    columns = " + ".join(field.columns) + (f" − {field.minus}" if field.minus else "")
    return (columns or name)[:120]


def said_cell(mapping: FactsMapping, text: str | None) -> str:
    """A cell's text; "" when it is empty or marked as missing."""
    said = (text or "").strip()
    return "" if said in mapping.base.missing else said


def _text(mapping: FactsMapping, name: str, cells: Mapping[str, str | None]) -> str:
    field = mapping.fields.get(name) or FactField()
    said = [text for column in field.columns if (text := said_cell(mapping, cells.get(column)))]
    return (field.join.join(said) or field.default or "")[:SHOWN]
