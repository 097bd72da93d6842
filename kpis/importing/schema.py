"""The mapping of a file of facts: which column is which field, how times are written, and what may be made on the way."""

from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from portal.imports.errors import ImportRefused
from portal.imports.mapping import BaseMappingSchema, Mapping, build_mapping

from ..choices import FactKind
from .kinds import SHAPES, Shape

PLACES: Final = ("site", "programme", "queue")
CALENDAR: Final = ("day", "month")
LONGEST: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class FactField:
    """Where a field comes from: columns joined, less the column `minus`, looked up in `table`, else `default`."""

    columns: tuple[str, ...] = ()
    join: str = " "
    minus: str = ""
    table: dict[str, str] | None = None
    default: str | None = None
    create: bool = False
    required: bool = False

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that it reads."""
        return (*self.columns, *((self.minus,) if self.minus else ()))


@dataclass(frozen=True, slots=True)
class FactsMapping:
    """A mapping, checked. `interval`: minutes, "day" or "month"; `local`: times without zone are those of the site."""

    base: Mapping
    shape: Shape
    fields: dict[str, FactField]
    interval: int | str | None
    local: bool
    decimal: str
    agents: str
    agent_source: str

    @property
    def source(self) -> str:
        """Whose file it is."""
        return self.base.source

    def columns(self) -> list[str]:
        """Every column that is read, each once, in order."""
        return list(dict.fromkeys(name for field in self.fields.values() for name in field.named))


class _Text(fields.Field[Any]):
    """A scalar of YAML as the text that a file would hold."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, str | int | float):
            raise ValidationError("give a text or a number")
        return str(value)


class _FactField(Schema):
    column = fields.Str()
    columns = fields.List(fields.Str(), validate=validate.Length(min=1, max=6))
    join = fields.Str(validate=validate.Length(max=10))
    minus = fields.Str()
    table = fields.Dict(keys=_Text(), values=_Text())
    default = _Text()
    create = fields.Bool()
    required = fields.Bool()

    @validates_schema
    def _one_source(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if "column" in data and "columns" in data:
            raise ValidationError("give `column` or `columns`, not both")
        if not {"column", "columns", "default"} & data.keys():
            raise ValidationError("give `column`, `columns` or `default`")
        if "minus" in data and "column" not in data:
            raise ValidationError("`minus` needs `column`")

    @post_load
    def _build(self, data: dict[str, Any], **_kwargs: Any) -> FactField:
        column = data.pop("column", None)
        columns = (column,) if column else tuple(data.pop("columns", ()))
        return FactField(columns=columns, **data)


class _Interval(fields.Field[Any]):
    """Minutes, `day` or `month`."""

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int | str:
        if value in CALENDAR:
            return str(value)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST:
            return value
        raise ValidationError("give minutes (1 to 1440), `day` or `month`")


class FactsSchema(BaseMappingSchema):
    """What a mapping of facts may say."""

    kind = fields.Str(required=True, validate=validate.OneOf(FactKind.values))
    key = fields.Str(load_default="")
    dates = fields.List(fields.Str(), load_default=["iso"], validate=validate.Length(min=1, max=8))
    interval = _Interval(load_default=None)
    local = fields.Bool(load_default=False)
    decimal = fields.Str(load_default=".", validate=validate.OneOf((".", ",")))
    agents = fields.Str(
        load_default="employee_number", validate=validate.OneOf(("employee_number", "email", "external_id"))
    )
    agent_source = fields.Str(load_default="")
    fields_ = fields.Dict(data_key="fields", keys=fields.Str(), values=fields.Nested(_FactField), required=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if (shape := SHAPES.get(data.get("kind", ""))) is None:
            return
        given = set(data["fields_"])
        if unknown := sorted(given - _known(shape)):
            raise ValidationError({"fields": [f"unknown for {shape.kind}: {', '.join(unknown)}"]})
        needed = {*shape.required, shape.at, *(c.name for c in shape.columns if c.required)}
        if missing := sorted(needed - given):
            raise ValidationError({"fields": [f"missing: {', '.join(missing)}"]})
        if shape.lasts and (data.get("interval") is None) == ("seconds" not in given):
            raise ValidationError({"interval": ["give `interval` or the field `seconds`, one of them"]})


def _known(shape: Shape) -> set[str]:
    names = {*PLACES, "agent", shape.at, *(c.name for c in shape.columns)}
    return names | {"seconds"} if shape.lasts else names


def facts_mapping(raw: dict[str, Any]) -> FactsMapping:
    """Check a mapping. Raises ImportRefused with every fault and where it is."""
    base = build_mapping(raw, FactsSchema)
    extra = base.extra
    found: dict[str, Any] = dict(base.fields)
    return FactsMapping(
        base,
        SHAPES[extra["kind"]],
        found,
        extra["interval"],
        extra["local"],
        extra["decimal"],
        extra["agents"],
        extra["agent_source"] or base.source,
    )


def present(mapping: FactsMapping, heading: list[str]) -> tuple[FactsMapping, list[str]]:
    """The mapping without the fields of which the file has no column, and these columns. Raises ImportRefused if one is needed."""
    there, lacking = set(heading), [name for name in mapping.columns() if name not in heading]
    shape = mapping.shape
    needed = {*shape.required, shape.at, *(("seconds",) if shape.lasts else ())}
    needed |= {column.name for column in shape.columns if column.required and column.default is None}
    kept = {}
    for name, field in mapping.fields.items():
        if set(field.named) <= there:
            kept[name] = field
        elif field.default is None and (name in needed or field.required):
            missing = ", ".join(one for one in field.named if one not in there)
            raise ImportRefused(_("The file has no column “%(column)s”.") % {"column": missing})
        elif field.default is not None:
            kept[name] = FactField(default=field.default, create=field.create)
    return (
        FactsMapping(
            mapping.base,
            shape,
            kept,
            mapping.interval,
            mapping.local,
            mapping.decimal,
            mapping.agents,
            mapping.agent_source,
        ),
        lacking,
    )
