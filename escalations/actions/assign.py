"""Who owns a case."""

from datetime import datetime

from django.utils import timezone

from escalations import queries, rules
from escalations.choices import Entry, Reason, Sensitivity
from escalations.models import Case
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor

from ._base import Outcome, Refused, add_entry, add_reason, locked, moment, required, save, trail, words
from .overtaking import end_offers
from .telling import tell


def assign(
    *,
    actor: Actor,
    ref: str | int,
    owner_id: int | None,
    note: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Give the case to somebody who can work it, or to nobody. The new owner is told. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        acting = required(actor, rules.can_assign(actor, queries.facts_of(actor, case), owner_id))
        if owner_id == case.owner_id:
            raise Refused(Reason.ALREADY_UNASSIGNED if owner_id is None else Reason.ALREADY_THEIRS)
        if owner_id is not None:
            check_owner(case, owner_id)
        before = case.owner_id
        set_owner(acting, case, owner_id, when)
        add_reason(case, acting, when, words(note))
        return Outcome(case, undo_of(case, before))


def undo_of(case: Case, before: int | None) -> dict[str, object]:
    """What gives the case back to whoever owned it before."""
    return {"operation": "assign", "ref": case.ref, "owner_id": before, "expected_version": case.version}


def check_owner(case: Case, owner_id: int) -> None:
    """Raises Refused unless this person can work the case by a standing of their own."""
    if not can_own(case, owner_id):
        raise Refused(Reason.OWNER_CANNOT_WORK)


def can_own(case: Case, owner_id: int) -> bool:
    """Whether this person, active and in person, can work the case as it is now."""
    now = timezone.now()
    person = actors_of([owner_id], now).get(owner_id)
    if person is None:
        return False
    restricted = case.sensitivity == Sensitivity.RESTRICTED
    granted = restricted and queries.live_grants(now).filter(case=case, user_id=owner_id).exists()
    return rules.can_own(person, queries.plain_facts(case, granted=granted)).ok


def able_owner(case: Case) -> int | None:
    """The owner, if they can work the case as it is now."""
    return case.owner_id if case.owner_id is not None and can_own(case, case.owner_id) else None


def set_owner(acting: Actor, case: Case, owner_id: int | None, at: datetime, *, notify: bool = True) -> None:
    """Write the owner, with the trail, and tell the new one unless something else does; an offer of the case is over. The
    caller holds the lock and has asked the rules."""
    before = case.owner_id
    case.owner_id = owner_id
    if before is not None and owner_id is not None:
        case.reassign_count += 1
    save(case, at, "owner_id", "reassign_count")
    end_offers([case.pk], at)
    params = {"from": before, "to": owner_id}
    entry = add_entry(case, acting, Entry.ASSIGNMENT, "assignment.changed", at, params=params)
    trail(acting, "case.assigned", case, params)
    if notify and owner_id is not None and owner_id != acting.user_id:
        tell("case.assigned", str(entry.pk), {"case": case.pk, "user": owner_id})
