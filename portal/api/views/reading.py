"""The OpenAPI document put into rows for a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One parameter or field: its name, where it stands, what it takes, whether it is needed, what it means."""

    name: str
    place: str
    takes: str
    needed: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address with a method."""

    key: str
    method: str
    path: str
    title: str
    text: str
    scope: str
    asks: list[FieldRow]
    gives: list[FieldRow]
    answers: list[tuple[str, str]]


def groups_of(document: Schema) -> list[tuple[str, list[Operation]]]:
    """Operations by tag, in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            tag = next(iter(one.get("tags", [])), "")
            found.setdefault(in_words(tag), []).append(_operation(path, method, one, document))
    return list(found.items())


def in_words(text: str) -> str:
    """A word of the document in the reader's language."""
    return gettext(text) if text else ""


def _operation(path: str, method: str, one: Schema, document: Schema) -> Operation:
    asks = [_parameter(row, document) for row in one.get("parameters", [])]
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        asks += [row for _place, row in _fields(body, "body", document)]
    answers = [(str(status), in_words(answer["description"])) for status, answer in one["responses"].items()]
    return Operation(
        key=one["operationId"], method=method.upper(), path=path, title=in_words(one.get("summary", "")),
        text=in_words(one.get("description", "")), scope=one.get("x-scope", ""), asks=asks,
        gives=_gives(one["responses"], document), answers=answers,
    )  # fmt: skip


def _gives(responses: Mapping[Any, Schema], document: Schema) -> list[FieldRow]:
    done = next((answer for status, answer in responses.items() if int(status) < 300), {})
    schema = done.get("content", {}).get("application/json", {}).get("schema")
    return [row for _place, row in _fields(schema, "", document)] if schema else []


def _parameter(row: Schema, document: Schema) -> FieldRow:
    takes = _takes(row["schema"], document)
    meaning = row.get("description") or row["schema"].get("description", "")
    return FieldRow(row["name"], row["in"], takes, bool(row.get("required")), in_words(meaning))


def _fields(schema: Schema, place: str, document: Schema, inside: str = "") -> Iterator[tuple[str, FieldRow]]:
    """Every field of an object, of objects inside it, and of each kind that it may be; each name once."""
    seen: set[str] = set()
    for kind in _kinds(schema, document):
        needed = set(kind.get("required", []))
        for name, field in kind.get("properties", {}).items():
            path = f"{inside}{name}"
            if path in seen:
                continue
            seen.add(path)
            yield (
                path,
                FieldRow(path, place, _takes(field, document), name in needed, in_words(_meaning(field, document))),
            )
            below = field.get("items", field)
            yield from _fields(below, place, document, f"{path}{'[]' if below is not field else ''}.")


def _kinds(schema: Schema, document: Schema) -> Iterable[Schema]:
    """The objects that a schema may be."""
    found = _resolved(schema, document)
    for union in ("oneOf", "anyOf"):
        if union in found:
            return [kind for one in found[union] for kind in _kinds(one, document)]
    return [found] if "properties" in found else []


def _resolved(schema: Schema, document: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _meaning(field: Schema, document: Schema) -> str:
    return str(field.get("description") or _resolved(field, document).get("description", ""))


def _takes(schema: Schema, document: Schema) -> str:
    """What a value may be, briefly."""
    found = _resolved(schema, document)
    if "anyOf" in found or "oneOf" in found:
        kinds = found.get("anyOf") or found["oneOf"]
        return " | ".join(dict.fromkeys(_takes(one, document) for one in kinds))
    if "enum" in found:
        return " | ".join(str(value) for value in found["enum"])
    if "const" in found:
        return str(found["const"])
    if found.get("type") == "array":
        return f"[{_takes(found.get('items', {}), document)}]"
    return str(found.get("format") or found.get("type", "")) + _limits(found)


def _limits(found: Schema) -> str:
    if "maxLength" in found:
        return f" ≤ {found['maxLength']}"
    if "maximum" in found:
        return f" {found.get('minimum', '')}–{found['maximum']}"
    return ""
