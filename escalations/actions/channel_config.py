"""Which systems may write to us for customers, and which we tell of cases. Administrators."""

import secrets
from collections.abc import Iterable
from typing import Any, Final

from django.db import IntegrityError, transaction

from escalations import access
from escalations.choices import Reason
from escalations.choices.hooks import DoorKind, Happening
from escalations.models import CaseSubscription, ChannelEndpoint, ChannelMessage, IssueType, Service
from escalations.queries import channels
from partners import queries as directory
from portal.accounts.rules import Actor
from portal.audit import actions as audit
from portal.mailbox.choices import State
from portal.sealing import seal
from portal.webhooks.signing import new_secret

from ._base import Refused, known, words
from .channels_in import read_again

MAX_NAME: Final = 100


@transaction.atomic
def add_endpoint(*, actor: Actor, service_id: int, kind: str, **settings: Any) -> tuple[ChannelEndpoint, str]:
    """An address for one system of a service, and its secret, which is not shown again. `settings` as in
    `change_endpoint`. Audited. Raises Refused, Http404."""
    access.permit_channels(actor)
    if not Service.objects.filter(pk=service_id, archived_at=None).exists():
        raise Refused(Reason.UNKNOWN_SERVICE)
    secret = new_secret()
    row = ChannelEndpoint(service_id=service_id, kind=known(kind, DoorKind.values), key=secrets.token_urlsafe(32))
    row.sealed_secret = seal(secret)
    _write(row, _settings(actor, settings))
    _record(actor, "channel.created", row.pk, {"service": service_id})
    return row, secret


@transaction.atomic
def change_endpoint(*, actor: Actor, pk: int, expected_version: int | None = None, **settings: Any) -> ChannelEndpoint:
    """`name`, `site_id` and `issue_type_id` (of new cases, or None). Audited. Raises Refused, Http404."""
    row = access.get_endpoint(actor, pk, for_update=True)
    if expected_version is not None and row.version != expected_version:
        raise Refused(Reason.STALE)
    said = _settings(actor, settings)
    changes = {"renamed": True} if row.name != said["name"] else {}
    row.version += 1
    _write(row, said)
    _record(actor, "channel.changed", row.pk, {**changes, "site": row.site_id, "issue_type": row.issue_type_id})
    return row


def _settings(actor: Actor, said: dict[str, Any]) -> dict[str, Any]:
    site_id, issue_id = said.get("site_id"), said.get("issue_type_id")
    if site_id is not None and not directory.sites_visible_to(actor).filter(pk=site_id, archived_at=None).exists():
        raise Refused(Reason.UNKNOWN_SITE)
    if issue_id is not None and not IssueType.objects.filter(pk=issue_id, archived_at=None).exists():
        raise Refused(Reason.UNKNOWN_ISSUE)
    name = words(said["name"], needed=Reason.NAME_NEEDED, limit=MAX_NAME)
    return {"name": name, "site_id": site_id, "issue_type_id": issue_id}


def _write(row: ChannelEndpoint, said: dict[str, Any]) -> None:
    for name, value in said.items():
        setattr(row, name, value)
    if ChannelEndpoint.objects.filter(name=row.name).exclude(pk=row.pk).exists():
        raise Refused(Reason.NAME_TAKEN)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else was faster
        raise Refused(Reason.NAME_TAKEN) from error


@transaction.atomic
def switch_endpoint(*, actor: Actor, pk: int, on: bool) -> ChannelEndpoint:
    """Whether what is sent there is taken; what came in before is worked on either way. Audited. Raises Http404."""
    row = access.get_endpoint(actor, pk, for_update=True)
    if row.is_on != on:
        row.is_on = on
        row.save(update_fields=["is_on"])
        _record(actor, "channel.switched_on" if on else "channel.switched_off", row.pk)
    return row


@transaction.atomic
def renew_channel_secret(*, actor: Actor, pk: int) -> str:
    """Another secret, which is not shown again; the one before counts until it is ended. Audited. Raises Http404."""
    row = access.get_endpoint(actor, pk, for_update=True)
    secret = new_secret()
    row.give_secret(secret)
    row.save(update_fields=["sealed_secret", "sealed_former"])
    _record(actor, "channel.secret_renewed", row.pk)
    return secret


@transaction.atomic
def end_former_secret(*, actor: Actor, pk: int) -> None:
    """The secret before the last one counts no more. Audited. Raises Http404."""
    row = access.get_endpoint(actor, pk, for_update=True)
    if row.sealed_former:
        row.sealed_former = ""
        row.save(update_fields=["sealed_former"])
        _record(actor, "channel.secret_ended", row.pk)


@transaction.atomic
def retry_channel_message(*, actor: Actor, pk: int) -> ChannelMessage:
    """Read a message in trouble again, and take it within seconds if it is understood now. Audited. Raises Http404 and
    SealBrokenError."""
    row = access.get_channel_trouble(actor, pk, for_update=True)
    read_again(row)
    _record(actor, "channel.message_retried", row.endpoint_id, {"message": row.pk})
    return row


@transaction.atomic
def put_channel_message_away(*, actor: Actor, pk: int) -> None:
    """Nobody needs this message: what it said is forgotten. Audited. Raises Http404."""
    row = access.get_channel_trouble(actor, pk, for_update=True)
    row.state, row.sealed_body, row.sender, row.link, row.reach = State.PUT_AWAY, "", "", "", None
    row.save()
    _record(actor, "channel.message_put_away", row.endpoint_id, {"message": row.pk})


@transaction.atomic
def subscribe(*, actor: Actor, target_id: int, events: Iterable[str], service_ids: Iterable[int]) -> CaseSubscription:
    """Tell a receiver these events of these services' cases from now on. Audited. Raises Refused, Http404."""
    access.permit_channels(actor)
    if not channels.targets().filter(pk=target_id).exists():
        raise Refused(Reason.UNKNOWN_VALUE)
    row = CaseSubscription(target_id=target_id)
    _fill(row, events, service_ids)
    _record_subscription(actor, "case_events.subscribed", row)
    return row


@transaction.atomic
def change_subscription(
    *, actor: Actor, pk: int, events: Iterable[str], service_ids: Iterable[int], on: bool,
    expected_version: int | None = None,
) -> CaseSubscription:  # fmt: skip
    """Tell something else, or nothing for now. Audited. Raises Refused, Http404."""
    row = access.get_subscription(actor, pk, for_update=True)
    if expected_version is not None and row.version != expected_version:
        raise Refused(Reason.STALE)
    row.version, row.is_on = row.version + 1, on
    _fill(row, events, service_ids)
    _record_subscription(actor, "case_events.changed", row)
    return row


def _fill(row: CaseSubscription, events: Iterable[str], service_ids: Iterable[int]) -> None:
    wanted = {known(one, Happening.values) for one in events}
    services = list(Service.objects.filter(pk__in=list(service_ids)).order_by("pk"))
    if not services:
        raise Refused(Reason.UNKNOWN_SERVICE)
    if not wanted:
        raise Refused(Reason.UNKNOWN_VALUE)
    row.events = [one for one in Happening.values if one in wanted]
    row.save()
    row.services.set(services)


def _record(actor: Actor, verb: str, pk: int, changes: dict[str, object] | None = None) -> None:
    audit.record(actor=actor, verb=verb, subject_type="channel", subject_id=pk, changes=changes)


def _record_subscription(actor: Actor, verb: str, row: CaseSubscription) -> None:
    services = sorted(row.services.values_list("pk", flat=True))
    changes = {"webhook": row.target_id, "services": services, "events": list(row.events), "on": row.is_on}
    audit.record(actor=actor, verb=verb, subject_type="case_subscription", subject_id=row.pk, changes=changes)
