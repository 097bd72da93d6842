"""Answers that come later, by mail or by a signed call. They say no more than IT could say by hand: claimed, not proven."""

import json
from collections.abc import Mapping
from typing import Final, Literal

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.mailbox.choices import Automatic, MatchedBy
from portal.mailbox.registry import Incoming, Outcome
from portal.webhooks.actions import accept
from portal.webhooks.delivery import message_id

from ..channels import replies
from ..channels.webhook import text as cleaned
from ..choices import Channel, ItemState
from ..models import RequestItem, System
from ._base import lock_requests, move, note
from .carrying import shortened
from .dispatching import key_of
from .fulfilling import claim_locked
from .owning import tell_failed

SUBJECT: Final = "access_item"
_NOTED: Final = 1000
# What can be answered: later answers change nothing.
_ANSWERABLE: Final = (ItemState.SENT, ItemState.FAILED_RETRYABLE, ItemState.FAILED_FINAL)


class UnknownSystemError(Exception):
    """No system of this code is told of changes by webhook."""


class BadAnswerError(Exception):
    """An answer that says nothing we understand."""


def take_mail(message: Incoming) -> Outcome:
    """A reply to a letter to a ticket address, in the transaction that marks it as done.

    Only believed from the domain that the letter went to. What is not plainly "done" or "failed" is noted on the item.
    """
    found = replies.item_of(message.reference, message.subject)
    rows = RequestItem.objects.filter(pk=found[1], request_id=found[0]) if found else RequestItem.objects.none()
    lock_requests(rows.values_list("request_id", flat=True))
    item = rows.select_related("entitlement__system").first()
    if item is None:
        return Outcome()
    bounced = message.automatic == Automatic.BOUNCE and message.matched_by == MatchedBy.MESSAGE_ID
    believed = replies.same_domain(message.sender, item.entitlement.system.ticket_address)
    if bounced:
        _failed(item, "letter_returned")
    elif not believed or message.automatic or not _act(item, replies.read(message.text)):
        words = {"sender": message.sender[:200], "text": message.text.replace("\0", "")[:_NOTED]}
        code = "item.mail" if believed else "item.mail_stranger"
        note([(item.request_id, item.pk)], code, actor=SYSTEM, at=timezone.now(), params=words)
    return Outcome(SUBJECT, item.pk)


def _act(item: RequestItem, reply: replies.Reply) -> bool:
    """Do what the answer says; False if it says nothing plain, or too late."""
    if item.state not in _ANSWERABLE or reply.kind == "other":
        return False
    if reply.kind == "failed":
        return _failed(item, reply.why or "refused")
    return _done(item, reply.ticket)


def _done(item: RequestItem, ticket: str) -> bool:
    now = timezone.now()
    if item.state == ItemState.FAILED_RETRYABLE:
        move([item.pk], "queue", actor=SYSTEM, at=now, queued_at=now)
        move([item.pk], "send", actor=SYSTEM, at=now, sent_at=now)
    return bool(claim_locked([item.pk], actor=SYSTEM, at=now, ticket=ticket))


def _failed(item: RequestItem, why: str) -> bool:
    reason = shortened(why)
    moved = move([item.pk], "give_up", actor=SYSTEM, at=timezone.now(), params={"why": reason}, failure=reason)
    tell_failed(moved)
    return bool(moved)


@transaction.atomic
def take_call(*, code: str, headers: Mapping[str, str], body: bytes) -> Literal["done", "ignored"]:
    """A signed call from a system about an item that it had accepted; "ignored" if the item has moved on.

    The body is {"key": …, "item": …, "status": "done" | "failed", "ticket": …, "reason": …}, key and item as they were
    sent. Raises UnknownSystemError, BadAnswerError, SealBrokenError, and what `portal.webhooks.actions.accept` raises.
    """
    rows = System.objects.filter(code=code, channel=Channel.WEBHOOK, archived_at=None, webhook_target__isnull=False)
    system = rows.select_related("webhook_target").first()
    if system is None or system.webhook_target is None:
        raise UnknownSystemError
    accept(source=f"access:{system.pk}", secrets=[system.webhook_target.secret], headers=headers, body=body)
    item_id, key, status, ticket, reason = _parsed(body)
    found = RequestItem.objects.filter(pk=item_id, entitlement__system=system)
    lock_requests(found.values_list("request_id", flat=True))
    item = found.first()
    if item is None or key != message_id(key_of(item.pk, item.generation)) or item.state not in _ANSWERABLE:
        return "ignored"
    acted = _done(item, ticket) if status == "done" else _failed(item, reason or "refused")
    return "done" if acted else "ignored"


def _parsed(body: bytes) -> tuple[int, str, str, str, str]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswerError from error
    if not isinstance(said, dict):
        raise BadAnswerError
    item, key, status = said.get("item"), said.get("key"), said.get("status")
    if not isinstance(item, int) or not 0 < item < 2**63 or not isinstance(key, str):
        raise BadAnswerError
    if status not in {"done", "failed"}:
        raise BadAnswerError
    return item, key, str(status), cleaned(said.get("ticket")), cleaned(said.get("reason"))
