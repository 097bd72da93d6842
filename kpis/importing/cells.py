"""How the cells of a file become values, as SQL: what is no value of its kind becomes null, never an error."""

import json
from collections import Counter
from typing import Any

from .kinds import Column
from .schema import PLACES, FactField, FactsMapping


class Cells:
    """How the mapping's fields are read from the staged columns; gathers the parameters on the way."""

    def __init__(self, mapping: FactsMapping, columns: list[str]) -> None:
        self.mapping = mapping
        self.places = {name: f"s.c{number}" for number, name in enumerate(columns)}
        self.params: dict[str, Any] = {"missing": sorted(mapping.base.missing - {""}), "decimal": mapping.decimal}
        self.params["agent_source"] = mapping.agent_source
        self.whole = self._of_whole_numbers()
        on = " AND ".join(f"p.{name} = {self.said(name)}" for name in PLACES)
        self.place_join = f"LEFT JOIN kpis_place p ON {on}"

    def _of_whole_numbers(self) -> frozenset[str]:
        """The columns of which nothing but one whole number is read: the database may take their cells for it as they come."""
        if any(char.isdigit() for mark in self.params["missing"] for char in mark):
            return frozenset()
        fields = self.mapping.fields
        used = Counter(name for field in fields.values() for name in field.named)
        kinds = {c.name for c in self.mapping.shape.columns if c.type == "whole" and c.default is None} | {"seconds"}
        plain = (field for name, field in fields.items() if name in kinds and len(field.columns) == 1)
        return frozenset(
            field.columns[0]
            for field in plain
            if not field.minus and field.table is None and field.default is None and used[field.columns[0]] == 1
        )

    def is_whole(self, name: str) -> bool:
        """Whether the cells of a field are numbers by now."""
        field = self.mapping.fields.get(name)
        return field is not None and not self.whole.isdisjoint(field.columns)

    def param(self, value: Any, kind: str = "text") -> str:
        """A parameter as an expression."""
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f"%({name})s::{kind}"

    def cell(self, column: str) -> str:
        """One cell: null when it is empty or holds one of the marks for "missing"."""
        place = self.places[column]
        if not self.params["missing"]:
            return place
        return f"CASE WHEN btrim({place}) <> ALL (%(missing)s::text[]) THEN {place} END"

    def raw(self, name: str, *, tabled: bool = True) -> str:
        """A field's text, null when nothing is said and nothing assumed. Tables of places are looked up elsewhere."""
        field = self.mapping.fields.get(name)
        if field is None:
            return "NULL::text"
        text = self._joined(field)
        if tabled and field.table is not None and name not in (*PLACES, "agent"):
            text = f"({self.param(json.dumps(field.table), 'jsonb')} ->> btrim({text}))"
        return text if field.default is None else f"coalesce({text}, {self.param(field.default)})"

    def said(self, name: str) -> str:
        """The text for a lookup, never null."""
        return f"coalesce(btrim({self.raw(name)}), '')"

    def value(self, column: Column) -> str:
        """A field as the value that its column holds, null when it is none."""
        field = self.mapping.fields.get(column.name)
        if field and self.is_whole(column.name):
            return self.places[field.columns[0]]
        text = self.raw(column.name)
        if column.default is not None:
            text = f"coalesce(nullif(btrim({text}), ''), {self.param(column.default)})"
        value = _typed(column, text, self.mapping.decimal)
        if field and field.minus:
            value = f"{value} - {_typed(column, self.cell(field.minus), self.mapping.decimal)}"
        return value

    def _joined(self, field: FactField) -> str:
        if not field.columns:
            return "NULL::text"
        if len(field.columns) == 1:
            return self.cell(field.columns[0])
        return f"nullif(concat_ws({self.param(field.join)}, {', '.join(map(self.cell, field.columns))}), '')"


def _typed(column: Column, text: str, decimal: str) -> str:
    """SQL that makes a value of a text. A number of another kind is null, never an error."""
    if column.type == "text":
        return f"nullif(btrim({text}), '')"
    if column.type == "yes":
        said = f"lower(btrim({text}))"
        return f"CASE WHEN {said} IN ('yes', 'y', 'true', 't', '1') THEN true WHEN {said} IN ('no', 'n', 'false', 'f', '0') THEN false END"
    point = "[.]" if decimal == "." else "[,]"
    if column.type == "decimal":
        shape = rf"'^\s*-?\d{{1,9}}({point}\d{{1,9}})?\s*$'"
        return f"CASE WHEN {text} ~ {shape} THEN replace(btrim({text}), '{decimal}', '.')::numeric END"
    # The common case first: what the database takes for a whole number as it stands.
    return f"""CASE WHEN pg_input_is_valid({text}, 'integer') THEN {text}::integer
        WHEN {text} ~ '^\\s*-?\\d{{1,9}}{point}0*\\s*$' THEN split_part(btrim({text}), '{decimal}', 1)::integer END"""
