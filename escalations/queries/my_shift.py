"""What somebody did today, in numbers, and what was handed to them. A constant number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from escalations.choices import WAITING_STATES, Entry, State
from escalations.choices.shifts import ShiftWay
from escalations.models import OPEN, ShiftHandover, TimelineEntry
from portal.accounts.rules import Actor
from portal.audit import queries as audit
from sla import queries as clocks

from .owed import at_work
from .queue import COUNT_CAP, KIND
from .scope import visible_inside, visible_to

#: So many acts of a day are looked at; of a longer one it is said that there is more.
MOST_ACTS: Final = 2000


@dataclass(frozen=True, slots=True)
class SoFar:
    """Cases that somebody wrote a contact in or moved on, those of them that they resolved, promises kept and decided, and
    their open cases, counted to 1,001. `whole`: nothing was left uncounted."""

    handled: int
    resolved: int
    kept: int
    decided: int
    open: int
    waiting: int
    whole: bool


def so_far(actor: Actor, since: datetime, now: datetime) -> SoFar:
    """Since an instant, of the cases that the actor sees by a role in which they work cases. Five queries besides those of
    the scope: acts are found by the trail, which has an index of actors, as entries have none."""
    me = actor.user_id or 0
    ids, all_acts = audit.touched_by(me, "case", since, MOST_ACTS)
    handled, resolved = _handled(actor, ids, since)
    own = visible_to(at_work(actor)).filter(owner=me)
    states = dict(own.filter(OPEN).order_by().values_list("pk", "state")[:COUNT_CAP])
    solved = own.filter(state=State.RESOLVED, resolved_at__gte=since).order_by()
    whole = all_acts and len(states) < COUNT_CAP
    theirs = {*handled, *states, *solved.values_list("pk", flat=True)[:COUNT_CAP]}
    kept, decided = clocks.decided_between(KIND, theirs, since, now)
    waiting = sum(state in WAITING_STATES for state in states.values())
    return SoFar(len(handled), len(resolved), kept, decided, len(states), waiting, whole)


def _handled(actor: Actor, ids: Collection[int], since: datetime) -> tuple[set[int], set[int]]:
    """Of these cases those that the actor handled since, and those that stand resolved or closed since they resolved them.
    What was before and was only written down since is no part of it."""
    seen = visible_to(at_work(actor)).filter(pk__in=ids)
    acts = TimelineEntry.objects.filter(
        case__in=seen, actor=actor.user_id, kind__in=(Entry.CONTACT, Entry.STATE), recorded_at__gte=since, at__gte=since
    )
    rows = list(acts.order_by().values_list("case_id", "case__state", "params__to"))
    solved = {pk for pk, state, to in rows if to == State.RESOLVED and state in (State.RESOLVED, State.CLOSED)}
    return {pk for pk, _state, _to in rows}, solved


def newest_taken(actor: Actor, since: datetime) -> tuple[ShiftHandover, list[tuple[int, str]]] | None:
    """The newest hand-over that somebody gave to the actor, if that was since an instant, with the case and the words of each
    line, as far as they see the case inside. Two queries besides those of the scope."""
    found = ShiftHandover.objects.filter(taker=actor.user_id or 0).select_related("giver").order_by("-pk").first()
    if found is None or found.at < since:
        return None
    rows = found.lines.filter(case__in=visible_inside(actor)).exclude(way=ShiftWay.LEFT)
    said = rows.order_by("position", "pk").values_list("case_id", "entry__body__text")
    return found, [(case_id, text or "") for case_id, text in said]
