"""What other systems are told of cases: ids, state, severity and times, never words, and of protected cases nothing.

An event is queued in the transaction that makes it, under a number of its own for each receiver and case. Whether a case
is protected by now is looked at once more when it goes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.models import Exists

from escalations.choices import Entry, Sensitivity
from escalations.choices.hooks import OWNER_CHANGED, TOLD_OF, TOPIC, Happening
from escalations.models import Case, CaseSubscription, TimelineEntry
from escalations.queries.due import internal_metric
from portal.notifications.actions import queue
from portal.webhooks.delivery import body_of, post

from .telling import is_silent

if TYPE_CHECKING:
    from portal.notifications.models import OutboxRow
    from sla.registry import Fired, FiredEvent, Noted

_COUNT_ON: Final = """
INSERT INTO escalations_casesequence AS s (subscription_id, case_id, last)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS more(subscription, subject, many) ORDER BY subscription, subject
ON CONFLICT (subscription_id, case_id) DO UPDATE SET last = s.last + EXCLUDED.last
RETURNING subscription_id, case_id, last
"""
# Plain SQL, as the same as a query set took five times as long to be put together as to be answered.
_LISTENING: Final = """
SELECT chosen.service_id, heard.id, heard.target_id, heard.events, service.code
  FROM escalations_casesubscription_services AS chosen
  JOIN escalations_casesubscription AS heard ON heard.id = chosen.casesubscription_id
  JOIN webhooks_webhooktarget AS target ON target.id = heard.target_id
  JOIN escalations_service AS service ON service.id = chosen.service_id
 WHERE chosen.service_id = ANY(%s) AND heard.is_on AND target.archived_at IS NULL
 ORDER BY heard.id
"""
_OF_CLOCKS: Final = {
    "started": Happening.CLOCK_STARTED,
    "warned": Happening.CLOCK_WARNED,
    "breached": Happening.CLOCK_BREACHED,
    "met": Happening.CLOCK_MET,
    "cancelled": Happening.CLOCK_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a case; `key` names it for good, `facts` are what it says beside the case."""

    key: str
    what: Happening
    case_id: int
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)


_gathered: ContextVar[list[Event] | None] = ContextVar("escalations_gathered", default=None)


@contextmanager
def told_at_once(case: Case) -> Iterator[None]:
    """What happens in here to a case that is being opened is queued together at the end, in the order in which it happened."""
    events: list[Event] = []
    token = _gathered.set(events)
    try:
        yield
    finally:
        _gathered.reset(token)
    if events:
        _publish(events, {case.pk: case})


def anybody_listens() -> bool:
    """Whether there is a subscription at all."""
    return not is_silent() and CaseSubscription.objects.filter(is_on=True).exists()


def entries_written(entries: Sequence[TimelineEntry], case: Case | None = None) -> None:
    """Tell of entries that were written just now, of this case or of several. The caller holds the cases."""
    events = [event for entry in entries if (event := _of_entry(entry)) is not None]
    if not events or is_silent():
        return
    gathered = _gathered.get()
    if gathered is not None:
        gathered += events
    else:
        _publish(events, {case.pk: case} if case is not None else _cases(events))


def _of_entry(entry: TimelineEntry) -> Event | None:
    what = TOLD_OF.get(Entry(entry.kind))
    if what is None:
        return None
    if what == Happening.ASSIGNED and entry.code != OWNER_CHANGED:
        what = Happening.ENTRY
    facts: dict[str, Any] = {}
    if what == Happening.ENTRY:
        facts = {"kind": str(entry.kind)}
    elif what in (Happening.STATE, Happening.SEVERITY):
        facts = {name: entry.params.get(name) for name in ("from", "to")}
    elif what == Happening.ASSIGNED:
        facts = {"from_user": entry.params.get("from"), "to_user": entry.params.get("to")}
    return Event(f"entry:{entry.pk}", what, entry.case_id, entry.at, facts)


def clocks_moved(moved: Iterable[Noted | FiredEvent]) -> None:
    """Tell of clocks that began, warned, were breached or ended, but not of what the law asks for: whoever receives it need not
    be inside. The caller holds the cases."""
    told = [one for one in moved if one.kind in _OF_CLOCKS and not internal_metric(one.metric)]
    gathered = _gathered.get()
    if gathered:
        gathered += [_of_clock(one) for one in told]
    # Nothing gathered: the entry that opened the case found that nobody listens.
    elif gathered is None and told and anybody_listens():
        events = [_of_clock(one) for one in told]
        _publish(events, _cases(events))


def clocks_fired(fired: Fired) -> None:
    """The same of a batch of the worker, which becomes objects only if somebody listens."""
    if anybody_listens():
        clocks_moved(fired)


def _of_clock(one: Noted | FiredEvent) -> Event:
    facts: dict[str, Any] = {"metric": one.metric, "cycle": one.cycle, "due_at": one.due_at.isoformat()}
    percent = getattr(one, "threshold", 0) if one.kind == "warned" else 0
    facts |= {"percent": percent} if percent else {}
    return Event(f"clock:{one.event_id}", _OF_CLOCKS[one.kind], one.subject_id, one.at, facts)


def _cases(events: Iterable[Event]) -> Mapping[int, Case]:
    rows = Case.objects.filter(pk__in={one.case_id for one in events})
    return rows.defer("search").in_bulk()


@dataclass(frozen=True, slots=True)
class Listener:
    """A subscription that is on, for one of its services."""

    subscription_id: int
    target_id: int
    events: frozenset[str]
    service_code: str


def _publish(events: Iterable[Event], cases: Mapping[int, Case]) -> None:
    """Queue for whoever hears this of these services, numbered in the order of the events."""
    wanted = [one for one in events if cases[one.case_id].sensitivity == Sensitivity.STANDARD]
    by_service = _listening({cases[one.case_id].service_id for one in wanted})
    pairs = [
        (event, one)
        for event in wanted
        for one in by_service.get(cases[event.case_id].service_id, ())
        if event.what in one.events
    ]
    if pairs:
        queue(TOPIC, _numbered(pairs, cases))


def _listening(service_ids: set[int]) -> Mapping[int, list[Listener]]:
    if not service_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LISTENING, [list(service_ids)])
        rows = cursor.fetchall()
    found: dict[int, list[Listener]] = {}
    for service, subscription, target, events, code in rows:
        found.setdefault(service, []).append(Listener(subscription, target, frozenset(events), code))
    return found


def _numbered(pairs: Sequence[tuple[Event, Listener]], cases: Mapping[int, Case]) -> dict[str, dict[str, Any]]:
    many = Counter((one.subscription_id, event.case_id) for event, one in pairs)
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*many, strict=True)]
        cursor.execute(_COUNT_ON, [*columns, list(many.values())])
        before = {(first, second): last - many[first, second] for first, second, last in cursor.fetchall()}
    rows: dict[str, dict[str, Any]] = {}
    for event, one in pairs:
        before[one.subscription_id, event.case_id] += 1
        number = before[one.subscription_id, event.case_id]
        rows[f"case-event:{one.subscription_id}:{event.key}"] = _row(event, one, cases[event.case_id], number)
    return rows


def _row(event: Event, one: Listener, case: Case, number: int) -> dict[str, Any]:
    about = {
        "id": case.pk,
        "reference": case.ref,
        "service": one.service_code,
        "site_id": case.site_id,
        "owner_id": case.owner_id,
        "channel": str(case.channel),
        "state": str(case.state),
        "severity": int(case.severity),
        "opened_at": case.opened_at,
        "resolved_at": case.resolved_at,
        "closed_at": case.closed_at,
    }
    return {
        "subscription": one.subscription_id,
        "target": one.target_id,
        "case": case.pk,
        "event": str(event.what),
        "at": event.at.isoformat(),
        "data": {"case": about, "sequence": number, **event.facts},
    }


def deliver(row: OutboxRow) -> None:
    """Send one event, unless the case is protected by now or nobody wants to hear of it any more: then it is dropped, and
    neither the receiver nor a list of failures learns of it. Raises RetryLater and Undeliverable."""
    heard = _heard(row)
    if heard is not None:
        post(heard.target, key=row.idempotency_key, event=row.payload["event"], body=body_of(row))


def _heard(row: OutboxRow) -> CaseSubscription | None:
    """The subscription of an event, if it is still on, for this event and for the service that it happened in, wherever the
    case is now; and the case is open to all by now."""
    event = row.payload
    is_open = Exists(Case.objects.filter(pk=event["case"], sensitivity=Sensitivity.STANDARD))
    wanted = {"events__contains": [event["event"]], "services__code": event["data"]["case"]["service"]}
    rows = CaseSubscription.objects.filter(is_open, pk=event["subscription"], is_on=True, **wanted)
    return rows.select_related("target").first()
