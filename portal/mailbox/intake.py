"""Keeps a message once, and hands it to its wing once."""

import io
import logging
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.files import actions as files
from portal.files import queries as file_queries
from portal.mailbox.choices import FILE_OWNER, State
from portal.mailbox.heads import UnparsedError
from portal.mailbox.models import InboundMessage, Mailbox
from portal.mailbox.parsing import Parsed, fingerprint, hashed, headed, parse
from portal.mailbox.queries import is_one, left_of
from portal.mailbox.registry import Incoming, NotTakenError, handler_of
from portal.mailbox.threading import reference_of
from portal.notifications.rules import retry_delay

logger = logging.getLogger(__name__)
MAX_ATTEMPTS: Final = 10
MAX_RAW: Final = 40 * 1024 * 1024  # bytes
_TOO_LARGE: Final = "it is larger than"


def keep(mailbox: Mailbox, raw: bytes, *, cut_off: bool = False) -> InboundMessage:
    """Keep a message; the same one twice makes one row, another one under the same Message-ID a row of its own. `cut_off`: only its
    headers, since all of it is too large. Commits."""
    name = fingerprint(raw)
    known = _known(mailbox, name)
    if known is not None and not is_one(known, raw):
        name = hashed(raw)
        known = _known(mailbox, name)
    return known or _keep_new(mailbox, name, raw, cut_off)


def _known(mailbox: Mailbox, name: str) -> InboundMessage | None:
    return InboundMessage.objects.select_related("raw").filter(mailbox=mailbox, fingerprint=name).first()


@transaction.atomic
def _keep_new(mailbox: Mailbox, name: str, raw: bytes, cut_off: bool) -> InboundMessage:
    stored = files.store(
        actor=SYSTEM, upload=_file("message.eml", raw), allowed=None, max_bytes=MAX_RAW, owner=(FILE_OWNER, "new")
    )
    now = timezone.now()
    row, created = InboundMessage.objects.get_or_create(
        mailbox=mailbox, fingerprint=name, defaults={"raw": stored, "sent_at": now, "received_at": now}
    )
    if not created:  # another worker was faster
        files.move(file_ids=[stored.pk], from_owner=(FILE_OWNER, "new"), to_owner=None)
        return row
    files.move(file_ids=[stored.pk], from_owner=(FILE_OWNER, "new"), to_owner=(FILE_OWNER, row.pk))
    read(row, raw, cut_off=cut_off)
    return row


def read_again(row: InboundMessage, raw: bytes) -> None:
    """Read what could not be read. Of a message that was too large only the headers are there: they make no message."""
    read(row, raw, cut_off=row.last_error.startswith(_TOO_LARGE))


def read(row: InboundMessage, raw: bytes, *, cut_off: bool = False) -> None:
    """Fill a row from its message; what cannot be read is marked so, with the reason, and kept."""
    try:
        with transaction.atomic():
            if cut_off:
                raise UnparsedError(f"{_TOO_LARGE} {MAX_RAW // 1024 // 1024} MB")
            _fill(row, parse(raw))
    except (UnparsedError, ValidationError) as error:
        _unparsed(row, raw, str(error))
    except Exception as error:
        logger.exception("Message %s of mailbox %s could not be kept in parts", row.fingerprint, row.mailbox_id)
        _unparsed(row, raw, f"{type(error).__name__}: {error}")


def _fill(row: InboundMessage, parsed: Parsed) -> None:
    row.message_id, row.sender, row.sender_name = parsed.message_id, parsed.sender, parsed.sender_name
    row.recipients, row.subject = [address[:320] for address in parsed.recipients], parsed.subject
    row.text, row.quoted, row.automatic = parsed.text, parsed.quoted, parsed.automatic
    row.html, row.answers = parsed.html, list(parsed.answers)
    row.sent_at = parsed.sent_at or row.received_at
    row.reference, row.matched_by = reference_of(parsed)
    row.state, row.last_error, row.next_attempt_at = State.NEW, "", timezone.now()
    row.save()
    for attachment in parsed.files:
        upload = _file(attachment.name, attachment.content)
        files.store(actor=SYSTEM, upload=upload, allowed=None, max_bytes=MAX_RAW, owner=(FILE_OWNER, row.pk))


def _unparsed(row: InboundMessage, raw: bytes, why: str) -> None:
    """What it is about is known by its head, so that who may not read about that does not read the message either."""
    head = headed(raw)
    fields: dict[str, Any] = {"state": State.UNPARSED, "last_error": _line(why)}
    if head is not None:
        reference, matched_by = reference_of(head)
        fields |= {"sender": head.sender, "subject": head.subject, "answers": head.answers}
        fields |= {"reference": reference, "matched_by": matched_by, "message_id": head.message_id}
    InboundMessage.objects.filter(pk=row.pk).update(**fields)
    row.state = State.UNPARSED


def _file(name: str, content: bytes) -> File:  # type: ignore[type-arg]  # it is not generic at run time
    return File(io.BytesIO(content), name=name.replace("\0", ""))


def handle_one() -> bool:
    """Hand the next due message to its wing; what the wing writes and the mark commit together. False if none is due."""
    with transaction.atomic():
        due = InboundMessage.objects.filter(state=State.NEW, next_attempt_at__lte=timezone.now())
        row = (
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("mailbox")
            .order_by("next_attempt_at", "pk")
            .first()
        )
        if row is None:
            return False
        hand_on(row, lambda: _take(row))
    return True


def _take(row: InboundMessage) -> None:
    outcome = handler_of(row.mailbox.handler).handle(_incoming(row))
    row.subject_type, row.subject_id = outcome.subject_type, outcome.subject_id
    if outcome.repeats:
        forget(row)


def forget(row: InboundMessage) -> None:
    """The words of a message go, and all files that it still has. The caller saves, as done."""
    row.trace = left_of(row) or row.trace
    own = file_queries.files_of(FILE_OWNER, [row.pk]).get(str(row.pk), ())
    files.move(file_ids=[one.pk for one in own], from_owner=(FILE_OWNER, row.pk), to_owner=None)
    row.subject = row.text = row.quoted = row.html = ""
    row.raw = None


def hand_on(row: Any, take: Callable[[], object]) -> None:
    """Let a wing take a message of its own or of a mailbox, and mark how that went; within the caller's transaction.

    `row` has a state, attempts, last_error, next_attempt_at and handled_at as messages of mailboxes have.
    """
    try:
        with transaction.atomic():
            take()
    except NotTakenError as no:
        _refused(row, str(no))
    except Exception as error:
        logger.exception("%s %s was not taken", type(row).__name__, row.pk)
        _postpone(row, f"{type(error).__name__}: {error}")
    else:
        row.state, row.handled_at, row.last_error = State.DONE, timezone.now(), ""
        row.attempts += 1
        row.save()


def _refused(row: Any, why: str) -> None:
    row.attempts, row.last_error, row.state = row.attempts + 1, _line(why), State.FAILED
    row.save(update_fields=["attempts", "last_error", "state"])


def _postpone(row: Any, why: str) -> None:
    row.attempts += 1
    row.last_error = _line(why)
    row.state = State.FAILED if row.attempts >= MAX_ATTEMPTS else State.NEW
    row.next_attempt_at = timezone.now() + timedelta(seconds=retry_delay(row.attempts, random.random))
    row.save(update_fields=["attempts", "last_error", "state", "next_attempt_at"])


def _incoming(row: InboundMessage) -> Incoming:
    attached = file_queries.files_of(FILE_OWNER, [row.pk]).get(str(row.pk), ())
    return Incoming(
        id=row.pk,
        mailbox_id=row.mailbox_id,
        mailbox_address=row.mailbox.address,
        message_id=row.message_id,
        reference=row.reference,
        matched_by=row.matched_by,
        automatic=row.automatic,
        sender=row.sender,
        sender_name=row.sender_name,
        recipients=tuple(row.recipients),
        subject=row.subject,
        text=row.text,
        quoted=row.quoted,
        html=row.html,
        answers=tuple(row.answers),
        sent_at=row.sent_at,
        received_at=row.received_at,
        file_ids=tuple(one.pk for one in attached if one.pk != row.raw_id),
    )


def _line(why: str) -> str:
    return " ".join(why.replace("\0", "").split())[:300] or "unknown"
