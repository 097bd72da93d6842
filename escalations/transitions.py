"""The state machine of a case as a table: state x verb -> state, with the guard's name.

Pure: no Django query, no clock. `choices` are plain strings here. A pair that is not in the table is not possible
by any door: button, bulk action, import or worker.
"""

from typing import Final, NamedTuple


class Step(NamedTuple):
    """Where a verb leads, and the name of the rule in `rules.GUARDS` that must agree."""

    to: str
    guard: str = "may_work"


_WORK: Final = {
    "wait_customer": Step("waiting_customer"),
    "wait_third_party": Step("waiting_third_party"),
    "resolve": Step("resolved", "may_resolve"),
}

TRANSITIONS: Final[dict[str, dict[str, Step]]] = {
    "new": {
        "triage": Step("triaged", "may_triage"),
        "start": Step("in_progress"),
        **_WORK,
        "reject": Step("rejected", "may_triage"),
    },
    "triaged": {"start": Step("in_progress"), **_WORK, "reject": Step("rejected", "may_triage")},
    "in_progress": {**_WORK, "reject": Step("rejected", "may_triage")},
    "waiting_customer": {
        "resume": Step("in_progress"),
        "wait_third_party": Step("waiting_third_party"),
        "resolve": Step("resolved", "may_resolve"),
    },
    "waiting_third_party": {
        "resume": Step("in_progress"),
        "wait_customer": Step("waiting_customer"),
        "resolve": Step("resolved", "may_resolve"),
    },
    "resolved": {"close": Step("closed"), "reopen": Step("in_progress", "may_reopen")},
    "closed": {"reopen": Step("in_progress", "may_reopen")},
    "merged": {},
    "rejected": {},
}

# Merging takes two cases, so it is no verb of the table above: from where a case may end by it, and in which state the
# other one must be to go on. A resolved case owes nothing, so it takes no open promise over; reopen it first.
MERGES: Final[dict[str, Step]] = {
    state: Step("merged")
    for state in ("new", "triaged", "in_progress", "waiting_customer", "waiting_third_party", "resolved")
}
SURVIVES: Final = frozenset(MERGES) - {"resolved"}


def step(state: str, verb: str) -> Step | None:
    """Where `verb` leads from `state`; None when it is not possible."""
    return TRANSITIONS[state].get(verb)


def verbs_from(state: str) -> tuple[str, ...]:
    """Every verb that the table knows from this state, in the order of the table."""
    return tuple(TRANSITIONS[state])
