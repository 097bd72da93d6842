"""Which mailbox is a service's. Administrators, and leads for their own service."""

from typing import Any

from django.db import transaction
from django.http import Http404

from escalations import access
from escalations.choices import Reason
from escalations.models import Service, ServiceMailbox
from escalations.queries import mail as mails
from partners import queries as directory
from portal.accounts.rules import Actor
from portal.audit import actions as audit
from portal.mailbox.actions import hand_on_again

from ._base import Refused, words
from .configuration import may_configure_service

MOST_SIGNATURE = 1000


@transaction.atomic
def bind_mailbox(*, actor: Actor, service_id: int, mailbox_id: int, **settings: Any) -> ServiceMailbox:
    """Give a service a mailbox that is nobody's; what came in there before and waited is handed on. `settings` as in
    `change_mailbox`. Raises Refused, Http404."""
    service = access.get_service(actor, service_id, for_update=True)
    acting = may_configure_service(actor, service)
    if mails.free_mailboxes().filter(pk=mailbox_id).select_for_update().first() is None:
        raise Refused(Reason.MAILBOX_TAKEN)
    row = ServiceMailbox.objects.create(service=service, mailbox_id=mailbox_id, **_settings(acting, settings))
    hand_on_again(mailbox_id)
    _trail(acting, "service.mailbox_bound", row)
    return row


@transaction.atomic
def change_mailbox(
    *, actor: Actor, service_id: int, pk: int, expected_version: int | None = None, **settings: Any
) -> ServiceMailbox:
    """`site_id` (of new cases, or None), `signature`, `signature_zh`, `plus_address`. Raises Refused, Http404."""
    acting, row = _locked(actor, service_id, pk)
    if expected_version is not None and row.version != expected_version:
        raise Refused(Reason.STALE)
    for name, value in _settings(acting, settings).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    _trail(acting, "service.mailbox_changed", row)
    return row


@transaction.atomic
def release_mailbox(*, actor: Actor, service_id: int, pk: int) -> None:
    """The mailbox is this service's no more; what came in stays with its cases. Raises Refused, Http404."""
    acting, row = _locked(actor, service_id, pk)
    _trail(acting, "service.mailbox_released", row)
    row.delete()


def _locked(actor: Actor, service_id: int, pk: int) -> tuple[Actor, ServiceMailbox]:
    service = access.get_service(actor, service_id, for_update=True)
    acting = may_configure_service(actor, service)
    row = ServiceMailbox.objects.select_for_update().filter(service=service, pk=pk).first()
    if row is None:
        raise Http404
    return acting, row


def _settings(actor: Actor, said: dict[str, Any]) -> dict[str, Any]:
    site_id: int | None = said.get("site_id")
    if site_id is not None:
        sites = directory.sites_visible_to(actor).filter(pk=site_id, archived_at=None)
        if not sites.exists():
            raise Refused(Reason.UNKNOWN_SITE)
    return {
        "site_id": site_id,
        "signature": words(said.get("signature", ""), limit=MOST_SIGNATURE),
        "signature_zh": words(said.get("signature_zh", ""), limit=MOST_SIGNATURE),
        "plus_address": bool(said.get("plus_address")),
    }


def _trail(actor: Actor, verb: str, row: ServiceMailbox) -> None:
    service: Service = row.service
    changes = {"mailbox": row.mailbox_id, "site": row.site_id}
    audit.record(actor=actor, verb=verb, subject_type="service", subject_id=service.pk, changes=changes)
