"""What systems for chat, social media and messaging bring: kept once when it is signed, then an entry or a case.

A request is believed for five minutes and counts once by its id; what was said counts once by its own name as well. So
whatever dies in between may send it again.
"""

import base64
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from escalations.choices import Channel, Direction, Entry
from escalations.choices import Outcome as ContactOutcome
from escalations.choices.hooks import Unclear
from escalations.models import Case, ChannelEndpoint, ChannelMessage, ChannelThread, TimelineEntry
from escalations.rules.channels import NormalMessage, NotUnderstoodError, digest, understood
from portal import counting, strict_json
from portal.accounts.rules import SYSTEM
from portal.mailbox.choices import State
from portal.mailbox.intake import hand_on
from portal.mailbox.registry import NotTakenError
from portal.sealing import seal, unseal
from portal.webhooks.actions import ReplayedError, accept
from portal.webhooks.signing import BadSignatureError, new_secret, verify

from ._base import add_entry, touch, trail
from .coming_in import going_on, heir_of, is_over, link, one_at_a_time, take_up
from .create import create_case
from .telling import tell

logger = logging.getLogger(__name__)
#: Of one sender, into one endpoint, within an hour; what comes beyond waits for an administrator.
MOST_NEW: Final = 50
_HOUR: Final = timedelta(hours=1)
#: Requests that are not believed are counted and logged this often a minute and endpoint; more of them say nothing new.
MOST_NOTED: Final = 10
_NOBODY: Final = new_secret()


@dataclass(frozen=True, slots=True)
class Kept:
    """A request that is kept; `why` is "" if it was understood."""

    message_id: str
    why: str


class TooManyError(Exception):
    """The endpoint took as much as it takes in a minute. Nothing of the request is kept."""


def receive(*, key: str, headers: Mapping[str, str], body: bytes, most: int) -> Kept:
    """Take a request in, once; `most` a minute. Raises BadSignatureError, which says nothing about whether the endpoint is
    there, TooManyError, and SealBrokenError."""
    endpoint = ChannelEndpoint.objects.filter(key=key, is_on=True).first()
    if endpoint is None:
        verify([_NOBODY], headers, body, timezone.now().timestamp())
        raise BadSignatureError("unknown")
    try:
        with transaction.atomic():
            name = accept(source=f"channel:{endpoint.pk}", secrets=endpoint.secrets(), headers=headers, body=body)
            if not (name.isascii() and name.isprintable()):
                raise BadSignatureError("malformed")
            if counting.count(f"channel:{endpoint.pk}") > most:
                raise TooManyError
            return _keep(endpoint, name, body)
    except ReplayedError:
        return _kept(ChannelMessage.objects.get(endpoint=endpoint, message_id=headers["webhook-id"]))
    except BadSignatureError as error:
        _note_refused(endpoint, error.code)
        raise


def _note_refused(endpoint: ChannelEndpoint, why: str) -> None:
    if counting.count(f"channel-refused:{endpoint.pk}") <= MOST_NOTED:
        logger.warning("A request to channel %s was refused: %s", endpoint.pk, why)
        rows = ChannelEndpoint.objects.filter(pk=endpoint.pk, refused__lt=2**31 - 1)
        rows.update(refused=F("refused") + 1, refused_at=timezone.now(), refused_why=why[:12])


def _keep(endpoint: ChannelEndpoint, name: str, body: bytes) -> Kept:
    fields: dict[str, Any] = {
        "received_at": timezone.now(),
        "size": len(body),
        "sealed_body": seal(base64.b64encode(body).decode() or "="),
    }
    try:
        message = understood(endpoint.kind, _payload(body))
    except NotUnderstoodError as error:
        fields |= {"state": State.UNPARSED, "last_error": str(error)}
    else:
        fields |= _columns(message)
    row, _created = ChannelMessage.objects.get_or_create(endpoint=endpoint, message_id=name, defaults=fields)
    return _kept(row)


def _kept(row: ChannelMessage) -> Kept:
    return Kept(row.message_id, row.last_error if row.state == State.UNPARSED else "")


def _payload(body: bytes) -> object:
    try:
        return strict_json.read(body)
    except ValueError as error:
        raise NotUnderstoodError(Unclear.JSON) from error


def body_of(row: ChannelMessage) -> bytes:
    """The request's body, while it is kept. Raises SealBrokenError."""
    return base64.b64decode(unseal(row.sealed_body).removeprefix("="))


def payload_of(row: ChannelMessage) -> object:
    """What stands in it. Raises NotUnderstoodError, SealBrokenError."""
    return _payload(body_of(row))


def _columns(message: NormalMessage) -> dict[str, Any]:
    return {
        "thread": digest(message.thread),
        "name": digest(message.name),
        "sender": message.sender,
        "link": message.link,
        "reach": message.reach,
    }


def read_again(row: ChannelMessage) -> None:
    """Try to understand what is kept once more; what is understood now is due at once. The caller holds the row."""
    try:
        fields = _columns(understood(row.endpoint.kind, payload_of(row)))
    except NotUnderstoodError as error:
        row.state, row.last_error = State.UNPARSED, str(error)
    else:
        for field, value in fields.items():
            setattr(row, field, value)
        row.state, row.last_error, row.attempts, row.next_attempt_at = State.NEW, "", 0, timezone.now()
    row.save()


def take_one() -> bool:
    """Take the next due message; what is written and the mark commit together. False if none is due."""
    with transaction.atomic():
        due = ChannelMessage.objects.filter(state=State.NEW, next_attempt_at__lte=timezone.now())
        rows = due.select_for_update(skip_locked=True, of=("self",)).select_related(
            "endpoint__service", "endpoint__site"
        )
        row = rows.order_by("next_attempt_at", "pk").first()
        if row is None:
            return False
        hand_on(row, lambda: _take(row))
    return True


def _take(row: ChannelMessage) -> None:
    try:
        message = understood(row.endpoint.kind, payload_of(row))
    except NotUnderstoodError as error:  # what was understood when it came in is not any more
        raise NotTakenError(str(error)) from error
    one_at_a_time(bytes.fromhex(digest(f"{row.endpoint_id} {row.thread}")))
    same = ChannelMessage.objects.filter(
        endpoint=row.endpoint_id, thread=row.thread, name=row.name, entry__isnull=False
    )
    if same.exists():
        row.sender = row.link = ""
    else:
        thread = ChannelThread.objects.filter(endpoint=row.endpoint_id, digest=row.thread).first()
        row.entry = _open(row, message) if thread is None else _into(thread, row, message)
    row.sealed_body = ""


def _into(thread: ChannelThread, row: ChannelMessage, message: NormalMessage) -> TimelineEntry:
    with going_on(thread.case_id) as case:
        if is_over(case):
            return _open(row, message, case)
        entry = _entry(case, row, message)
        take_up(case, entry.at)
        trail(SYSTEM, "case.channel_in", case, {"entry": entry.pk})
        tell("case.channel_in", str(entry.pk), {"case": case.pk})
        return entry


def _open(row: ChannelMessage, message: NormalMessage, after: Case | None = None) -> TimelineEntry:
    """A case of its own; where the matter had ended, linked to that case and as protected as that one."""
    endpoint = row.endpoint
    _refuse(row)
    heir = heir_of(after)
    case = create_case(
        actor=SYSTEM,
        service_id=endpoint.service_id,
        site_id=endpoint.site_id if endpoint.site and endpoint.site.archived_at is None else None,
        issue_type_id=_issue(endpoint),
        subject=_subject(endpoint, message),
        channel=endpoint.kind,
        sensitivity=heir.sensitivity,
        at=min(row.received_at, timezone.now()),
    )
    entry = _entry(case, row, message)
    ChannelThread.objects.update_or_create(endpoint=endpoint, digest=row.thread, defaults={"case": case})
    if after is not None:
        link(case, after, heir)
        tell("case.channel_in", str(entry.pk), {"case": case.pk})
    return entry


def _refuse(row: ChannelMessage) -> None:
    if row.endpoint.service.archived_at is not None:
        raise NotTakenError(Unclear.SERVICE)
    since = timezone.now() - _HOUR
    rows = ChannelMessage.objects.filter(endpoint=row.endpoint_id, sender=row.sender, received_at__gte=since)
    new = rows.filter(entry__case__opened_at__gte=since).values("entry__case").distinct()
    if new.count() >= MOST_NEW:
        raise NotTakenError(Unclear.FLOOD)


def _issue(endpoint: ChannelEndpoint) -> int | None:
    issue = endpoint.issue_type
    return issue.pk if issue is not None and issue.archived_at is None else None


def _subject(endpoint: ChannelEndpoint, message: NormalMessage) -> str:
    """A site reads the subject and none of the customer's words."""
    first = message.words.splitlines()[0].strip()
    return (message.subject or (first if endpoint.site_id is None else "") or endpoint.name)[:200]


def _entry(case: Case, row: ChannelMessage, message: NormalMessage) -> TimelineEntry:
    at = max(row.received_at, case.opened_at)
    inward: dict[str, Any] = {
        "channel": Channel(row.endpoint.kind).value,
        "direction": Direction.INBOUND.value,
        "outcome": ContactOutcome.RECEIVED.value,
    }
    entry = add_entry(case, SYSTEM, Entry.CONTACT, "channel.in", at, text=message.words, **inward)
    touch(case, at)
    return entry


def forget_channel(entry: TimelineEntry) -> None:
    """The words of an entry were removed: who said them, and where, is not kept either."""
    ChannelMessage.objects.filter(entry=entry).update(sender="", link="", reach=None)
