"""What somebody did today, in numbers and as lists, and what was handed to them. A constant number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery

from escalations.choices import WAITING_STATES, Entry, State
from escalations.choices.shifts import ShiftWay
from escalations.models import OPEN, ShiftHandover, TimelineEntry
from portal.accounts.rules import Actor
from portal.audit import queries as audit
from portal.ui.pagination import Page, keyset_page
from sla import queries as clocks
from sla.queries import Settled

from .lines import LINE_COLUMNS, CaseLine, lines_of
from .owed import at_work
from .queue import COUNT_CAP, KIND
from .scope import visible_inside, visible_to

#: So many acts of a day are looked at; of a longer one it is said that there is more.
MOST_ACTS: Final = 2000


#: Rows of a page of the lists.
PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class SoFar:
    """Cases that somebody wrote a contact in or moved on, those of them that they resolved, promises kept and decided, and
    their open cases, counted to 1,001. `theirs`: whose promises count. `whole`: nothing was left uncounted."""

    handled: frozenset[int]
    resolved: frozenset[int]
    theirs: frozenset[int]
    kept: int
    decided: int
    open: int
    waiting: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Handled:
    """A case, and when its reader last did something about it."""

    case: CaseLine
    at: datetime


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise that was decided, and its case."""

    case: CaseLine
    promise: Settled


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
    theirs = frozenset({*handled, *states, *solved.values_list("pk", flat=True)[:COUNT_CAP]})
    kept, decided = clocks.decided_between(KIND, theirs, since, now)
    waiting = sum(state in WAITING_STATES for state in states.values())
    return SoFar(handled, resolved, theirs, kept, decided, len(states), waiting, whole)


def _handled(actor: Actor, ids: Collection[int], since: datetime) -> tuple[frozenset[int], frozenset[int]]:
    """Of these cases those that the actor handled since, and those that stand resolved or closed since they resolved them."""
    seen = visible_to(at_work(actor)).filter(pk__in=ids)
    acts = _acts(actor, since).filter(case__in=seen)
    rows = list(acts.order_by().values_list("case_id", "case__state", "params__to"))
    solved = {pk for pk, state, to in rows if to == State.RESOLVED and state in (State.RESOLVED, State.CLOSED)}
    return frozenset(pk for pk, _state, _to in rows), frozenset(solved)


def _acts(actor: Actor, since: datetime) -> QuerySet[TimelineEntry]:
    """What counts as handling. What was before and was only written down since is no part of it."""
    kinds = (Entry.CONTACT, Entry.STATE)
    return TimelineEntry.objects.filter(actor=actor.user_id, kind__in=kinds, recorded_at__gte=since, at__gte=since)


def handled_cases(actor: Actor, ids: Collection[int], since: datetime, cursor: str | None) -> Page[Handled]:
    """These cases of `so_far`, what the actor did last on top. One query besides those of the scope. Raises BadCursor."""
    last = _acts(actor, since).filter(case=OuterRef("pk")).order_by("-at").values("at")[:1]
    rows = visible_to(at_work(actor)).filter(pk__in=ids).annotate(acted_at=Subquery(last))
    page = keyset_page(
        rows.values(*LINE_COLUMNS, "acted_at"), order=("-acted_at", "-id"), cursor=cursor, size=PAGE_SIZE
    )
    found = [Handled(case, row["acted_at"]) for case, row in zip(lines_of(page.items), page.items, strict=True)]
    return Page(found, page.next_cursor, page.prev_cursor)


def decided_promises(
    actor: Actor, ids: Collection[int], since: datetime, now: datetime, cursor: str | None
) -> Page[Promised]:
    """The promises about these cases of `so_far` that were decided, the last on top. Two queries besides those of the scope.
    Raises BadCursor."""
    page = clocks.decided_page(KIND, ids, since, now, cursor=cursor, size=PAGE_SIZE)
    shown = visible_to(at_work(actor)).filter(pk__in={one.subject_id for one in page.items})
    cases = {case.pk: case for case in lines_of(list(shown.values(*LINE_COLUMNS)))}
    found = [Promised(cases[one.subject_id], one) for one in page.items if one.subject_id in cases]
    return Page(found, page.next_cursor, page.prev_cursor)


def newest_taken(actor: Actor, since: datetime) -> tuple[ShiftHandover, list[tuple[int, str]]] | None:
    """The newest hand-over that somebody gave to the actor, if that was since an instant, with the case and the words of each
    line, as far as they see the case inside. Two queries besides those of the scope."""
    found = ShiftHandover.objects.filter(taker=actor.user_id or 0).select_related("giver").order_by("-pk").first()
    if found is None or found.at < since:
        return None
    rows = found.lines.filter(case__in=visible_inside(actor)).exclude(way=ShiftWay.LEFT)
    said = rows.order_by("position", "pk").values_list("case_id", "entry__body__text")
    return found, [(case_id, text or "") for case_id, text in said]
