"""Complaints that the law gives a time to answer: marking a case as one, what was sent, and taking the mark away.

Nothing else meets, pauses or moves these clocks. Reopening, another severity or service leave them as they are: the law counts
from when the complaint was received.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from escalations import queries, rules
from escalations.choices import Channel, Entry, Reason, Verb
from escalations.choices.statutory import RESPONSE_FILES, Duty, metric_label
from escalations.models import (
    Case,
    Regulation,
    StatutoryDeadline,
    StatutoryResponse,
    StatutoryTerm,
    TimelineEntry,
)
from escalations.queries import KIND
from escalations.queries import statutory as law
from escalations.queries.awaited import still_promised
from escalations.queries.promises import levels_by_law
from escalations.rules.statutory import Days, NoWorkingDayError, statutory_due
from portal.accounts.rules import Actor
from portal.audit.wording import listed
from portal.files import actions as files
from portal.files.checking import safe_name
from portal.files.queries import files_of
from sla import actions as sla
from sla import queries as clock_queries

from ._base import Outcome, Refused, add_entry, add_reason, known, locked, moment, required, save, touch, trail, words

if TYPE_CHECKING:
    from uuid import UUID

    from django.core.files.base import File

    from portal.files.models import StoredFile
    from sla.queries import ClockView
    from sla.rules import Levels

_ENDING: Final = (Verb.RESOLVE, Verb.REJECT)


def regulate(
    *,
    actor: Actor,
    ref: str | int,
    jurisdiction_id: int,
    received_at: datetime,
    complaint_ref: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Mark a case as a complaint under a law: a clock for each answer that the law in force when it was received gives a
    time for. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        acting = required(actor, rules.can_regulate(actor, queries.facts_of(actor, case)))
        if received_at > when:
            raise Refused(Reason.IN_FUTURE)
        if case.regulations.filter(lifted_at=None).exists() or law.owed(case.pk):
            raise Refused(Reason.ALREADY_REGULATED)
        jurisdiction = law.live_jurisdictions().filter(pk=jurisdiction_id).first()
        if jurisdiction is None:
            raise Refused(Reason.UNKNOWN_VALUE)
        made = Regulation.objects.create(
            case=case,
            jurisdiction=jurisdiction,
            received_at=received_at,
            complaint_ref=words(complaint_ref, limit=80),
            marked_at=when,
            marked_by_id=acting.user_id,
        )
        _begin(acting, made, levels_by_law(case))
        save(case, when)
        params = {"name": jurisdiction.name, "name_zh": jurisdiction.name_zh, "received": received_at.isoformat()}
        add_entry(case, acting, Entry.STATUTORY, "statutory.marked", when, params=params)
        trail(acting, "case.regulated", case, {"jurisdiction": jurisdiction.pk, "received": received_at.isoformat()})
        return Outcome(case)


def _begin(acting: Actor, made: Regulation, levels: Levels) -> None:
    version, days = law.newest_calendar(made.jurisdiction)
    terms = law.terms_in_force(made.jurisdiction_id, made.received_at.astimezone(days.zone).date())
    if not terms:
        raise Refused(Reason.NO_TERMS)
    cycles = {
        metric: view.cycle
        for metric, view in clock_queries.by_metric(clock_queries.clocks_of(KIND, [made.case_id])[made.case_id]).items()
    }
    for term in terms:
        due = _due(made.received_at, term, days)
        clock = sla.start_fixed(
            actor=acting,
            subject_kind=KIND,
            subject_id=made.case_id,
            metric=term.duty,
            at=made.received_at,
            due_at=due,
            cycle=1 + cycles.get(term.duty, 0),
            levels=levels,
        )
        StatutoryDeadline.objects.create(
            regulation=made, duty=term.duty, term=term, calendar_version_id=version, clock=clock, due_at=due
        )


def _due(received: datetime, term: StatutoryTerm, days: Days) -> datetime:
    try:
        return statutory_due(received, law.rule_of(term), days)
    except NoWorkingDayError as error:
        raise Refused(Reason.NEVER_WORKS) from error


def lift_regulation(
    *, actor: Actor, ref: str | int, reason: str, regulation_id: int | None = None, at: datetime | None = None
) -> Case:
    """It was no such complaint: what it alone is owed ends, what was met stays. Of a case into which others were merged, the
    mark of any of them that the actor sees; without an id the case's own, else the only one. What the law asks for the others
    goes on to their own due. Raises Refused, Http404."""
    when, why = moment(at), words(reason, needed=Reason.REASON_NEEDED)
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_lift(actor, queries.facts_of(actor, case)))
        lifted = _named(law.regulations_of(actor, case), case, regulation_id)
        lifted.lifted_at, lifted.lifted_by_id = when, acting.user_id
        lifted.save(update_fields=["lifted_at", "lifted_by"])
        _go_on(acting, case, when)
        save(case, when)
        params = {"name": lifted.jurisdiction.name, "name_zh": lifted.jurisdiction.name_zh}
        add_entry(case, acting, Entry.STATUTORY, "statutory.lifted", when, params=params)
        add_reason(case, acting, when, why)
        said = {"jurisdiction": lifted.jurisdiction_id, "received": lifted.received_at.isoformat()}
        trail(acting, "case.regulation_lifted", case, said)
        return case


def _named(live: Sequence[Regulation], case: Case, regulation_id: int | None) -> Regulation:
    if not live:
        raise Refused(Reason.NOT_REGULATED)
    if regulation_id is None:
        meant = [one for one in live if one.case_id == case.pk] or live
    else:
        meant = [one for one in live if one.pk == regulation_id]
    if len(meant) != 1:
        raise Refused(Reason.UNKNOWN_VALUE)
    return meant[0]


def _go_on(acting: Actor, case: Case, at: datetime) -> None:
    """The clocks that run, after a mark was taken away: those that nobody waits for end, the others run to what is left."""
    left = still_promised(case.pk)
    for view in law.owed(case.pk):
        if view.metric not in left:
            sla.cancel(actor=acting, subject_kind=KIND, subject_id=case.pk, metrics=[view.metric], at=at)
            continue
        due, received = left[view.metric]
        if (due, received) != (view.due_at, view.started_at):
            sla.move_fixed(
                actor=acting, subject_kind=KIND, subject_id=case.pk, metric=view.metric, started_at=received, due_at=due,
                at=at, levels=levels_by_law(case),
            )  # fmt: skip


def answer_by_law(
    *,
    actor: Actor,
    ref: str | int,
    duties: Sequence[str],
    contact_id: int | None = None,
    sent_at: datetime | None = None,
    sent_by: str = "",
    channel: str = "",
    text: str = "",
    upload: File[bytes] | None = None,
    at: datetime | None = None,
) -> TimelineEntry:
    """Record that an answer went out: by a contact of the case, or elsewhere (when, by whom, how, with the file that shows
    it). It alone meets the clocks of these duties, at the instant at which it was sent. Raises Refused, Http404,
    ValidationError for the file."""
    when, said = moment(at), words(text)
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_answer_by_law(actor, queries.facts_of(actor, case)))
        views = _asked(case, duties)
        sent = _sent(actor, case, contact_id, sent_at, sent_by, channel)
        if sent["contact"] is None and upload is None:
            raise Refused(Reason.EVIDENCE_NEEDED)
        if sent["sent_at"] > when:
            raise Refused(Reason.IN_FUTURE)
        if any(sent["sent_at"] < view.started_at for view in views):
            raise Refused(Reason.BEFORE_RECEIVED)
        entry = write_answer(acting, case, views, sent, said, upload)
        touch(case, when)
        trail(acting, "case.answered_by_law", case, {"entry": entry.pk, "duties": [view.metric for view in views]})
        return entry


def answer_with(*, actor: Actor, entry: TimelineEntry, duties: Sequence[str]) -> None:
    """The contact that was just written is the answer to these duties, in the same transaction; to none, nothing changes.
    Raises as `answer_by_law`."""
    if duties:
        answer_by_law(actor=actor, ref=entry.case_id, duties=duties, contact_id=entry.pk)


def answered_by(entry: TimelineEntry) -> set[str]:
    """The duties to which a contact was the answer."""
    return set(StatutoryResponse.objects.filter(contact=entry).values_list("duty", flat=True))


def _asked(case: Case, duties: Sequence[str]) -> list[ClockView]:
    """The clocks of these duties, all of which must run."""
    wanted = {known(one, Duty.values) for one in duties}
    views = [view for view in law.owed(case.pk) if view.metric in wanted]
    if not wanted or len(views) < len(wanted):
        raise Refused(Reason.NOT_OWED)
    return views


def _sent(
    actor: Actor, case: Case, contact_id: int | None, sent_at: datetime | None, sent_by: str, channel: str
) -> dict[str, Any]:
    if contact_id is not None:
        found = next((one for one in law.contacts_to_name(actor, case) if one.pk == contact_id), None)
        if found is None:
            raise Refused(Reason.UNKNOWN_VALUE)
        return {"contact": found, "sent_at": law.counts_from(found), "sent_by": "", "channel": found.channel}
    if sent_at is None:
        raise Refused(Reason.EVIDENCE_NEEDED)
    by = words(sent_by, needed=Reason.EVIDENCE_NEEDED, limit=120)
    return {"contact": None, "sent_at": sent_at, "sent_by": by, "channel": known(channel, Channel.values)}


def write_answer(
    acting: Actor,
    case: Case,
    views: Sequence[ClockView],
    sent: dict[str, Any],
    text: str,
    upload: File[bytes] | None,
    again: Sequence[int] = (),
) -> TimelineEntry:
    """The entry of an answer with what shows it, a response for each of these clocks, and the clocks met; `again`: responses
    that had got lost and count again through this one. The caller holds the case."""
    params: dict[str, Any] = {"duties": [view.metric for view in views]}
    if again:
        params["again"] = list(again)
    # An entry without words could not be told to forget its file.
    kept = text or (words(safe_name(str(upload.name or ""))) if upload is not None else "")
    entry = add_entry(
        case, acting, Entry.STATUTORY, "statutory.answered", sent["sent_at"], params=params, text=kept,
        channel=sent["channel"],
    )  # fmt: skip
    if upload is not None:
        files.store(actor=acting, upload=upload, owner=(RESPONSE_FILES, entry.pk))
    for view in views:
        StatutoryResponse.objects.create(clock_id=view.id, case=case, duty=view.metric, entry=entry, **sent)
        sla.meet(actor=acting, subject_kind=KIND, subject_id=case.pk, metric=view.metric, at=sent["sent_at"])
    return entry


def check_owed(case: Case, verb: str, reason: str) -> None:
    """Whoever ends a case while the law waits for its final answer says why. Raises Refused; the clocks run on."""
    if verb not in _ENDING or reason.strip():
        return
    views = law.owed(case.pk)
    if any(view.metric == Duty.FINAL for view in views):
        raise Refused(Reason.FINAL_OWED, duties=listed(metric_label(view.metric) for view in views))


def forget_response_files(entry: TimelineEntry) -> None:
    """The words of an entry were removed: the file that shows what was sent goes as well."""
    if entry.kind == Entry.STATUTORY:
        rows = files_of(RESPONSE_FILES, [entry.pk]).get(str(entry.pk), ())
        ids: list[UUID] = [row.pk for row in rows]
        files.move(file_ids=ids, from_owner=(RESPONSE_FILES, entry.pk), to_owner=None)


def may_read_response(actor: Actor, file: StoredFile) -> bool:
    """Whether the actor may read what shows that an answer was sent: who sees the case, and what is internal to it."""
    rows = TimelineEntry.objects.select_related("case__site").exclude(body__redacted_at__isnull=False)
    entry = rows.filter(pk=file.owner_id, kind=Entry.STATUTORY).first()
    if entry is None:
        return False
    facts = queries.facts_of(actor, entry.case)
    return rules.can_see(actor, facts).ok and rules.can_see_internal(actor, facts).ok
