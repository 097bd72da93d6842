"""The state machine's door: buttons, bulk actions and workers all come through here."""

from datetime import datetime
from typing import Final

from escalations import queries, transitions
from escalations.choices import ENDED_STATES, OPEN_STATES, Entry, Reason, Reject, State, Verb
from escalations.models import Case
from portal.accounts.rules import Actor

from . import clocks
from ._base import Outcome, Refused, Undo, add_entry, add_reason, locked, moment, required, save, trail, words
from .overtaking import end_talks
from .playbooks import check_steps, follow
from .statutory import check_owed

_COLUMNS: Final = ("state", "reject_reason", "resolved_at", "closed_at", "cycle", "reopen_count")
# Verbs that lead from one state straight back to another one; nothing else can be undone by a verb.
_BACK_TO: Final = {
    State.IN_PROGRESS: Verb.RESUME,
    State.WAITING_CUSTOMER: Verb.WAIT_CUSTOMER,
    State.WAITING_THIRD_PARTY: Verb.WAIT_THIRD_PARTY,
}


def set_state(
    *,
    actor: Actor,
    ref: str | int,
    verb: str,
    reason: str = "",
    reject_reason: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Take a case from its state to where the verb leads, clocks included. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        acting = required(actor, check_steps(actor, case, queries.facts_of(actor, case, when), verb, when))
        check_owed(case, verb, reason)
        if verb == Verb.REJECT and reject_reason not in Reject.values:
            raise Refused(Reason.REASON_NEEDED)
        before = case.state
        shift(acting, case, verb, when, reject_reason=reject_reason if verb == Verb.REJECT else "")
        add_reason(case, acting, when, words(reason))
        return Outcome(case, _undo(case, before))


def _undo(case: Case, before: str) -> Undo | None:
    verb = _BACK_TO.get(State(before))
    if verb is None or verb.value not in transitions.TRANSITIONS[case.state]:
        return None
    return {"operation": "state", "ref": case.ref, "verb": verb.value, "expected_version": case.version}


def shift(acting: Actor, case: Case, verb: str, at: datetime, *, reject_reason: str = "", auto: bool = False) -> None:
    """Write the new state with its trail and clocks. The caller holds the lock and has asked the rules."""
    before, solved_at = case.state, case.resolved_at
    case.state = State(transitions.TRANSITIONS[before][verb].to)
    case.reject_reason = reject_reason
    _stamp(case, verb, at)
    save(case, at, *_COLUMNS)
    params: dict[str, object] = {"verb": verb, "from": str(before), "to": str(case.state)}
    params |= {"reject_reason": reject_reason} if reject_reason else {}
    params |= {"auto": True} if auto else {}
    # The case forgets when it was solved. Of one that came in solved, no other entry knows it.
    solved = {"resolved_at": solved_at.isoformat()} if verb == Verb.REOPEN and solved_at else {}
    add_entry(case, acting, Entry.STATE, "state.changed", at, params=params | solved, internal=False)
    trail(acting, f"case.{verb}", case, params)
    _move_clocks(acting, case, verb, at)
    if case.state in ENDED_STATES:
        end_talks([case.pk], at)
    if verb == Verb.REOPEN or (before == State.NEW and case.state in OPEN_STATES):
        follow(acting, case, at, anew=verb == Verb.REOPEN)


def _stamp(case: Case, verb: str, at: datetime) -> None:
    if verb == Verb.RESOLVE:
        case.resolved_at = at
    elif verb == Verb.CLOSE:
        case.closed_at = at
    elif verb == Verb.REOPEN:
        case.resolved_at = case.closed_at = None
        case.cycle += 1
        case.reopen_count += 1


def _move_clocks(acting: Actor, case: Case, verb: str, at: datetime) -> None:
    if verb == Verb.RESOLVE:
        clocks.resolved(acting, case, at)
    elif verb == Verb.REJECT:
        clocks.cancelled(acting, case, at)
    elif verb == Verb.REOPEN:
        clocks.begin(acting, case, at)
    elif verb != Verb.CLOSE:
        clocks.state_changed(acting, case, at)
