"""The state machine of an item as a table: state x verb -> state.

Pure. A pair that is not in the table is not possible by any door: page, bulk action, worker or channel.
"""

from typing import Final

_GONE: Final = {"cancel": "cancelled", "supersede": "superseded"}

TRANSITIONS: Final[dict[str, dict[str, str]]] = {
    "draft": {"submit": "submitted", "cancel": "cancelled"},
    "submitted": {
        "block": "blocked_sod",
        "ask": "awaiting_approval",
        "approve": "approved",
        **_GONE,
    },
    "blocked_sod": {"submit": "submitted", "reject": "rejected", "expire": "expired", **_GONE},
    "awaiting_approval": {
        "approve": "approved",
        "reject": "rejected",
        "expire": "expired",
        "block": "blocked_sod",
        **_GONE,
    },
    "approved": {"queue": "queued", "block": "blocked_sod", **_GONE},
    "queued": {
        "send": "sent",
        "block": "blocked_sod",
        "fail": "failed_retryable",
        "give_up": "failed_final",
        **_GONE,
    },
    "sent": {
        "claim": "claimed_done",
        "fail": "failed_retryable",
        "give_up": "failed_final",
        "supersede": "superseded",
    },
    "claimed_done": {"verify": "verified", "dispute": "failed_final", "supersede": "superseded"},
    "failed_retryable": {"queue": "queued", "give_up": "failed_final", "claim": "claimed_done", **_GONE},
    "failed_final": {"queue": "queued", "claim": "claimed_done", **_GONE},
    "verified": {},
    "rejected": {},
    "cancelled": {},
    "expired": {},
    "superseded": {},
}


def step(state: str, verb: str) -> str | None:
    """Where `verb` leads from `state`; None when it is not possible."""
    return TRANSITIONS[state].get(verb)


def states_with(verb: str) -> tuple[str, ...]:
    """The states from which `verb` is possible, in the order of the table."""
    return tuple(state for state, verbs in TRANSITIONS.items() if verb in verbs)
