"""Rules about what must not be held together."""

from dataclasses import asdict, dataclass

from django.db import transaction

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ... import access
from ...models import Entitlement, SodRule
from .base import change, configuring, create, set_archived


@dataclass(frozen=True, slots=True)
class SodValues:
    """What a rule is called."""

    name: str
    name_zh: str = ""


@transaction.atomic
def add_sod_rule(*, actor: Actor, code: str, values: SodValues, left_id: int, right_id: int) -> SodRule:
    """Two entitlements that nobody may hold together from now on; who does already is shown, not changed. Audited.

    Raises PermissionDenied, RefusedError.
    """
    acting = configuring(actor)
    pair = {left_id, right_id}
    if Entitlement.objects.filter(pk__in=pair, archived_at=None).count() < len(pair):
        raise RefusedError("entitlement_unknown", "left")
    return create(SodRule(code=code, left_id=min(pair), right_id=max(pair), **asdict(values)), actor=acting)


@transaction.atomic
def change_sod_rule(*, actor: Actor, code: str, version: int | None, values: SodValues) -> SodRule:
    """Rename a rule; its sides stay, since exceptions name it. Audited. Raises Http404, PermissionDenied, ConflictError."""
    row = access.get_sod_rule(actor, code, for_update=True)
    return change(row, asdict(values), version=version, actor=configuring(actor))


@transaction.atomic
def archive_sod_rule(*, actor: Actor, code: str, archived: bool = True) -> SodRule:
    """Block nothing by it any more, or again. Audited. Raises Http404, PermissionDenied, RefusedError (sod_rule_once)."""
    row = access.get_sod_rule(actor, code, for_update=True)
    set_archived(row, archived, actor=configuring(actor))
    return row
