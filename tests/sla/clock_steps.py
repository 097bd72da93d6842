"""Clocks of an invented subject, started at an hour of one day, and what happened to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from portal.accounts.rules import Actor
from sla import actions
from sla.models import Clock, ClockEvent

ALICE = Actor(user_id=7)
USUAL = {"service": "1", "severity": "2"}
BOTH = ("first_response", "resolution")


def at(text: str) -> datetime:
    """A time of Thursday, 19 November 2026, or a day and a time of that month, in UTC."""
    day, _, clock = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-11-{day or 19}T{clock}:00+00:00")


def start(
    subject_id: int = 1, begun: str = "09:00", *, dimensions: Mapping[str, str] = USUAL, metrics: Sequence[str] = BOTH,
    cycle: int = 1, state: str = "", silent_before: datetime | None = None,
) -> dict[str, Clock]:  # fmt: skip
    clocks = actions.start(
        actor=ALICE, subject_kind="thing", subject_id=subject_id, dimensions=dimensions, metrics=metrics, at=at(begun),
        cycle=cycle, state=state, silent_before=silent_before,
    )  # fmt: skip
    return {clock.metric: clock for clock in clocks}


def events(clock: Clock) -> list[str]:
    found = ClockEvent.objects.filter(clock=clock).order_by("at", "pk")
    return [f"{e.at.astimezone(UTC):%d %H:%M} {e.kind}{f' {e.threshold}' if e.threshold else ''}" for e in found]
