"""Reads about mail: whom a case writes with, through which mailbox, and which files of it a reader may have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from escalations import rules
from escalations.choices import Sensitivity
from escalations.choices.mail import FILE_OWNER, HELD_OWNER, LOCKED, Held
from escalations.models import CarriedEntry, Case, InboundMail, OutboundMail, Service, ServiceMailbox, TimelineEntry
from portal.accounts.rules import Actor
from portal.files import queries as files
from portal.files.actions import passes
from portal.mailbox.queries import active_mailboxes, kept_as

from .facts import case_rights
from .scope import visible_to
from .timeline import entries_visible_to

if TYPE_CHECKING:
    from portal.files.models import StoredFile
    from portal.mailbox.models import Mailbox

#: The kind of mailbox whose mail becomes cases.
KIND: Final = "case"
MOST_REFERENCES: Final = 10
_ADDRESS: Final = re.compile(r"[^\s<>,;:()\"]{1,64}@[^\s<>,;:()\"]{1,190}")


def mailboxes_of(service: Service) -> QuerySet[ServiceMailbox]:
    """The mailboxes of a service, by name; archived ones among them are not read."""
    return ServiceMailbox.objects.filter(service=service).select_related("mailbox", "site").order_by("mailbox__name")


def free_mailboxes() -> QuerySet[Mailbox]:
    """Mailboxes for cases that are no service's yet."""
    taken = ServiceMailbox.objects.filter(mailbox=OuterRef("pk"))
    return active_mailboxes().filter(~Exists(taken), handler=KIND).order_by("name")


def box_of(case: Case) -> ServiceMailbox | None:
    """From where the service answers on this case: the mailbox of its last mail, else the service's first."""
    rows = ServiceMailbox.objects.filter(service_id=case.service_id, mailbox__archived_at=None).select_related(
        "mailbox"
    )
    boxes = {row.mailbox_id: row for row in rows.order_by("pk")}
    if len(boxes) > 1:
        latest = _ins(case).order_by("-pk").values_list("message__mailbox_id", flat=True).first()
        if latest in boxes:
            return boxes[latest]
    return next(iter(boxes.values()), None)


def _ins(case: Case) -> QuerySet[InboundMail]:
    return InboundMail.objects.filter(entry__case_id__in=with_merged(case))


def _outs(case: Case) -> QuerySet[OutboundMail]:
    return OutboundMail.objects.filter(entry__case_id__in=with_merged(case))


def with_merged(case: Case) -> list[int]:
    """The case, and what was merged into it. Read first, so that the database goes by the index of entries."""
    return [case.pk, *Case.objects.filter(merged_into=case).values_list("pk", flat=True)]


def known_addresses(case: Case) -> set[str]:
    """With whom the case is in touch by mail: who wrote first or as one of them, whom we wrote to, and what the case says
    of how to be in touch. In lower case."""
    found = set(_ins(case).filter(is_known=True).values_list("sender", flat=True))
    found |= set(_outs(case).values_list("to", flat=True))
    return {one.lower() for one in found} | {one.lower() for one in _ADDRESS.findall(case.contact_hint)}


def latest_address(actor: Actor, case: Case) -> str:
    """Whom an answer goes to unless somebody says otherwise, from what the actor may read: the case's own before what was
    merged into it; "" if nobody is known."""
    entries = entries_visible_to(actor, case).select_related(None).order_by().values("pk")
    rows = InboundMail.objects.filter(entry__in=entries, is_known=True).order_by("-entry__at", "-pk")
    senders = rows.values_list("sender", flat=True)
    hinted = next(iter(_ADDRESS.findall(case.contact_hint)), "")
    return str(senders.filter(entry__case=case).first() or hinted or senders.first() or "")


def answer_to(actor: Actor, case: Case) -> str:
    """Whom a reply goes to by mail unless somebody says otherwise; "" where nobody is known or the service has no mailbox."""
    return latest_address(actor, case) if box_of(case) is not None else ""


def exchanged(case: Case, address: str) -> list[str]:
    """Message-IDs of what went to and fro with this address on the case, the newest last; nobody else's among them."""
    ins = _ins(case).filter(sender__iexact=address).exclude(message__message_id="")
    outs = _outs(case).filter(to__iexact=address)
    dated = [*ins.order_by("-pk").values_list("entry__at", "message__message_id")[:MOST_REFERENCES]]
    dated += outs.order_by("-pk").values_list("entry__at", "message_id")[:MOST_REFERENCES]
    return [named for _at, named in sorted(dated)][-MOST_REFERENCES:]


def letter_of(message_ids: Sequence[str]) -> OutboundMail | None:
    """The newest mail of ours among these Message-IDs."""
    rows = OutboundMail.objects.filter(message_id__in=list(message_ids)).select_related("entry")
    return rows.order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that was not taken, and why."""

    file: StoredFile
    why: str
    locked: bool = False


def files_of(entries: Iterable[TimelineEntry]) -> Mapping[int, Sequence[StoredFile]]:
    """The files that hang on these entries, by entry; no query if none has any."""
    wanted = [one.pk for one in entries if (mail := mail_in(one)) is not None and mail.files]
    found = files.files_of(FILE_OWNER, wanted) if wanted else {}
    return {int(pk): rows for pk, rows in found.items()}


def mail_in(entry: TimelineEntry) -> InboundMail | None:
    """What an entry came in as, if it came by mail (selected with the stream)."""
    found: InboundMail | None = getattr(entry, "mail_in", None)
    return found


def mail_out(entry: TimelineEntry) -> OutboundMail | None:
    """What an entry goes out as, if it goes by mail (selected with the stream)."""
    found: OutboundMail | None = getattr(entry, "mail_out", None)
    return found


def held_of(mail: InboundMail) -> list[HeldFile]:
    """Files of a mail that were not taken."""
    why: dict[str, Any] = {str(pk): code for pk, code in mail.held}
    rows = files.files_of(HELD_OWNER, [mail.entry_id]).get(str(mail.entry_id), ()) if why else ()
    labels = dict(Held.choices)
    codes = [(row, str(why.get(str(row.pk), ""))) for row in rows]
    return [HeldFile(row, str(labels.get(code, labels[Held.TYPE])), code in LOCKED) for row, code in codes]


def _is_locked(entry: TimelineEntry, file: StoredFile) -> bool:
    """Nobody has a file with a virus, nor one that was not scanned unless it is found clean now."""
    held = InboundMail.objects.filter(entry=entry).values_list("held", flat=True).first() or []
    why = next((str(code) for pk, code in held if str(pk) == str(file.pk)), "")
    return why in LOCKED or (why == Held.UNSCANNED and not passes(file))


def hidden_among(references: Collection[str]) -> set[str]:
    """Which of these references and Message-IDs name a case of which administrators read nothing, mail of such a case, or one
    that goes on in it. Four queries at most."""
    numbers = {one: rules.case_number(one) for one in references if one.upper().startswith("EC-")}
    rows = Case.objects.filter(pk__in=[pk for pk in numbers.values() if pk])
    closed = _closed(rows.values_list("pk", "sensitivity", "merged_into__sensitivity"))
    # Two services that were both written to have a case each, and a Message-ID is remembered for one of them.
    names = kept_as([one for one in references if one.startswith("<")])
    mails = InboundMail.objects.filter(message__in=list(names))
    levels = mails.values_list("message", "entry__case__sensitivity", "entry__case__merged_into__sensitivity")
    return {one for one, pk in numbers.items() if pk in closed} | {names[pk] for pk in _closed(levels)}


def hidden_letters(keys: Collection[str]) -> set[str]:
    """Which of our letters, by key, are of a case of which administrators read nothing, or that goes on in one. One query."""
    rows = OutboundMail.objects.filter(key__in=list(keys))
    return _closed(rows.values_list("key", "entry__case__sensitivity", "entry__case__merged_into__sensitivity"))


def _closed(levels: Iterable[tuple[Any, str, str | None]]) -> set[Any]:
    """What has a level, or goes on in a case that has one, other than the standard."""
    return {what for what, *found in levels if any(one not in (None, Sensitivity.STANDARD) for one in found)}


def may_read_file(actor: Actor, file: StoredFile) -> bool:
    """Whoever may read the entry may have its files; those that were not taken, whoever may also remove its words."""
    if not file.owner_id.isdigit():
        return False
    entry = TimelineEntry.objects.filter(pk=int(file.owner_id)).select_related("case").first()
    if entry is None or (file.owner_kind == HELD_OWNER and _is_locked(entry, file)):
        return False
    # Its words stand in the case where it was written, and in those that it came along to.
    shown = [entry.case_id, *CarriedEntry.objects.filter(entry=entry).values_list("case", flat=True)]
    cases = visible_to(actor).filter(pk__in=shown).select_related("site").defer("search")
    return any(_has_file(actor, case, entry, file) for case in cases)


def _has_file(actor: Actor, case: Case, entry: TimelineEntry, file: StoredFile) -> bool:
    if not entries_visible_to(actor, case).filter(pk=entry.pk).exists():
        return False
    if file.owner_kind == FILE_OWNER:
        return True
    return case.pk == entry.case_id and case_rights(actor, case, timezone.now()).redact_any
