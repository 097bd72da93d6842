"""Mail that comes in: an entry of the case that it answers, or a case of the service whose mailbox took it.

Who wrote a mail is what its sender says; nothing here is proof. So a stranger who knows a reference adds a note for
colleagues and moves nothing, and nobody is ever answered by machine: outside, a reference that exists and one that does
not look alike. What is decided, and why, stands in docs/decisions/casework.md.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from escalations import rules
from escalations.choices import (
    MAX_TEXT,
    REOPEN_DAYS,
    Channel,
    Direction,
    Entry,
    GrantKind,
    Sensitivity,
    State,
    Verb,
)
from escalations.choices import Outcome as ContactOutcome
from escalations.choices.mail import Delivery
from escalations.models import Case, InboundMail, OutboundMail, ServiceMailbox, TimelineEntry
from escalations.queries import live_grants
from escalations.queries import mail as mails
from portal.accounts.queries import actors_of
from portal.accounts.rules import SYSTEM
from portal.mailbox.choices import Automatic
from portal.mailbox.registry import Incoming, NotTakenError, Outcome
from portal.mailbox.threading import remember
from portal.notifications.queries import reference_of_letter

from . import clocks
from ._base import add_entry, locked, stale, touch, trail
from .create import create_case
from .keeping import keep_access, may_hold
from .mail_files import take_files
from .state import shift
from .telling import tell

SUBJECT: Final = "case"
#: Of one sender, into one mailbox, within an hour; what comes beyond waits for an administrator.
MOST_NEW: Final = 50
_HOUR: Final = timedelta(hours=1)
_REOPENING: Final = timedelta(days=REOPEN_DAYS)
QUOTED_SHOWN: Final = 5_000


def take_mail(message: Incoming) -> Outcome:
    """A message of a mailbox for cases, in the transaction that marks it done. Raises NotTakenError."""
    _one_at_a_time(message)
    pk = _answered(message)
    if pk is not None:
        return _into(pk, message)
    if message.automatic == Automatic.BOUNCE:
        return Outcome()  # of a letter that is not ours; it stays kept
    pk = _seen_before(message, _box(message))
    return _into(pk, message) if pk is not None else _open(message)


def _box(message: Incoming) -> ServiceMailbox:
    """Asked for where a case begins only: a thread goes on after its mailbox was taken from the service."""
    box = ServiceMailbox.objects.select_related("service", "site").filter(mailbox_id=message.mailbox_id).first()
    if box is None:
        raise NotTakenError("no service takes the mail of this mailbox yet")
    return box


def _one_at_a_time(message: Incoming) -> None:
    """The same message in two mailboxes, read by two workers at once, becomes one thing all the same."""
    digest = hashlib.sha256((message.message_id or f"#{message.id}").encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


def _answered(message: Incoming) -> int | None:
    """The case that a message refers to. What it answers may have come in the same moment, so it is looked for now."""
    reference = reference_of_letter(message.answers) or message.reference
    pk = rules.case_number(reference) if reference.upper().startswith("EC-") else None
    return Case.objects.filter(pk=pk).values_list("pk", flat=True).first() if pk else None


def _seen_before(message: Incoming, box: ServiceMailbox) -> int | None:
    """The service's case that the same message began, out of another mailbox."""
    if not message.message_id:
        return None
    pk = rules.case_number(reference_of_letter([message.message_id]))
    rows = Case.objects.filter(pk=pk, service_id=box.service_id) if pk else Case.objects.none()
    return rows.values_list("pk", flat=True).first()


def _into(pk: int, message: Incoming) -> Outcome:
    """Into this case, or the one that goes on for it."""
    survivor = Case.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first()
    with locked(SYSTEM, survivor or pk) as case:
        if case.state == State.MERGED:
            raise stale(case)  # a moment ago; tried again in half a minute
        if _is_there(case, message):
            return Outcome(SUBJECT, case.pk)
        if message.automatic:
            return _noted(case, message)
        if _is_over(case):
            # A stranger learns and inherits nothing of a case that has ended.
            return _open(message, after=case if _is_known(case, message) else None)
        _add(case, message)
        return Outcome(SUBJECT, case.pk)


def _is_there(case: Case, message: Incoming) -> bool:
    rows = TimelineEntry.objects.filter(case_id__in=mails.with_merged(case), source_key=_source_key(message))
    return rows.exists()


def _source_key(message: Incoming) -> str:
    """Names the message in its case, whichever mailbox it came through."""
    named = message.message_id or f"#{message.id}"
    return f"mail:{hashlib.sha256(named.encode()).hexdigest()[:40]}"


def _is_over(case: Case) -> bool:
    """Whether the case cannot take its matter up again."""
    if case.state == State.REJECTED:
        return True
    solved = case.resolved_at
    return case.state == State.CLOSED and (solved is None or timezone.now() - solved > _REOPENING)


def _noted(case: Case, message: Incoming) -> Outcome:
    """What a machine wrote is read by colleagues and moves nothing; a letter that came back is marked so."""
    letter = mails.letter_of(message.answers) if message.automatic == Automatic.BOUNCE else None
    code = "mail.bounced" if message.automatic == Automatic.BOUNCE else "mail.automatic"
    entry = _entry(case, message, Entry.NOTE, code, known=False)
    if letter is not None and letter.state != Delivery.BOUNCED:
        rows = OutboundMail.objects.filter(pk=letter.pk)
        rows.update(state=Delivery.BOUNCED, settled_at=timezone.now(), error="")
        tell_lost(letter)
    trail(SYSTEM, "case.mail_noted", case, {"entry": entry.pk})
    return Outcome(SUBJECT, case.pk)


def tell_lost(letter: OutboundMail) -> None:
    """Whoever wrote a mail, and the case's owner, hear that it did not arrive."""
    payload = {"case": letter.entry.case_id, "user": letter.entry.actor_id}
    tell("case.mail_lost", f"{letter.pk}:{letter.queued_at.timestamp()}", payload)


def _is_known(case: Case, message: Incoming) -> bool:
    return message.sender.lower() in mails.known_addresses(case)


def _add(case: Case, message: Incoming) -> None:
    if not _is_known(case, message):
        entry = _entry(case, message, Entry.NOTE, "mail.stranger", known=False)
    else:
        entry = _entry(case, message, Entry.CONTACT, "mail.in", known=True, **_INWARD)
        _take_up(case, entry.at)
    trail(SYSTEM, "case.mail_in", case, {"entry": entry.pk})
    tell("case.mail_in", str(entry.pk), {"case": case.pk})


def _take_up(case: Case, at: datetime) -> None:
    """The customer wrote: nobody waits for them any more, what was solved is open again, and a reply is owed."""
    now = timezone.now()
    if case.state in (State.RESOLVED, State.CLOSED):
        shift(SYSTEM, case, Verb.REOPEN.value, now, auto=True)
    else:
        if case.state == State.WAITING_CUSTOMER:
            shift(SYSTEM, case, Verb.RESUME.value, now, auto=True)
        clocks.asked(SYSTEM, case, at)


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
    keeping = _keeping(after) if after else {}
    sensitivity = after.sensitivity if after else Sensitivity.STANDARD
    if sensitivity == Sensitivity.RESTRICTED and not keeping:
        sensitivity = Sensitivity.CONFIDENTIAL  # somebody has to see it
    case = create_case(
        actor=SYSTEM,
        service_id=box.service_id,
        site_id=box.site_id if box.site and box.site.archived_at is None else None,
        subject=_subject(message),
        channel=Channel.EMAIL,
        sensitivity=sensitivity,
        at=message.received_at,
    )
    entry = _entry(case, message, Entry.CONTACT, "mail.in", known=True, **_INWARD)
    if after is not None:
        _link(case, after, keeping)
        tell("case.mail_in", str(entry.pk), {"case": case.pk})
    return Outcome(SUBJECT, case.pk)


def _keeping(after: Case) -> dict[int, datetime | None]:
    """Who keeps access, and until when: who worked the restricted case, and whom somebody let in. Emergencies do not go on."""
    now = timezone.now()
    rows = live_grants(now).filter(case=after, kind=GrantKind.GRANT).order_by("pk")
    found = dict(rows.values_list("user_id", "expires_at"))
    if after.owner_id is not None:
        found[after.owner_id] = None
    people = actors_of(found, now)
    return {pk: until for pk, until in found.items() if pk in people and may_hold(people[pk])}


def _link(case: Case, after: Case, keeping: Mapping[int, datetime | None]) -> None:
    now = timezone.now()
    add_entry(case, SYSTEM, Entry.LINK, "link.follows", now, params={"case": after.pk})
    if case.sensitivity == Sensitivity.RESTRICTED:
        keep_access(case, SYSTEM, keeping, now, until=keeping)


def _subject(message: Incoming) -> str:
    first = next((line.strip() for line in message.text.splitlines() if line.strip()), "")
    return (message.subject.strip() or first or message.sender)[:200]


def _refuse_flood(message: Incoming) -> None:
    since = timezone.now() - _HOUR
    rows = InboundMail.objects.filter(sender=message.sender, entry__recorded_at__gte=since, entry__code="mail.in")
    new = rows.filter(message__mailbox_id=message.mailbox_id, entry__case__opened_at__gte=since)
    if new.values("entry__case").distinct().count() >= MOST_NEW:
        raise NotTakenError(f"more than {MOST_NEW} new cases from this sender within an hour")
