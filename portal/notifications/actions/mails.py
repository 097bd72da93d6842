"""Mail to an address: invitations, password resets, answers, and letters that people write."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.notifications.choices import State, Topic
from portal.notifications.delivery.composing import message_id
from portal.notifications.delivery.outbox import WORDS_REMOVED, NewRow, enqueue
from portal.notifications.delivery.rendering import render
from portal.notifications.models import LetterReference, OutboxRow


def send_mail(
    *,
    to: str,
    template: str,
    context: Mapping[str, object],
    language: str,
    idempotency_key: str,
    not_before: datetime | None = None,
    reference: str = "",
    reply_to: str = "",
    in_reply_to: str = "",
) -> None:
    """Queue one multipart mail in the caller's transaction; it goes when that commits, and only once for a key.

    `template` is a path without its ending ("accounts/email/invitation"): `.subject.txt`, `.txt` and `.html` are
    rendered now, in `language`. The body is kept until the mail is sent. Raises TemplateDoesNotExist.
    A letter that may be answered names its `reference` ("AR-1182"): it is put into the subject, and replies are matched
    by it; `reply_to` is the address of a mailbox that is read, `in_reply_to` the Message-ID that this answers.
    """
    mail = render(template, context, language)
    payload = {"to": to, "subject": mail.subject, "text": mail.text, "html": mail.html, "language": language}
    if reference:
        payload["subject"] = f"[{reference}] {mail.subject}" if f"[{reference}]" not in mail.subject else mail.subject
        remember_letter(message_id(idempotency_key), reference)
    payload |= {name: value for name, value in (("reply_to", reply_to), ("in_reply_to", in_reply_to)) if value}
    enqueue(Topic.MAIL, [NewRow(idempotency_key, payload, not_before=not_before)])


def send_letter(
    *,
    to: str,
    sender: str,
    reply_to: str,
    subject: str,
    text: str,
    reference: str,
    references: Sequence[str],
    idempotency_key: str,
    watch: str,
) -> str:
    """Queue what a person wrote, as plain text, in the caller's transaction. Returns its Message-ID.

    `references`: Message-IDs of the exchange so far, the newest last, which it answers. `watch`: key of the
    `LetterWatch` that is told how it ended. The key names the letter outside as well: it must not be guessed.
    """
    named = message_id(idempotency_key)
    remember_letter(named, reference)
    payload = {"to": to, "from": sender, "reply_to": reply_to, "subject": subject, "text": text, "html": ""}
    answers = {"in_reply_to": references[-1], "references": list(references)} if references else {}
    enqueue(Topic.MAIL, [NewRow(idempotency_key, {**payload, **answers, "watch": watch})])
    return named


def remember_letter(named: str, reference: str) -> None:
    """What answers the letter of this Message-ID is about this; what was remembered first stays."""
    row = LetterReference(message_id=named, reference=reference)
    LetterReference.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def send_again(idempotency_key: str) -> bool:
    """Try a letter again that failed for good, with all its attempts. False if it, or its words, are not there any more."""
    dead = OutboxRow.objects.select_for_update().filter(idempotency_key=idempotency_key, state=State.DEAD)
    rows = dead.filter(payload__has_key="text")
    now = timezone.now()
    changed = rows.update(state=State.PENDING, attempts=0, next_attempt_at=now, last_error="", discarded_at=None)
    return bool(changed)


@transaction.atomic
def forget_letter(idempotency_key: str) -> bool:
    """The words of a letter are removed. One that failed for good, or waits, is put away: nobody sends it any more. One that
    a worker has in its hands may still go out, as the worker read it, but no later attempt has words to send. Returns
    whether it was waiting, so that it ends here; else whoever watches it hears how it ended."""
    now = timezone.now()
    row = OutboxRow.objects.select_for_update().filter(idempotency_key=idempotency_key).first()
    if row is None:
        return False
    row.payload = {key: value for key, value in row.payload.items() if key not in ("text", "html", "subject")}
    waiting = row.state == State.PENDING and (row.leased_until is None or row.leased_until <= now)
    if waiting:
        row.state, row.last_error, row.leased_until, row.lease_token = State.DEAD, WORDS_REMOVED, None, None
    if row.state == State.DEAD:
        row.discarded_at = row.discarded_at or now
    row.save(update_fields=["payload", "state", "last_error", "leased_until", "lease_token", "discarded_at"])
    return waiting


def retitle_letters(idempotency_keys: Iterable[str], subject: str) -> None:
    """Another subject for letters that wait or may be sent again. One that a worker has in its hands may still go out under the
    old one."""
    rows = OutboxRow.objects.select_for_update().filter(
        idempotency_key__in=list(idempotency_keys), payload__has_key="subject"
    )
    for row in rows.order_by("pk"):
        row.payload = {**row.payload, "subject": subject}
        row.save(update_fields=["payload"])
