"""What people hear of a case: events for the worker that hands them round. Nobody hears of history being built."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from portal.audit.context import request_id
from portal.notifications.actions import Emission, emit, emit_selected

_silent: ContextVar[bool] = ContextVar("escalations_silent", default=False)


@contextmanager
def in_silence() -> Iterator[None]:
    """While past data is built through the actions: entries and clocks as ever, no alarms and no mail."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def is_silent() -> bool:
    """Whether past data is being built."""
    return _silent.get()


def tell(kind: str, key: str, payload: Mapping[str, Any]) -> None:
    """Queue one event. Those of one kind in one request reach a person as one notification."""
    tick = f"{kind}:{request_id.get()}" if request_id.get() else ""
    tell_many([Emission(kind=kind, key=f"{kind}:{key}", payload=payload, tick=tick)])


def tell_many(events: Sequence[Emission]) -> None:
    """Queue a set of events in one statement."""
    if events and not _silent.get():
        emit(events)


def tell_selected(kinds: Collection[str], select: str, params: Sequence[Any]) -> None:
    """Queue the events that a SELECT gives (see `emit_selected`)."""
    if not _silent.get():
        emit_selected(kinds, select, params)
