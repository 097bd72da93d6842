"""Writes: keep mailboxes, and look after messages that nobody could take."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM, Actor
from portal.audit import actions as audit
from portal.constraints import refusing
from portal.files import actions as files
from portal.mailbox import access, intake, queries
from portal.mailbox.choices import Hiding, State, Taken
from portal.mailbox.models import InboundMessage, Mailbox
from portal.refusals import RefusedError


@transaction.atomic
def create_mailbox(*, actor: Actor, password: str, **fields: Any) -> Mailbox:
    """Add a mailbox; `fields` are those of the model. Audited. Raises RefusedError for a name or a folder in use."""
    mailbox = Mailbox(**fields)
    mailbox.password = password
    with refusing(_taken):
        mailbox.save()
    _record(actor, "mailbox.created", "mailbox", mailbox.pk)
    return mailbox


@transaction.atomic
def change_mailbox(*, actor: Actor, mailbox_id: int, password: str, **fields: Any) -> Mailbox:
    """Change a mailbox; an empty password keeps the old one. Another folder is read from its start. Audited. Raises Http404, and
    RefusedError for a name or a folder in use."""
    mailbox = access.get_mailbox(actor, mailbox_id, for_update=True)
    place = (mailbox.host, mailbox.username, mailbox.folder)
    changed = {name for name, value in fields.items() if getattr(mailbox, name) != value}
    for name, value in fields.items():
        setattr(mailbox, name, value)
    if password:
        mailbox.password = password
    if (mailbox.host, mailbox.username, mailbox.folder) != place:
        mailbox.last_uid, mailbox.uid_validity = 0, None
    with refusing(_taken):
        mailbox.save()
    _record(actor, "mailbox.changed", "mailbox", mailbox.pk, {"renamed": True} if "name" in changed else {})
    return mailbox


@transaction.atomic
def archive_mailbox(*, actor: Actor, mailbox_id: int, archived: bool) -> Mailbox:
    """Read a mailbox no more, or again. Audited. Raises Http404, and RefusedError if its name or folder is in use meanwhile."""
    mailbox = access.get_mailbox(actor, mailbox_id, for_update=True)
    if (mailbox.archived_at is not None) != archived:
        mailbox.archived_at = timezone.now() if archived else None
        with refusing(_taken):
            mailbox.save(update_fields=["archived_at"])
        _record(actor, "mailbox.archived" if archived else "mailbox.restored", "mailbox", mailbox.pk)
    return mailbox


@transaction.atomic
def retry(*, actor: Actor, message_id: int) -> InboundMessage:
    """Read an unreadable message again, or hand a failed one to its wing again. Audited. Raises Http404."""
    row = access.get_trouble(actor, message_id, for_update=True)
    if row.state == State.UNPARSED and row.raw is not None:
        with files.read(row.raw) as stream:
            intake.read_again(row, stream.read())
    else:
        row.state, row.attempts, row.next_attempt_at = State.NEW, 0, timezone.now()
        row.save(update_fields=["state", "attempts", "next_attempt_at"])
    _record(actor, "mail.retried", "mail", row.pk)
    return row


@transaction.atomic
def put_away(*, actor: Actor, message_id: int) -> None:
    """Nobody needs to take this message; it stays kept. Audited. Raises Http404."""
    row = access.get_trouble(actor, message_id, for_update=True)
    row.state = State.PUT_AWAY
    row.save(update_fields=["state"])
    _record(actor, "mail.put_away", "mail", row.pk)


@transaction.atomic
def hide(*, actor: Actor, message_id: int, reason: str) -> None:
    """Put the words and files of a message in trouble out of everybody's sight; it stays kept, and can be tried again. Audited.
    `reason`: a value of `choices.Hiding`. Raises ValueError for another one, Http404."""
    row = access.get_trouble(actor, message_id, for_update=True)
    row.hidden_for = Hiding(reason)
    row.save(update_fields=["hidden_for"])
    _record(actor, "mail.hidden", "mail", row.pk, {"reason": row.hidden_for})


def hand_on_again(mailbox_id: int) -> int:
    """Hand to its wing again what that did not take: it can now. The caller says so in the trail. Returns how many."""
    rows = InboundMessage.objects.filter(mailbox_id=mailbox_id, state=State.FAILED)
    return rows.update(state=State.NEW, attempts=0, next_attempt_at=timezone.now())


def forget_words(message_id: int) -> None:
    """A wing removed the words of what it made of a message: here, and in the message as it came, they go as well. Copies that no
    wing took are kept until somebody decides, out of everybody's sight."""
    row = InboundMessage.objects.select_for_update(of=("self",)).get(pk=message_id)
    intake.forget(row)
    row.save(update_fields=["subject", "text", "quoted", "html", "raw", "trace"])
    # One that is being taken right now waits for the caller, and is then known as a copy.
    copies = queries.untaken_copies_of(message_id).filter(hidden_for="").order_by("pk")
    for copy in copies.select_for_update(skip_locked=True, of=("self",)):
        if not queries.may_be_emptied(row, copy):
            continue
        copy.hidden_for = Hiding.SENSITIVE
        copy.save(update_fields=["hidden_for"])
        _record(SYSTEM, "mail.hidden", "mail", copy.pk, {"reason": copy.hidden_for})


def may_read_file(actor: Actor, owner_id: str) -> bool:
    """Whoever handles failures may look at what a message in trouble brought; wings guard what they took over."""
    row = queries.in_trouble(actor).filter(pk=int(owner_id)).first() if owner_id.isdigit() else None
    return row is not None and not queries.hidden_among([row])


def _taken(constraint: str) -> RefusedError | None:
    """Of what two mailboxes may not share: a value of `choices.Taken`."""
    return RefusedError(constraint) if constraint in Taken.values else None


def _record(actor: Actor, verb: str, kind: str, pk: int, changes: Mapping[str, object] | None = None) -> None:
    audit.record(actor=actor, verb=verb, subject_type=kind, subject_id=pk, changes=changes)
