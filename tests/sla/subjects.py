"""A kind of subject for tests: plain tables, so that the clocks are tried without any wing.

`remembered` is a kind in memory, for tests in one transaction; `stored` keeps subjects, entries and outbox rows in
tables, for tests with several processes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

from portal.accounts.rules import Actor
from sla import registry
from sla.queries import earliest_due

TABLES = """
CREATE TABLE thing (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'open', severity text NOT NULL DEFAULT '2', next_due_at timestamptz);
CREATE TABLE thing_entry (event_id bigint PRIMARY KEY, thing_id bigint NOT NULL, kind text NOT NULL, threshold int NOT NULL, at timestamptz NOT NULL);
CREATE TABLE thing_outbox (id bigserial PRIMARY KEY, key text UNIQUE NOT NULL);
CREATE TABLE thing_trap (point text NOT NULL);
INSERT INTO thing_trap VALUES ('');
GRANT ALL ON thing, thing_entry, thing_outbox, thing_trap TO portal_app;
GRANT ALL ON SEQUENCE thing_outbox_id_seq TO portal_app;
"""
TRAP_LOCK = 42  # the advisory lock at which a trapped worker waits
METRICS = {"first_response": "First response", "next_reply": "Next reply", "resolution": "Resolution"}
STARTERS = tuple(
    registry.StarterPolicy(
        name=f"Severity {n}",
        name_zh=f"{n} 级",
        match={"severity": [str(n)]},
        minutes={"first_response": 60 * n, "resolution": 90 * n},
        pause_states={"resolution": ["waiting"]},
        warn=(50, 75),
        levels=((0, ("owner",)), (60, ("coordinator",))),
    )
    for n in (1, 2)
)


@dataclass
class Memory:
    """What the kind in memory was told, and what it says of its subjects."""

    busy: set[int] = field(default_factory=set)
    fired: list[registry.FiredEvent] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    dimensions: dict[int, Mapping[str, str]] = field(default_factory=dict)
    states: dict[int, str] = field(default_factory=dict)
    raises_for: set[int] = field(default_factory=set)
    visible: set[int] = field(default_factory=set)

    def hear(self, events: Sequence[registry.FiredEvent]) -> None:
        if broken := self.raises_for & {event.subject_id for event in events}:
            raise RuntimeError(f"cannot write about {broken}")
        self.fired.extend(events)


def _kind(memory: Memory) -> registry.SubjectKind:
    return registry.SubjectKind(
        key="thing",
        label="Thing",
        metrics=METRICS,
        extra_metrics={"statutory": "Statutory deadline"},
        dimensions={
            "service": registry.Dimension("Service", lambda: [("1", "Payments"), ("2", "Social")], governed_by=_led),
            "severity": registry.Dimension("Severity", lambda: [("1", "S1"), ("2", "S2")]),
        },
        states=lambda: [("open", "Open"), ("waiting", "Waiting")],
        lock=lambda ids: sorted(set(ids) - memory.busy),
        on_events=memory.hear,
        on_due_changed=memory.changed.extend,
        dimensions_of=lambda ids: {pk: memory.dimensions.get(pk, {}) for pk in ids},
        state_of=lambda ids: {pk: memory.states.get(pk, "open") for pk in ids},
        can_see=lambda actor, pk: pk in memory.visible,
        title_of=lambda pk: f"TH-{pk}",
        url_of=lambda pk: f"/things/{pk}/",
        seen_among=lambda actor, ids: memory.visible & set(ids),
        starters=STARTERS,
    )


def _led(actor: Actor) -> frozenset[str]:
    return frozenset(str(s.service_id) for s in actor.standings if s.is_lead and s.service_id)


@contextmanager
def remembered() -> Iterator[Memory]:
    """Register the kind "thing" in memory; no other kind is known meanwhile."""
    memory = Memory()
    with _alone(_kind(memory)):
        yield memory


@contextmanager
def stored() -> Iterator[None]:
    """Register the kind "thing" on the tables."""
    with _alone(stored_kind()):
        yield


def stored_kind() -> registry.SubjectKind:
    return registry.SubjectKind(
        key="thing",
        label="Thing",
        metrics=METRICS,
        dimensions={"severity": registry.Dimension("Severity", lambda: [("1", "S1"), ("2", "S2")])},
        states=lambda: [("open", "Open"), ("waiting", "Waiting")],
        lock=lock,
        on_events=on_events,
        on_due_changed=keep_due,
        dimensions_of=lambda ids: {pk: {"severity": severity} for pk, severity in _column("severity", ids)},
        state_of=lambda ids: dict(_column("state", ids)),
    )


@contextmanager
def _alone(kind: registry.SubjectKind) -> Iterator[None]:
    before = dict(registry._kinds)
    registry._kinds.clear()
    registry.register_kind(kind)
    try:
        yield
    finally:
        registry._kinds.clear()
        registry._kinds.update(before)


def lock(ids: Sequence[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM thing WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED", [list(ids)])
        return [pk for (pk,) in cursor.fetchall()]


def on_events(events: Sequence[registry.FiredEvent]) -> None:
    columns = zip(*[(e.event_id, e.subject_id, e.kind, e.threshold, e.at) for e in events], strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO thing_entry SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::timestamptz[])",
            [list(column) for column in columns],
        )
        cursor.execute(
            "INSERT INTO thing_outbox (key) SELECT 'event:' || e FROM unnest(%s::bigint[]) e",
            [[event.event_id for event in events]],
        )
    keep_due(sorted({event.subject_id for event in events}))


def keep_due(ids: Sequence[int]) -> None:
    due = earliest_due("thing", ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE thing SET next_due_at = d.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS d(id, at) WHERE thing.id = d.id",
            [list(due), list(due.values())],
        )


def _column(name: str, ids: Sequence[int]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {name} FROM thing WHERE id = ANY(%s)", [list(ids)])
        return cursor.fetchall()
