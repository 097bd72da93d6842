"""Mail that goes out: written on a case, queued with it, and how it ended noted beside its entry."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from email.utils import formataddr
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from escalations import access, queries, rules
from escalations.choices import Channel, Direction, Entry, Reason, Sensitivity
from escalations.choices import Outcome as ContactOutcome
from escalations.choices.mail import Delivery
from escalations.models import Case, InboundMail, OutboundMail, ServiceMailbox, TimelineEntry
from escalations.queries import mail as mails
from portal.accounts.rules import Actor
from portal.mailbox.actions import forget_words
from portal.mailbox.queries import copies_of
from portal.mailbox.threading import reply_address
from portal.notifications import actions as letters

from . import clocks
from ._base import Refused, add_entry, locked, required, touch, trail, words
from .mail_files import drop_files
from .replies import Used, check_filled, keep_use
from .statutory import answer_with, answered_by
from .undelivered import hold_answered, not_arrived, went_after_all

WATCH: Final = "case.mail"
_OUTWARD: Final[dict[str, Any]] = {
    "channel": Channel.EMAIL.value,
    "direction": Direction.OUTBOUND.value,
    "outcome": ContactOutcome.SENT.value,
}


def send_mail(
    *,
    actor: Actor,
    ref: str | int,
    to: str,
    subject: str,
    text: str,
    signature: str = "",
    once: uuid.UUID,
    used: Used | None = None,
    duties: Sequence[str] = (),
) -> TimelineEntry:
    """Write to somebody about a case; it goes when the transaction commits, and meets the clocks of replies now.

    `signature`: "en", "zh" or "". `once` names the form: sent twice, it is one mail. What goes out on a sensitive case
    says in its headers no more than the reference. `used`: the template that the words were made from, if any.
    `duties`: the answers by law that it is. Raises Refused, also while something is to be filled in, and Http404.
    """
    kept, address = check_filled(words(text, needed=Reason.TEXT_NEEDED)), _address(to)
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_contact(actor, queries.facts_of(actor, case)))
        earlier = OutboundMail.objects.filter(once=once).select_related("entry").first()
        if earlier is not None:
            return _same(earlier, case, address, _headline(case, subject), kept, duties)
        box = mails.box_of(case)
        if box is None:
            raise Refused(Reason.NO_MAILBOX)
        now = timezone.now()
        body = _signed(kept, box, signature)
        entry = add_entry(case, acting, Entry.CONTACT, "mail.out", now, text=body, **_OUTWARD)
        if used is not None:
            keep_use(acting, case, entry, used, now)
        _queue(entry, case, box, address, _headline(case, subject), body, once)
        touch(case, now)
        trail(acting, "case.mail_sent", case, {"entry": entry.pk})
        clocks.answered(acting, case, now)
        answer_with(actor=actor, entry=entry, duties=duties)
        return entry


def _same(earlier: OutboundMail, case: Case, to: str, subject: str, text: str, duties: Sequence[str]) -> TimelineEntry:
    """The entry of the same form sent before; of other words or ticks under its name, nobody is told that they went."""
    if earlier.entry.case_id != case.pk:
        raise Refused(Reason.NOT_POSSIBLE)
    said = earlier.entry.body.text
    if (earlier.to, earlier.subject) != (to, subject) or not (said == text or said.startswith(f"{text}\n\n-- \n")):
        raise Refused(Reason.STALE)
    if not answered_by(earlier.entry).issuperset(duties):
        raise Refused(Reason.STALE)
    return earlier.entry


def _address(to: str) -> str:
    kept = words(to, needed=Reason.ADDRESS_NEEDED, limit=254)
    try:
        validate_email(kept)
    except ValidationError as error:
        raise Refused(Reason.ADDRESS_NEEDED) from error
    return kept


def _headline(case: Case, subject: str) -> str:
    """The subject line: on a sensitive case nothing but the reference."""
    tag = f"[{case.ref}]"
    if case.sensitivity != Sensitivity.STANDARD:
        return tag
    said = words(" ".join(subject.split()), needed=Reason.SUBJECT_NEEDED, limit=200)
    return said if tag in said else f"{tag} {said}"


def _signed(text: str, box: ServiceMailbox, signature: str) -> str:
    found = {"en": box.signature, "zh": box.signature_zh}.get(signature, "").strip()
    return f"{text}\n\n-- \n{found}" if found else text


def _queue(
    entry: TimelineEntry, case: Case, box: ServiceMailbox, to: str, subject: str, text: str, once: uuid.UUID
) -> None:
    mailbox = box.mailbox
    # Whose letter it is says something, too: on a sensitive case the address stands alone.
    named = box.service.name if case.sensitivity == Sensitivity.STANDARD else ""
    key = f"case.mail:{uuid.uuid4().hex}"
    message_id = letters.send_letter(
        to=to,
        sender=formataddr((named, mailbox.address)),
        reply_to=reply_address(mailbox.address, case.ref) if box.plus_address else mailbox.address,
        subject=subject,
        text=text,
        reference=case.ref,
        references=mails.exchanged(case, to),
        idempotency_key=key,
        watch=WATCH,
    )
    OutboundMail.objects.create(
        entry=entry, mailbox=mailbox, to=to, subject=subject, message_id=message_id, key=key, once=once,
        queued_at=entry.at,
    )  # fmt: skip


def subject_now(key: str) -> str:
    """The reference alone, if the letter's case was marked sensitive since it was written, or goes on in one that is."""
    rows = OutboundMail.objects.select_related("entry__case__merged_into")
    letter = rows.filter(key=key).first()
    if letter is None:
        return ""
    case = letter.entry.case
    levels = {one.sensitivity for one in (case, case.merged_into) if one is not None}
    return "" if levels == {Sensitivity.STANDARD} else f"[{case.ref}]"


def hold_letter(key: str) -> None:
    """Lock the case of a letter, before the sender marks its row: whoever removes words or sends again locks in this order."""
    found = OutboundMail.objects.filter(key=key).values_list("entry__case", "entry").first()
    if found is not None:
        hold_answered(*found)


@transaction.atomic
def settled(key: str, how: str, why: str, at: datetime | None = None) -> None:
    """How a mail ended, told by the sender in the transaction that marks it; `at`: when, if it is noted later. One that came
    back stays so. What it was the answer to by law runs again if it was not sent, and is met if it went after all."""
    letter = OutboundMail.objects.select_related("entry").filter(key=key).first()
    if letter is None:
        return
    case = hold_answered(letter.entry.case_id, letter.entry_id)
    letter.refresh_from_db(fields=["state", "queued_at"])
    if letter.state == Delivery.BOUNCED:
        return
    # The clocks of the database and of this machine may differ by a little. What it answers was received before it was written.
    ended = max(at or timezone.now(), letter.queued_at)
    letter.state = Delivery.SENT if how == "sent" else Delivery.FAILED
    letter.settled_at, letter.error = ended, why if letter.state == Delivery.FAILED else ""
    letter.save(update_fields=["state", "settled_at", "error"])
    if letter.state == Delivery.FAILED:
        not_arrived(letter, case)
    else:
        went_after_all(letter, case, ended)


def send_again(*, actor: Actor, ref: str | int, entry_id: int) -> OutboundMail:
    """Try a mail again that could not be sent. Raises Refused, Http404."""
    with locked(actor, ref) as case:
        entry = access.get_entry(actor, case, entry_id)
        acting = required(actor, rules.can_contact(actor, queries.facts_of(actor, case)))
        letter = OutboundMail.objects.select_for_update().filter(entry=entry).first()
        body = getattr(entry, "body", None)
        forgotten = body is not None and body.redacted_at is not None
        if letter is None or forgotten or letter.state != Delivery.FAILED or not letters.send_again(letter.key):
            raise Refused(Reason.NOT_POSSIBLE)  # also once its words were removed
        _on_its_way(letter)
        trail(acting, "case.mail_sent_again", case, {"entry": entry.pk})
        return letter


def tried_again(key: str) -> None:
    """An administrator has a mail sent again that had failed: its case, which is held (`hold_letter`), says so."""
    letter = OutboundMail.objects.select_for_update().filter(key=key, state=Delivery.FAILED).first()
    if letter is not None:
        _on_its_way(letter)


def _on_its_way(letter: OutboundMail) -> None:
    letter.state, letter.settled_at, letter.error, letter.queued_at = Delivery.QUEUED, None, "", timezone.now()
    letter.save(update_fields=["state", "settled_at", "error", "queued_at"])


def forget_mail(entry: TimelineEntry) -> None:
    """The words of an entry were removed: they are not kept anywhere else, nor is what came with them."""
    mail = mails.mail_in(entry)
    if mail is not None:
        drop_files(entry)
        forget_words(mail.message_id)
        # Copies that came before they were forgotten at once; another case's entry keeps its own.
        copies = copies_of(mail.message_id)
        named = set(InboundMail.objects.filter(message__in=copies).values_list("message_id", flat=True))
        for copy in copies:
            if copy not in named:
                forget_words(copy)
        mail.quoted, mail.has_more, mail.files, mail.held = "", False, 0, []
        mail.save(update_fields=["quoted", "has_more", "files", "held"])
    letter = mails.mail_out(entry)
    if letter is not None:
        waiting = letters.forget_letter(letter.key)
        rows = OutboundMail.objects.filter(pk=letter.pk)
        rows.update(subject="")
        if waiting:
            queued = rows.filter(state=Delivery.QUEUED)
            ended = queued.update(state=Delivery.FAILED, settled_at=timezone.now(), error="its words were removed")
            if ended:
                not_arrived(rows.select_related("entry").get(), hold_answered(entry.case_id, entry.pk), always=False)
