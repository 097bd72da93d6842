"""How a row of the catalogue is written: configured by administrators, version checked, refusals named, audited."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone

from portal import constraints
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ...models import ApprovalRule, Bundle, Entitlement, Group, SodRule, System
from ...models.base import Named

SUBJECTS: Final[Mapping[type[models.Model], str]] = {
    System: "system",
    Entitlement: "entitlement",
    Group: "access_group",
    ApprovalRule: "approval_rule",
    Bundle: "bundle",
    SodRule: "sod_rule",
}
# Constraint of the database -> form field that the refusal belongs to. The constraint's name is the reason code.
FIELDS: Final[Mapping[str, str]] = {
    "system_email_has_address": "ticket_address",
    "system_webhook_has_target": "webhook_target",
    "system_scim_has_url": "scim_url",
    "system_cost_has_currency": "currency",
    "entitlement_privileged_is_limited": "max_days",
    "system_checks_paired": "first_checks_zh",
    "entitlement_checks_paired": "first_checks_zh",
    "bundle_one_per_scope": "job_role",
    "sod_rule_ordered": "right",
    "sod_rule_once": "right",
    "group_member_once": "user",
}
# What the audit trail may quote; of the rest only that it changed.
QUOTED: Final = {
    "code", "owner_id", "group_id", "rule_id", "channel", "ticket_language", "webhook_target_id", "data_class", "proof", "seat_limit",
    "seat_cost", "currency", "lead_minutes", "system_id", "privileged", "max_days", "job_role_id", "programme_code",
    "site_id", "birthright", "left_id", "right_id",
}  # fmt: skip


def configuring(actor: Actor) -> Actor:
    """The actor as who they configure. Raises PermissionDenied."""
    if actor.is_system:
        return actor
    standings = actor.standings_for("configure")
    if not standings:
        raise PermissionDenied
    return actor.acting_as(standings[0])


def refusing() -> AbstractContextManager[None]:
    """Turns a refusal by a known constraint into RefusedError; what was written inside is undone."""
    return constraints.refusing(_reason)


def _reason(name: str) -> RefusedError | None:
    if name.startswith("access_requests_") and "_code_" in name:
        return RefusedError("code_taken", "code")
    return RefusedError(name, FIELDS[name]) if name in FIELDS else None


def quoted(field: str, value: object) -> object:
    """A value as the audit trail stores it."""
    if field not in QUOTED:
        return True
    return str(value) if isinstance(value, Decimal) else value


def trail(row: models.Model, verb: str, actor: Actor, changes: Mapping[str, object] | None = None) -> None:
    """One audit row about a row of the catalogue."""
    subject = SUBJECTS[type(row)]
    record(actor=actor, verb=f"{subject}.{verb}", subject_type=subject, subject_id=row.pk, changes=changes)


def create[N: Named](row: N, *, actor: Actor) -> N:
    """Insert and audit. Raises RefusedError."""
    with refusing():
        row.save(force_insert=True)
    names = [f.attname for f in row._meta.concrete_fields if f.attname in QUOTED]
    trail(row, "added", actor, {n: quoted(n, getattr(row, n)) for n in names if getattr(row, n) not in (None, "")})
    return row


def change[N: Named](row: N, values: Mapping[str, object], *, version: int | None, actor: Actor) -> N:
    """Write what differs and audit it; the row must be locked. Without a version, whoever wrote last wins.

    Raises ConflictError if the row is no longer at this version and the values differ from it, RefusedError.
    """
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    if not before:
        return row
    same_version(row, version)
    for name in before:
        setattr(row, name, values[name])
    row.version += 1
    with refusing():
        row.save(update_fields=[*before, "version"])
    pairs = {n: [quoted(n, old), quoted(n, values[n])] if n in QUOTED else True for n, old in before.items()}
    trail(row, "changed", actor, pairs)
    return row


def same_version(row: Named, version: int | None) -> None:
    """Raises ConflictError if the row is no longer at this version."""
    if version is not None and version != row.version:
        raise ConflictError(row)


def set_archived[N: Named](row: N, archived: bool, *, actor: Actor) -> bool:
    """Take a locked row out of use, or bring it back; whether that changed anything. Raises RefusedError."""
    if (row.archived_at is not None) == archived:
        return False
    row.archived_at = timezone.now() if archived else None
    row.version += 1
    with refusing():
        row.save(update_fields=["archived_at", "version"])
    trail(row, "archived" if archived else "restored", actor)
    return True
