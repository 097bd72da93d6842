"""Clocks of an invented subject, started at an hour of one day, and what happened to them."""

from datetime import UTC, datetime

from portal.accounts.rules import Actor
from sla import actions
from sla.models import Clock, ClockEvent

ALICE = Actor(user_id=7)


def at(text: str) -> datetime:
    """A time of Thursday, 19 November 2026, or a day and a time of that month, in UTC."""
    day, _, clock = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-11-{day or 19}T{clock}:00+00:00")


def start(subject_id: int = 1, begun: str = "09:00", **given: object) -> dict[str, Clock]:
    defaults: dict[str, object] = {
        "actor": ALICE,
        "dimensions": {"service": "1", "severity": "2"},
        "metrics": ["first_response", "resolution"],
    }
    clocks = actions.start(subject_kind="thing", subject_id=subject_id, at=at(begun), **(defaults | given))  # type: ignore[arg-type]
    return {clock.metric: clock for clock in clocks}


def events(clock: Clock) -> list[str]:
    found = ClockEvent.objects.filter(clock=clock).order_by("at", "pk")
    return [f"{e.at.astimezone(UTC):%d %H:%M} {e.kind}{f' {e.threshold}' if e.threshold else ''}" for e in found]
