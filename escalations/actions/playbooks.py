"""Working along a playbook: which one a case follows, and what is said of its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from escalations import queries, rules
from escalations.choices import OPEN_STATES, Entry, Reason, State, StepWhat, Verb
from escalations.models import Case, CasePlaybook, PlaybookStep, StepEvent, TimelineEntry
from escalations.queries import playbooks as following
from escalations.rules.playbooks import Said, fault_of
from portal.accounts.rules import Actor
from portal.files import actions as files
from portal.files.checking import safe_name
from portal.files.queries import files_of

from ._base import Outcome, Refused, Stale, add_entry, locked, moment, required, stale, touch, trail, words

if TYPE_CHECKING:
    from django.core.files.base import File

    from portal.files.models import StoredFile

_CODES: Final = {StepWhat.DONE: "step.done", StepWhat.UNDONE: "step.undone", StepWhat.SKIPPED: "step.skipped"}


def follow(acting: Actor, case: Case, at: datetime, *, anew: bool = False) -> None:
    """Take up the playbook that fits the case now, unless the case follows it already; `anew`: from its start, in its
    newest version. One that was archived, or is for something else by now, is kept while it fits by what it was for; one
    that the case comes back to in the same cycle goes on where it was. The caller holds the lock. What was done before
    stays in the activity."""
    run = following.run_of(case)
    version = following.version_for(case, None if anew else run)
    before = run.version if run else None
    if before is None and version is None:
        return
    if before and version and before.playbook_id == version.playbook_id and not anew:
        return
    if run and version and not anew:
        version = following.begun_before(case, version)
    _begin(acting, case, at, run, version)


def fitting(case: Case) -> int | None:
    """The playbook that is for a resolved case as it stands, to be asked before something about it is changed."""
    version = following.version_for(case, following.run_of(case)) if case.state == State.RESOLVED else None
    return version.playbook_id if version else None


def refit(acting: Actor, case: Case, at: datetime, before: int | None = None) -> None:
    """What the case is about has changed: another playbook may fit. A new case follows none before it is triaged or
    somebody begins with a step. For a resolved one nobody would do its steps any more: Refused, unless `before` (see
    `fitting`) the same playbook was for it."""
    if case.state == State.RESOLVED:
        run, now = following.run_of(case), fitting(case)
        if now not in (before, run.version.playbook_id if run and run.version else None):
            raise Refused(Reason.REOPEN_FIRST)
    elif case.state in OPEN_STATES and (case.state != State.NEW or following.run_of(case)):
        follow(acting, case, at)


def _begin(acting: Actor, case: Case, at: datetime, run: CasePlaybook | None, version: Any) -> CasePlaybook:
    number = run.number + 1 if run else 1
    made = CasePlaybook.objects.create(case=case, number=number, version=version, cycle=case.cycle, at=at)
    if version is None:
        add_entry(case, acting, Entry.STEP, "playbook.ended", at)
        trail(acting, "case.playbook_left", case)
        return made
    book = version.playbook
    params = {"name": book.name, "name_zh": book.name_zh, "number": version.number, "for": following.matter_of(book)}
    add_entry(case, acting, Entry.STEP, "playbook.begun", at, params=params)
    trail(acting, "case.playbook_followed", case, {"playbook": book.pk, "playbook_version": version.number})
    return made


def check_steps(actor: Actor, case: Case, facts: rules.Facts, verb: str, at: datetime) -> rules.Verdict:
    """Whether the verb is possible; for resolving, with the steps of the playbook. Raises Refused, naming the first open one."""
    steps = following.blocking_steps(case) if verb == Verb.RESOLVE else []
    verdict = rules.can_do(actor, replace(facts, open_steps=tuple(one.key for one in steps)), verb, at)
    if isinstance(verdict, rules.Denied) and verdict.code == Reason.STEP_OPEN:
        raise Refused(Reason.STEP_OPEN, step=steps[0].label)
    return verdict


def mark_step(
    *,
    actor: Actor,
    ref: str | int,
    step: str,
    what: str,
    answer: str = "",
    text: str = "",
    upload: File[bytes] | None = None,
    seen: Sequence[int] | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Say of a step (by its key) that it is done, skipped or open again, with words or a file. `seen`: what the form was
    based on (`Followed.seen`). Raises Refused, Stale, Http404, ValidationError for the file."""
    when = moment(at)
    kept = words(text)
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_mark_steps(actor, queries.facts_of(actor, case)))
        found = following.followed(case)
        # First of all, as what has the same key in another playbook is another step.
        if seen is not None and (found is None or tuple(seen) != found.seen(step)):
            raise stale_step(case, found, step)
        row = next((one for one in found.steps if one.key == step), None) if found else None
        if found is None or row is None:
            raise Refused(Reason.STEP_NOT_ASKED)
        said = Said(what, answer, text=bool(kept), file=upload is not None)
        if fault := fault_of(found.plain, found.marks, step, said):
            raise Refused(Reason(fault))
        run = found.run or _begin(acting, case, when, None, found.version)
        shown = upload if what == StepWhat.DONE else None
        # An entry without words could not be told to forget its file.
        text = kept or (words(safe_name(str(shown.name or ""))) if shown is not None else "")
        said = replace(said, what=str(StepWhat(what)))
        event = _write(acting, case, run, row, said, text, found.said(step) + 1, when)
        if shown is not None:
            files.store(actor=acting, upload=shown, owner=(following.STEP_FILES, event.pk))
        touch(case, when)
        return Outcome(case, _undo(case, run, event, step))


def stale_step(case: Case, found: following.Followed | None, step: str) -> Stale:
    """Who said something of the step meanwhile; nobody (`what` is "playbook.begun") where the playbook is what changed."""
    if found is None and case.state != State.NEW:
        return stale(case)
    event = found.events.get(step) if found else None
    if event is None:
        return Stale(case, "", case.updated_at, "playbook.begun")
    return Stale(case, event.entry.actor.name if event.entry.actor else "", event.entry.recorded_at, event.entry.code)


def _write(
    acting: Actor, case: Case, run: CasePlaybook, row: PlaybookStep, said: Said, text: str, number: int, at: datetime
) -> StepEvent:
    params: dict[str, object] = {"title": row.title, "title_zh": row.title_zh}
    chosen = next((one for one in row.answers if one["key"] == said.answer), None)
    params |= {"answer": chosen["text"], "answer_zh": chosen["text_zh"]} if chosen else {}
    code = _CODES[StepWhat(said.what)]
    entry = add_entry(case, acting, Entry.STEP, code, at, params=params, text=text)
    event = StepEvent.objects.create(
        followed=run, step=row, number=number, what=said.what, answer=said.answer if chosen else "", entry=entry
    )
    trail(acting, f"case.step_{said.what}", case, {"step": row.key, "entry": entry.pk})
    return event


def _undo(case: Case, run: CasePlaybook, event: StepEvent, step: str) -> dict[str, Any] | None:
    """A tick or a skip is taken back by opening the step; opening one, by nothing: the words went with it."""
    if event.what == StepWhat.UNDONE:
        return None
    what, seen = StepWhat.UNDONE.value, [run.number, event.number]
    return {"operation": "step", "ref": case.ref, "step": step, "what": what, "seen": seen}


def forget_step_files(entry: TimelineEntry) -> None:
    """The words of an entry were removed: what shows that its step is done goes as well."""
    event = StepEvent.objects.filter(entry=entry).first() if entry.kind == Entry.STEP else None
    if event is not None:
        rows = files_of(following.STEP_FILES, [event.pk]).get(str(event.pk), ())
        files.move(file_ids=[row.pk for row in rows], from_owner=(following.STEP_FILES, event.pk), to_owner=None)


def may_read_file(actor: Actor, file: StoredFile) -> bool:
    """Whether the actor may read a file of a step: who sees the case, and what is internal to it, until it is removed."""
    rows = StepEvent.objects.select_related("followed__case__site").exclude(entry__body__redacted_at__isnull=False)
    event = rows.filter(pk=file.owner_id).first()
    if event is None:
        return False
    case = event.followed.case
    facts = queries.facts_of(actor, case)
    return rules.can_see(actor, facts).ok and rules.can_see_internal(actor, facts).ok
