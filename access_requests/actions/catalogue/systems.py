"""Systems and what may be held in them."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TypedDict

from django.db import transaction

from partners.choices import Language
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from portal.sealing import seal

from ... import access
from ...choices import Channel, DataClass, Proof
from ...models import Entitlement, System
from .base import change, configuring, create, set_archived


class Checks(TypedDict):
    """First checks, line by line, in both languages."""

    first_checks: tuple[str, ...]
    first_checks_zh: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SystemValues:
    """What is configured of a system; ids of owner, IT group, approval rule and webhook target."""

    name: str
    name_zh: str = ""
    owner_id: int | None = None
    group_id: int | None = None
    rule_id: int | None = None
    channel: str = Channel.MANUAL
    ticket_address: str = ""
    ticket_language: str = Language.ENGLISH
    webhook_target_id: int | None = None
    scim_url: str = ""
    data_class: str = DataClass.INTERNAL
    proof: str = Proof.LEAD
    seat_limit: int | None = None
    seat_cost: Decimal | None = None
    currency: str = ""
    lead_minutes: int = 480
    first_checks: tuple[str, ...] = ()
    first_checks_zh: tuple[str, ...] = ()

    def columns(self) -> dict[str, object]:
        """By column."""
        return _columns(self)


@dataclass(frozen=True, slots=True)
class EntitlementValues:
    """What is configured of an entitlement."""

    name: str
    name_zh: str = ""
    rule_id: int | None = None
    privileged: bool = False
    max_days: int | None = None
    external_value: str = ""
    first_checks: tuple[str, ...] = ()
    first_checks_zh: tuple[str, ...] = ()

    def columns(self) -> dict[str, object]:
        """By column."""
        return _columns(self)


def _columns(values: SystemValues | EntitlementValues) -> dict[str, object]:
    checks = {"first_checks": list(values.first_checks), "first_checks_zh": list(values.first_checks_zh)}
    return {**asdict(values), **checks}


@transaction.atomic
def add_system(*, actor: Actor, code: str, values: SystemValues, scim_token: str = "") -> System:
    """A new system. Audited. Raises PermissionDenied, RefusedError."""
    acting = configuring(actor)
    _fits(values)
    return create(System(code=code, scim_token=seal(scim_token), **values.columns()), actor=acting)


@transaction.atomic
def change_system(
    *, actor: Actor, code: str, version: int | None, values: SystemValues, scim_token: str = ""
) -> System:
    """Change a system; the SCIM token stays unless a new one is given. Audited.

    Raises Http404, PermissionDenied, ConflictError, RefusedError.
    """
    row = access.get_system(actor, code, for_update=True)
    acting = configuring(actor)
    _fits(values)
    new = {**values.columns(), **({"scim_token": seal(scim_token)} if scim_token else {})}
    return change(row, new, version=version, actor=acting)


def _fits(values: SystemValues) -> None:
    """Only a directory can be read back. Raises RefusedError."""
    if values.proof == Proof.READ_BACK and values.channel != Channel.SCIM:
        raise RefusedError("proof_needs_scim", "proof")


@transaction.atomic
def archive_system(*, actor: Actor, code: str, archived: bool = True) -> System:
    """Offer nothing of a system any more, or again. What people hold stays until it is taken away. Audited."""
    row = access.get_system(actor, code, for_update=True)
    set_archived(row, archived, actor=configuring(actor))
    return row


@transaction.atomic
def add_entitlement(*, actor: Actor, system: str, code: str, values: EntitlementValues) -> Entitlement:
    """Something new to hold in a system. Audited. Raises Http404, PermissionDenied, RefusedError."""
    row = access.get_system(actor, system, for_update=True)
    acting = configuring(actor)
    return create(Entitlement(code=code, system=row, **values.columns()), actor=acting)


@transaction.atomic
def change_entitlement(*, actor: Actor, pk: int, version: int | None, values: EntitlementValues) -> Entitlement:
    """Change an entitlement; what is asked for already keeps the approval it waits at. Audited.

    Raises Http404, PermissionDenied, ConflictError, RefusedError.
    """
    row = access.get_entitlement(actor, pk, for_update=True)
    return change(row, values.columns(), version=version, actor=configuring(actor))


@transaction.atomic
def archive_entitlement(*, actor: Actor, pk: int, archived: bool = True) -> Entitlement:
    """Offer it no more, or again. What people hold stays until it is taken away. Audited."""
    row = access.get_entitlement(actor, pk, for_update=True)
    set_archived(row, archived, actor=configuring(actor))
    return row
