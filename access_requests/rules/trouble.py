"""When reports of trouble are one incident, and what may be done with a report. Pure."""

from datetime import timedelta
from typing import Final

#: So many reports alike from a site within so long are one incident.
ALIKE: Final = 5
WINDOW: Final = timedelta(minutes=15)

# What may be done in which state, and where it leads.
STEPS: Final[dict[str, dict[str, str]]] = {
    "open": {"take": "working", "solve": "solved", "cancel": "cancelled"},
    "working": {"take": "working", "solve": "solved", "cancel": "cancelled"},
    "solved": {},
    "cancelled": {},
}


def makes_incident(alike: int) -> bool:
    """Whether so many reports alike, the new one included, are an incident."""
    return alike >= ALIKE


def step(state: str, verb: str) -> str | None:
    """Where a verb leads; None when it is not possible (any more)."""
    return STEPS[state].get(verb)
