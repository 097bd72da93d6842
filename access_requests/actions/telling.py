"""What people hear of access: events for the worker that hands them round. Nobody hears of history being built."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from portal.audit.actions import Acts
from portal.notifications.actions import Emission, emit, emit_selected

from ..choices import RequestState
from ..models import AccessRequest

WAITING: Final = "access.approval_waiting"
STANDING_IN: Final = "access.standing_in"
REMINDER: Final = "access.approval_reminder"
OVERDUE: Final = "access.approval_overdue"
AT_RISK: Final = "access.fulfilment_at_risk"
DECIDED: Final = "access.decided"
NOBODY: Final = "access.nobody_decides"
REQUEST_OVER: Final = "access.request_over"
EXCEPTION_ASKED: Final = "access.exception_asked"
EXCEPTION_DECIDED: Final = "access.exception_decided"

# What the requester hears of.
_TOLD: Final = (RequestState.DONE, RequestState.PARTLY_DONE, RequestState.CLOSED, RequestState.ATTENTION)
_TICK_SECONDS: Final = 60
# Items per event, so that an event stays small however large the request.
_CHUNK: Final = 500
_silent: ContextVar[bool] = ContextVar("access_silent", default=False)


@contextmanager
def in_silence() -> Iterator[None]:
    """While past data is built through the actions: events and clocks as ever, no word to anybody."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def tick(at: datetime | None = None) -> str:
    """What happens within a minute reaches a person as one line: "12 items wait for you"."""
    return f"access:{int((at or timezone.now()).timestamp()) // _TICK_SECONDS}"


def tell_items(kind: str, item_ids: Sequence[int], *, at: datetime, mark: object = "", **facts: Any) -> None:
    """Queue word of these items; `mark` tells apart what happens to the same items more than once."""
    if not item_ids or _silent.get():
        return
    ids = sorted(item_ids)
    parts = [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
    emit(
        [
            Emission(
                kind=kind,
                key=f"{kind}:{mark}:{int(at.timestamp() * 1_000_000)}:{part[0]}",
                payload={"items": part, **facts},
                tick=tick(at),
            )
            for part in parts
        ]
    )


def tell(kind: str, key: object, facts: Mapping[str, Any], *, at: datetime) -> None:
    """Queue one event."""
    if not _silent.get():
        emit([Emission(kind=kind, key=f"{kind}:{key}", payload=facts, tick=tick(at))])


def tell_once(kind: str, key: object, facts: Mapping[str, Any]) -> None:
    """Queue one event that makes a line of its own; not again, if it was within the last days."""
    if not _silent.get():
        emit([Emission(kind=kind, key=f"{kind}:{key}", payload=facts)])


def tell_selected(kinds: Collection[str], select: str, params: Sequence[Any]) -> None:
    """Queue the events that a SELECT gives (see `emit_selected`)."""
    if not _silent.get():
        emit_selected(kinds, select, params)


def request_states(request_ids: Collection[int]) -> dict[int, str]:
    """How these requests stand, for `tell_requests` after something was done to their items. One query."""
    return dict(AccessRequest.objects.filter(pk__in=set(request_ids)).values_list("pk", "state"))


def tell_requests(before: Mapping[int, str], *, actor: Acts, at: datetime) -> None:
    """Queue word of those of the requests that are over now, or that somebody has to look at, and were not before."""
    if not before or _silent.get():
        return
    now = request_states(before)
    changed = [pk for pk, state in sorted(now.items()) if state != before[pk] and state in _TOLD]
    parts = [changed[start : start + _CHUNK] for start in range(0, len(changed), _CHUNK)]
    emit(
        [
            Emission(
                kind=REQUEST_OVER,
                key=f"{REQUEST_OVER}:{int(at.timestamp() * 1_000_000)}:{part[0]}:{now[part[0]]}",
                payload={"requests": {str(pk): now[pk] for pk in part}, "by": actor.user_id},
                tick=tick(at),
            )
            for part in parts
        ]
    )
