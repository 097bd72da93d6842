"""What a mapping of cases may say, besides what every mapping has."""

from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from escalations.choices import State
from portal.imports.mapping import BaseMappingSchema

REQUIRED: Final = frozenset({"opened_at", "state", "service", "subject"})
KNOWN: Final = REQUIRED | {
    "resolved_at", "closed_at", "severity", "impact", "urgency", "site", "issue_type", "channel",
    "customer_ref", "description", "reopen_count", "reassign_count",
}  # fmt: skip


class _Event(Schema):
    at = fields.Str(required=True)
    order = fields.List(fields.Str(), load_default=list, validate=validate.Length(max=4))
    by = fields.Str(load_default="")


class _Partner(Schema):
    code = fields.Str(required=True, validate=validate.Regexp(r"^[A-Z0-9][A-Z0-9-]{0,15}$"))
    name = fields.Str(required=True, validate=validate.Length(min=1, max=120))
    time_zone = fields.Str(load_default="UTC")


class CaseMappingSchema(BaseMappingSchema):
    """A log of events (`kind: events`) or one row per case (`kind: cases`)."""

    kind = fields.Str(required=True, validate=validate.OneOf(["events", "cases"]))
    event = fields.Nested(_Event)
    partner = fields.Nested(_Partner)
    # An event that finds the case in one of these states counts as the first response.
    first_response_states = fields.List(fields.Str(validate=validate.OneOf(State.values)), load_default=list)

    @validates_schema
    def _whole(self, data: dict[str, Any], **_kwargs: Any) -> None:
        names = set(data.get("fields_", {}))
        if missing := REQUIRED - names:
            raise ValidationError(f"missing: {', '.join(sorted(missing))}", "fields")
        if unknown := names - KNOWN:
            raise ValidationError(f"unknown: {', '.join(sorted(unknown))}", "fields")
        if data.get("kind") == "events" and not data.get("event"):
            raise ValidationError("an event log needs `event`", "event")
        if "site" in names and not data.get("partner"):
            raise ValidationError("sites need `partner`", "partner")
