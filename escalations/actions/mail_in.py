"""Mail that comes in: an entry of the case that it answers, or a case of the service whose mailbox took it.

Who wrote a mail is what its sender says; nothing here is proof. So a stranger who knows a reference adds a note for
colleagues and moves nothing, and nobody is ever answered by machine: outside, a reference that exists and one that does
not look alike. What is decided, and why, stands in docs/decisions/casework.md.
"""

import hashlib
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from escalations import rules
from escalations.choices import MAX_TEXT, Channel, Direction, Entry, State
from escalations.choices import Outcome as ContactOutcome
from escalations.choices.links import LinkKind
from escalations.choices.mail import Delivery
from escalations.models import Case, CaseLink, InboundMail, OutboundMail, ServiceMailbox, TimelineEntry
from escalations.queries import mail as mails
from portal.accounts.rules import SYSTEM
from portal.mailbox.choices import Automatic
from portal.mailbox.queries import are_one
from portal.mailbox.registry import Incoming, NotTakenError, Outcome
from portal.mailbox.threading import remember
from portal.notifications.queries import reference_of_letter

from ._base import add_entry, touch, trail
from .coming_in import going_on, heir_of, is_over, link, one_at_a_time, take_up
from .create import create_case
from .mail_files import take_files
from .subjects import wordless
from .telling import tell
from .undelivered import hold_answered, not_arrived

SUBJECT: Final = "case"
#: Of one sender, into one mailbox, within an hour; what comes beyond waits for an administrator.
MOST_NEW: Final = 50
#: From unknown addresses, into one case, within a day; what comes beyond waits for an administrator as well.
MOST_NOTES: Final = 20
_NOTES: Final = ("mail.stranger", "mail.automatic", "mail.bounced")
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LATER: Final = 5
QUOTED_SHOWN: Final = 5_000


def take_mail(message: Incoming) -> Outcome:
    """A message of a mailbox for cases, in the transaction that marks it done. Raises NotTakenError."""
    # The same message in two mailboxes, read by two workers at once, becomes one thing all the same.
    one_at_a_time(hashlib.sha256((message.message_id or f"#{message.id}").encode()).digest())
    pk = _seen_before(message) or _answered(message)
    if pk is not None:
        return _into(pk, message)
    if message.automatic == Automatic.BOUNCE:
        return Outcome()  # of a letter that is not ours; it stays kept
    return _open(message)


def _box(message: Incoming) -> ServiceMailbox:
    """Asked for where a case begins only: a thread goes on after its mailbox was taken from the service."""
    box = ServiceMailbox.objects.select_related("service", "site").filter(mailbox_id=message.mailbox_id).first()
    if box is None:
        raise NotTakenError("no service takes the mail of this mailbox yet")
    if box.service.archived_at is not None:
        raise NotTakenError(
            "the service of this mailbox is archived: bring it back, or give the mailbox to another one"
        )
    return box


def _answered(message: Incoming) -> int | None:
    """The case that a message refers to: of a letter of ours that came back, the one that it was written on. What it answers may
    have come in the same moment, so it is looked for now."""
    letter = mails.letter_of(message.answers) if message.automatic == Automatic.BOUNCE else None
    if letter is not None:
        return letter.entry.case_id
    here = _answered_here(message)
    if here is not None:
        return here
    reference = reference_of_letter(message.answers) or message.reference
    pk = rules.case_number(reference) if reference.upper().startswith("EC-") else None
    return Case.objects.filter(pk=pk).values_list("pk", flat=True).first() if pk else None


def _answered_here(message: Incoming) -> int | None:
    """The case that the nearest mail among those that this one answers began, or went to, out of a mailbox of the same service:
    of a mail to two services each has a case, and it is remembered for one of them. A letter of ours is of one case."""
    answers = list(message.answers)
    if not answers:
        return None
    came = InboundMail.objects.filter(message__mailbox__in=_boxes(message), message__fingerprint__in=answers)
    here = dict(came.order_by("-pk").values_list("message__fingerprint", "entry__case"))
    ours = set(OutboundMail.objects.filter(message_id__in=answers).values_list("message_id", flat=True)) if here else ()
    nearest = next((one for one in answers if one in here or one in ours), "")
    return here.get(nearest)


def _boxes(message: Incoming) -> list[int]:
    """The mailboxes of the service that it came to."""
    service = ServiceMailbox.objects.filter(mailbox_id=message.mailbox_id).values("service")
    return list(ServiceMailbox.objects.filter(service__in=service).values_list("mailbox", flat=True))


def _seen_before(message: Incoming) -> int | None:
    """The case that the same message began, or went to, out of a mailbox of the same service, whosever it is by now; else the
    one of this service that it is remembered for."""
    if not message.message_id:
        return None
    service = ServiceMailbox.objects.filter(mailbox_id=message.mailbox_id).values("service")
    came = InboundMail.objects.filter(message__mailbox__in=_boxes(message), message__fingerprint=message.message_id)
    there = came.filter(entry__source_key=_source_key(message)).order_by("pk").values_list("entry__case", flat=True)
    if found := there.first():
        return found
    pk = rules.case_number(reference_of_letter([message.message_id]))
    rows = Case.objects.filter(pk=pk, service__in=service) if pk else Case.objects.none()
    return rows.values_list("pk", flat=True).first()


def _into(pk: int, message: Incoming) -> Outcome:
    """Into this case, or the one that goes on for it."""
    with going_on(pk) as case:
        if _is_there(case, message):
            return Outcome(SUBJECT, case.pk, repeats=True)
        if message.automatic:
            return _noted(case, message)
        if is_over(case) and _is_known(case, message):
            later = _following(case, message)
            return _into(later, message) if later is not None else _open(message, after=case)
        if is_over(case) and case.state != State.MERGED:
            # A stranger learns and inherits nothing of a case that has ended.
            return _open(message)
        _add(case, message)
        return Outcome(SUBJECT, case.pk)


def _following(case: Case, message: Incoming) -> int | None:
    """The newest case that goes on where this one ended, is no less protected and knows who writes: what they answer once
    more belongs there. Its number is the highest one, so that whoever locks them takes them in the same order."""
    rows = CaseLink.objects.filter(case_a=case, kind=LinkKind.FOLLOW_ON, b_follows=True, ended_at=None)
    rows = rows.filter(case_b__gt=case.merged_into_id or 0)
    later = [
        one.case_b
        for one in rows.select_related("case_b").order_by("-case_b")[:_LATER]
        if not one.case_b.merged_into_id
    ]
    kept = [one for one in later if rules.higher_sensitivity(case.sensitivity, one.sensitivity) == one.sensitivity]
    return next((one.pk for one in kept if _is_known(one, message)), None)


def _is_there(case: Case, message: Incoming) -> bool:
    """Whether the case has it already. Raises NotTakenError for another message under the same Message-ID."""
    rows = InboundMail.objects.filter(entry__case__in=mails.with_merged(case), entry__source_key=_source_key(message))
    there = rows.values_list("message_id", flat=True).first()
    if there is not None and there != message.id and not are_one(there, message.id):
        raise NotTakenError("another message has the same Message-ID")
    return there is not None


def _source_key(message: Incoming) -> str:
    """Names the message in its case, whichever mailbox it came through."""
    named = message.message_id or f"#{message.id}"
    return f"mail:{hashlib.sha256(named.encode()).hexdigest()[:40]}"


def _noted(case: Case, message: Incoming) -> Outcome:
    """What a machine wrote is read by colleagues and moves nothing; a letter that came back is marked so."""
    letter = mails.letter_of(message.answers) if message.automatic == Automatic.BOUNCE else None
    code = "mail.bounced" if message.automatic == Automatic.BOUNCE else "mail.automatic"
    ours = letter is not None and letter.entry.case_id in mails.with_merged(case)
    came_back = letter is not None and ours and letter.state != Delivery.BOUNCED
    # A letter of ours comes back once; its writer has to hear of it, whatever else came in.
    if not came_back and not _is_known(case, message):
        _refuse_notes(case)
    entry = _entry(case, message, Entry.NOTE, code, known=False)
    if letter is not None and came_back:
        letter.state, letter.settled_at, letter.error = Delivery.BOUNCED, timezone.now(), ""
        letter.save(update_fields=["state", "settled_at", "error"])
        not_arrived(letter, hold_answered(letter.entry.case_id, letter.entry_id))
    trail(SYSTEM, "case.mail_noted", case, {"entry": entry.pk})
    return Outcome(SUBJECT, case.pk)


def _is_known(case: Case, message: Incoming) -> bool:
    return message.sender.lower() in mails.known_addresses(case)


def _add(case: Case, message: Incoming) -> None:
    if not _is_known(case, message):
        _refuse_notes(case)
        entry = _entry(case, message, Entry.NOTE, "mail.stranger", known=False)
    else:
        entry = _entry(case, message, Entry.CONTACT, "mail.in", known=True, **_INWARD)
        take_up(case, entry.at)
    trail(SYSTEM, "case.mail_in", case, {"entry": entry.pk})
    tell("case.mail_in", str(entry.pk), {"case": case.pk})


_INWARD: Final[dict[str, Any]] = {
    "channel": Channel.EMAIL.value,
    "direction": Direction.INBOUND.value,
    "outcome": ContactOutcome.RECEIVED.value,
}


def _entry(case: Case, message: Incoming, kind: Entry, code: str, *, known: bool, **columns: Any) -> TimelineEntry:
    """The entry with its words, its files and what else came with it."""
    at = max(message.received_at, case.opened_at)
    # An entry without words could not be told to forget them, nor its files.
    text = (message.text.strip() or message.subject or message.sender)[:MAX_TEXT]
    entry = add_entry(case, SYSTEM, kind, code, at, text=text, source_key=_source_key(message), **columns)
    taken, held = take_files(entry, message)
    InboundMail.objects.create(
        entry=entry,
        message_id=message.id,
        sender=message.sender,
        is_known=known,
        automatic=message.automatic,
        quoted=message.quoted[:QUOTED_SHOWN],
        has_more=bool(message.html) or len(message.text) > MAX_TEXT or len(message.quoted) > QUOTED_SHOWN,
        files=taken,
        held=held,
    )
    remember(message.message_id, case.ref)
    touch(case, at)
    return entry


def _open(message: Incoming, after: Case | None = None) -> Outcome:
    """A case of its own; where the matter had ended, linked to that case and as protected as that one."""
    box = _box(message)
    _refuse_flood(message)
    heir = heir_of(after)
    case = create_case(
        actor=SYSTEM,
        service_id=box.service_id,
        site_id=box.site_id if box.site and box.site.archived_at is None else None,
        subject=_subject(box, message),
        channel=Channel.EMAIL,
        sensitivity=heir.sensitivity,
        at=message.received_at,
    )
    entry = _entry(case, message, Entry.CONTACT, "mail.in", known=True, **_INWARD)
    if after is not None:
        link(case, after, heir)
        tell("case.mail_in", str(entry.pk), {"case": case.pk})
    return Outcome(SUBJECT, case.pk)


def _subject(box: ServiceMailbox, message: Incoming) -> str:
    """A site reads the subject, but none of what the customer wrote below it, nor their address."""
    first = next((line.strip() for line in message.text.splitlines() if line.strip()), "")
    return (message.subject.strip() or (first if box.site_id is None else "") or wordless())[:200]


def _refuse_notes(case: Case) -> None:
    """Strangers who know a reference bury nobody under notes, nor do machines or who says that they are one."""
    since = timezone.now() - _DAY
    rows = TimelineEntry.objects.filter(case=case, code__in=_NOTES, recorded_at__gte=since)
    if rows.exclude(mail_in__sender__in=mails.known_addresses(case)).count() >= MOST_NOTES:
        raise NotTakenError(f"more than {MOST_NOTES} notes from unknown addresses in one case within a day")


def _refuse_flood(message: Incoming) -> None:
    since = timezone.now() - _HOUR
    rows = InboundMail.objects.filter(sender=message.sender, entry__recorded_at__gte=since, entry__code="mail.in")
    new = rows.filter(message__mailbox_id=message.mailbox_id, entry__case__opened_at__gte=since)
    if new.values("entry__case").distinct().count() >= MOST_NEW:
        raise NotTakenError(f"more than {MOST_NEW} new cases from this sender within an hour")
