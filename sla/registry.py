"""What a wing says of its own clocks. `sla` knows no case: it knows kinds of subjects by a string."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, overload

from django.db import connection

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor

type Choices = list[tuple[str, StrOrPromise]]


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something a policy may ask of a subject, such as its service.

    `choices` lists the values; `governed_by` names those whose policies the actor may edit without being an
    administrator (a service lead's services).
    """

    label: StrOrPromise
    choices: Callable[[], Choices]
    governed_by: Callable[[Actor], frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class FiredEvent:
    """An event out of a clock's plan. `at` is when it was due to happen; `threshold` a percent or a level."""

    clock_id: int
    event_id: int
    subject_id: int
    metric: str
    cycle: int
    kind: str
    threshold: int
    at: datetime
    due_at: datetime
    policy_version_id: int | None

    @property
    def level(self) -> int:
        """The escalation level, or the percent of a warning."""
        return self.threshold


FIRED: Final = tuple(FiredEvent.__dataclass_fields__)
_READ: Final = """
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[], %s::int[],
                     %s::timestamptz[], %s::timestamptz[], %s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Noted:
    """A clock that somebody started, met, cancelled, paused, resumed or gave other terms."""

    event_id: int
    subject_id: int
    metric: str
    cycle: int
    kind: str
    at: datetime
    due_at: datetime


class Fired(Sequence[FiredEvent]):
    """The events of a batch, by columns, each a parameter for `unnest`: a list, or an array as the database wrote it.

    So thousands of events go from one statement into the next without becoming objects; they do for whoever asks.
    """

    __slots__ = ("_columns", "_count", "_events")

    def __init__(self, count: int, columns: Iterable[str | list[Any]]) -> None:
        """`columns` in the order of `FIRED`."""
        self._count, self._columns = count, dict(zip(FIRED, columns, strict=True))
        self._events: list[FiredEvent] | None = None

    @classmethod
    def of(cls, events: Sequence[FiredEvent]) -> Fired:
        """A batch of events that are objects."""
        batch = cls(len(events), ([getattr(event, name) for event in events] for name in FIRED))
        batch._events = list(events)
        return batch

    def columns(self, *names: str) -> list[str | list[Any]]:
        """Parameters for `unnest`, in the order of the names (fields of `FiredEvent`)."""
        return [self._columns[name] for name in names]

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> FiredEvent: ...
    @overload
    def __getitem__(self, index: slice) -> list[FiredEvent]: ...
    def __getitem__(self, index: int | slice) -> FiredEvent | list[FiredEvent]:
        if self._events is None:
            self._events = self._read()
        return self._events[index]

    def _read(self) -> list[FiredEvent]:
        with connection.cursor() as cursor:
            cursor.execute(_READ, list(self._columns.values()))
            return [FiredEvent(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class StarterPolicy:
    """A policy to begin with: its names, what it matches, minutes and pausing states by metric, who hears of a breach when."""

    name: str
    name_zh: str
    match: Mapping[str, Sequence[str]]
    minutes: Mapping[str, int]
    pause_states: Mapping[str, Sequence[str]]
    warn: Sequence[int]
    levels: Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """A kind of thing that has clocks, and how to reach it.

    `lock` takes the rows of these subjects FOR NO KEY UPDATE SKIP LOCKED in id order and returns those it got;
    `on_events` hears of fired events once per batch, in the transaction that wrote them (never of silent ones); `on_due_changed` of
    subjects whose clocks changed otherwise. `can_see` guards the explanation page; `seen_among` says the same of many subjects in
    one query; `may_know` says of a subject that somebody sees whether they may know of its clocks of a metric (without it they
    may). `starters` are offered while there is no policy. `counted` says of a subject's clock with a fixed due instant, line by line, how it came
    about; nothing for one of which the wing knows no more. `on_noted` hears what else is written of clocks that are changed
    one by one, unless it is about the past. What `counted` says is for its reader, and so is `zone`: by the clocks of which
    zone such a due instant was counted, empty where the reader is not told.
    """

    key: str
    label: StrOrPromise
    metrics: Mapping[str, StrOrPromise]
    dimensions: Mapping[str, Dimension]
    states: Callable[[], Choices]
    lock: Callable[[Sequence[int]], list[int]]
    on_events: Callable[[Fired], None]
    on_due_changed: Callable[[Sequence[int]], None]
    dimensions_of: Callable[[Sequence[int]], Mapping[int, Mapping[str, str]]]
    state_of: Callable[[Sequence[int]], Mapping[int, str]]
    can_see: Callable[[Actor, int], bool] | None = None
    title_of: Callable[[int], str] | None = None
    url_of: Callable[[int], str] | None = None
    extra_metrics: Mapping[str, StrOrPromise] = field(default_factory=dict)
    seen_among: Callable[[Actor, Collection[int]], set[int]] | None = None
    starters: tuple[StarterPolicy, ...] = ()
    on_noted: Callable[[Sequence[Noted]], None] | None = None
    counted: Callable[[Actor, int, int], Sequence[tuple[str, str]]] | None = None
    may_know: Callable[[Actor, int, str], bool] | None = None
    zone: Callable[[Actor, int, int], str] | None = None

    def metric_label(self, metric: str) -> StrOrPromise:
        """The metric's name; `extra_metrics` are those that no policy sets, such as a statutory deadline."""
        return self.metrics.get(metric) or self.extra_metrics.get(metric) or metric


_kinds: dict[str, SubjectKind] = {}


def register_kind(kind: SubjectKind) -> None:
    """Make a kind of subject known. Raises ValueError if another one has that key."""
    if _kinds.setdefault(kind.key, kind) != kind:
        raise ValueError(f"subject kind {kind.key!r} is taken")


def unregister_kind(key: str) -> None:
    """Forget a kind of subject (tests)."""
    _kinds.pop(key, None)


def kind_of(key: str) -> SubjectKind:
    """The registered kind. Raises KeyError."""
    return _kinds[key]


def kinds() -> Iterable[SubjectKind]:
    """All registered kinds, in order of registration."""
    return tuple(_kinds.values())


def kinds_with_policies() -> Iterable[SubjectKind]:
    """Those whose promises policies set; others have fixed clocks alone."""
    return tuple(kind for kind in _kinds.values() if kind.metrics)
