"""A mapping file says which column holds what, how dates are written and which marks mean "missing"."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import yaml
from django.utils.translation import gettext as _
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from portal.imports.errors import ImportRefused

MAX_MAPPING_BYTES = 256 * 1024
KINDS = ("text", "integer", "boolean", "instant", "date")


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """Where one field comes from. `written_back`: the source wrote it onto earlier rows, so it tells the future."""

    columns: tuple[str, ...] = ()
    kind: str = "text"
    join: str = " "
    table: dict[str, Any] | None = None
    default: Any = None
    create: bool = False
    required: bool = False
    written_back: bool = False


class _Field(Schema):
    column = fields.Str()
    columns = fields.List(fields.Str(), validate=validate.Length(min=1, max=6))
    kind = fields.Str(validate=validate.OneOf(KINDS))
    join = fields.Str(validate=validate.Length(max=10))
    table = fields.Dict(keys=fields.Str(), values=fields.Raw(allow_none=True))
    default = fields.Raw(allow_none=True)
    create = fields.Bool()
    required = fields.Bool()
    written_back = fields.Bool()

    @validates_schema
    def _one_source(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "column" in data and "columns" in data:
            raise ValidationError("give `column` or `columns`, not both")
        if not {"column", "columns", "default"} & data.keys():
            raise ValidationError("give `column`, `columns` or `default`")

    @post_load
    def _build(self, data: dict[str, Any], **_kwargs: Any) -> FieldMapping:
        column = data.pop("column", None)
        columns = (column,) if column else tuple(data.pop("columns", ()))
        return FieldMapping(columns=columns, **data)


class BaseMappingSchema(Schema):
    """What every mapping has; an importer adds its own parts."""

    source = fields.Str(required=True, validate=validate.Regexp(r"^[a-z0-9][a-z0-9-]{1,38}$"))
    time_zone = fields.Str(load_default="UTC", validate=validate.OneOf(available_timezones()))
    dates = fields.List(fields.Str(), load_default=["%Y-%m-%d %H:%M:%S"], validate=validate.Length(min=1, max=8))
    missing = fields.List(fields.Str(), load_default=[""])
    key = fields.Str(required=True)
    fields_ = fields.Dict(data_key="fields", keys=fields.Str(), values=fields.Nested(_Field), required=True)
    facts = fields.Dict(keys=fields.Str(), values=fields.Nested(_Field), load_default=dict)


@dataclass(frozen=True)
class Mapping:
    """A mapping file, checked. `extra` holds what the importer's own schema added."""

    source: str
    zone: ZoneInfo
    dates: tuple[str, ...]
    missing: frozenset[str]
    key: str
    fields: dict[str, FieldMapping]
    facts: dict[str, FieldMapping]
    extra: dict[str, Any]

    def columns(self) -> set[str]:
        """Every column that a row must have."""
        named = {c for f in (*self.fields.values(), *self.facts.values()) for c in f.columns}
        return named | {self.key}


def load_mapping(path: Path, schema: type[BaseMappingSchema]) -> Mapping:
    """Read and check a mapping. Raises ImportRefused with every fault and where it is."""
    return build_mapping(read_mapping(path), schema)


def read_mapping(path: Path) -> dict[str, Any]:
    """What a mapping file says, unchecked. Raises ImportRefused if it is no table in YAML."""
    try:
        if path.stat().st_size > MAX_MAPPING_BYTES:
            raise ImportRefused(_("The mapping is larger than 256 kB."))
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ImportRefused(_("The mapping cannot be read: %(why)s.") % {"why": error.strerror}) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ImportRefused(_("The mapping is not YAML: %(why)s") % {"why": error}) from error
    if not isinstance(raw, dict):
        raise ImportRefused(_("The mapping is not a table of names."))
    return raw


class _Plain(yaml.SafeLoader):
    """Without references: a few lines of these unfold into gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("references (*name) are not read")
        return super().compose_node(parent, index)


def parse_mapping(content: bytes) -> dict[str, Any]:
    """What somebody's mapping says, unchecked, but fit to be kept. Raises ImportRefused if it is no table in YAML."""
    if len(content) > MAX_MAPPING_BYTES:
        raise ImportRefused(_("The mapping is larger than 256 kB."))
    try:
        raw = _Plain(content.decode("utf-8-sig")).get_single_data()
        kept = json.dumps(raw, allow_nan=False, ensure_ascii=False).encode()
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError, TypeError) as error:
        raise ImportRefused(_("The mapping is not YAML: %(why)s") % {"why": error}) from error
    if not isinstance(raw, dict) or b"\\u0000" in kept:
        raise ImportRefused(_("The mapping is not a table of names."))
    return raw


def build_mapping(raw: dict[str, Any], schema: type[BaseMappingSchema]) -> Mapping:
    """Check what a mapping says. Raises ImportRefused with every fault and where it is."""
    try:
        data = schema().load(raw)
    except ValidationError as error:
        raise ImportRefused(_("The mapping is wrong: %(why)s") % {"why": _flat(error.messages)}) from error
    return _mapping(data)


def _mapping(data: dict[str, Any]) -> Mapping:
    return Mapping(
        source=data.pop("source"),
        zone=ZoneInfo(data.pop("time_zone")),
        dates=tuple(data.pop("dates")),
        missing=frozenset(data.pop("missing")),
        key=data.pop("key"),
        fields=data.pop("fields_"),
        facts=data.pop("facts"),
        extra=data,
    )


def _flat(messages: Any, where: str = "") -> str:
    if isinstance(messages, dict):
        return "; ".join(_flat(inner, f"{where}.{name}" if where else str(name)) for name, inner in messages.items())
    return f"{where}: {', '.join(str(m) for m in messages)}"
