"""A mail that did not arrive after all: whoever has to know hears of it, and what it was the answer to by law is owed again.

The clock that it had met stays as it is, with its response; the promise runs on in another one, to the same instant. The entry
that says so names the responses, so that they count no more even while the mail is on its way once more. The caller holds
the cases on which these clocks run (`hold_answered`) and hands in the mail's own, or the one that goes on for it.
"""

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from escalations.choices import Channel, Entry
from escalations.models import Case, OutboundMail, StatutoryResponse
from escalations.queries import KIND, awaited
from escalations.queries import statutory as law
from escalations.queries.promises import levels_by_law
from portal.accounts.rules import SYSTEM
from sla import actions as sla
from sla.queries import ClockView

from ._base import add_entry, touch, trail
from .coming_in import hold
from .statutory import write_answer
from .telling import tell

_BY_MAIL: Final = {"sent_by": "", "channel": Channel.EMAIL.value}


def hold_answered(case_id: int, entry_id: int) -> Case:
    """The case that goes on for the mail's own, locked together with each in which the mail was an answer, in order."""
    return hold(case_id, also=answered_in(entry_id))


def answered_in(entry_id: int) -> list[int]:
    """The cases that go on for those in which a mail was an answer by law. Earlier versions let letters be named where they came
    along to, so these may be others than the mail's own."""
    return sorted({one.going for one in _responses(entry_id)})


def not_arrived(letter: OutboundMail, case: Case, *, always: bool = True) -> bool:
    """Its state says so now: what it had met by law runs again, in each case, and its writer and the case's owner are told, once;
    unless `always`, of what runs again alone. Whether anything does."""
    now, found = timezone.now(), False
    for one, responses in _by_case(letter, case):
        again = _owed_again(letter, one, responses, now)
        if again or (always and one.pk == case.pk):
            _tell(letter, one, responses, by_law=again)
        found = found or again
    return found


def _owed_again(letter: OutboundMail, case: Case, responses: list[StatutoryResponse], now: datetime) -> bool:
    told = awaited.told_lost(case.pk) if responses else set()
    fresh = [one for one in responses if one.pk not in told]
    promised = awaited.still_promised(case.pk) if fresh else {}
    newest = {one.duty: one for one in fresh}
    duties = [duty for duty, one in newest.items() if duty in promised and _run_again(case, one, *promised[duty], now)]
    if duties:
        named = [one.pk for one in fresh if one.duty in duties]
        params = {"duties": duties, "how": str(letter.state), "responses": named}
        add_entry(case, SYSTEM, Entry.STATUTORY, awaited.LOST, now, params=params)
        touch(case, now)
        trail(SYSTEM, "case.owed_again_by_law", case, {"entry": letter.entry_id, "duties": duties})
    return bool(duties)


def _run_again(case: Case, response: StatutoryResponse, due: datetime, received: datetime, at: datetime) -> bool:
    """Whether the clock of a duty that is still promised had to be set going, or to be moved."""
    running = next((view for view in law.owed(case.pk) if view.metric == response.duty), None)
    levels = levels_by_law(case)
    if running is None:
        sla.run_again(
            actor=SYSTEM, clock_id=response.clock_id, subject_id=case.pk, started_at=received, due_at=due, at=at,
            levels=levels,
        )  # fmt: skip
    elif due < running.due_at:
        # It runs for another complaint, towards a later day.
        sla.move_fixed(
            actor=SYSTEM, subject_kind=KIND, subject_id=case.pk, metric=response.duty, started_at=received, due_at=due,
            at=at, levels=levels,
        )  # fmt: skip
    else:
        return False
    return True


def went_after_all(letter: OutboundMail, case: Case, at: datetime) -> None:
    """A mail that had failed was sent: it is the answer again, at the instant `at` which it went, to what it was the answer to
    before. A clock that runs for another complaint as well is left alone, whatever day it has."""
    for one, responses in _by_case(letter, case):
        _answer_again(letter, one, responses, at)


def _answer_again(letter: OutboundMail, case: Case, responses: list[StatutoryResponse], at: datetime) -> None:
    told = awaited.told_lost(case.pk) if responses else set()
    again = [one for one in responses if one.pk in told]
    views = _answered_alone(case, again) if again else []
    if views:
        duties = [view.metric for view in views]
        sent = {"contact": letter.entry, "sent_at": at, **_BY_MAIL}
        counting = [one.pk for one in again if one.duty in duties]
        entry = write_answer(SYSTEM, case, views, sent, "", None, counting)
        touch(case, timezone.now())
        trail(SYSTEM, "case.answered_by_law", case, {"entry": entry.pk, "duties": duties})


def _answered_alone(case: Case, responses: list[StatutoryResponse]) -> list[ClockView]:
    """The clocks for which nobody waits any more if these count."""
    waits = {row.duty for row in awaited.awaited(case.pk)}
    waits -= {row.duty for row in awaited.awaited(case.pk, counting=[one.pk for one in responses])}
    return [view for view in law.owed(case.pk) if view.metric in waits]


def _by_case(letter: OutboundMail, case: Case) -> list[tuple[Case, list[StatutoryResponse]]]:
    """The responses by the case that goes on for theirs, in the order in which these are locked; the held one in any case."""
    found: dict[int, list[StatutoryResponse]] = {case.pk: []}
    for one in _responses(letter.entry_id):
        found.setdefault(one.going, []).append(one)
    return [(case if pk == case.pk else hold(pk), found[pk]) for pk in sorted(found)]


def _responses(entry_id: int) -> QuerySet[StatutoryResponse, Any]:
    """With `going`: the case that goes on for theirs."""
    rows = StatutoryResponse.objects.filter(contact=entry_id).select_related("clock")
    return rows.annotate(going=Coalesce("case__merged_into", "case")).order_by("pk")


def _tell(letter: OutboundMail, case: Case, responses: list[StatutoryResponse], *, by_law: bool) -> None:
    payload: dict[str, object] = {"case": letter.entry.case_id, "user": letter.entry.actor_id}
    if by_law:
        payload |= {"case": case.pk, "by_law": True}
    # Lost, sent by an administrator and lost again, it was an answer twice.
    named = f":{responses[-1].pk}" if responses else ""
    tell("case.mail_lost", f"{letter.pk}:{letter.queued_at.timestamp()}{named}", payload)
