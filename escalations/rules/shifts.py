"""Handing over a shift: what the owner of a case may hand on, and where a line is required."""

from typing import Final

from portal.accounts.rules import Actor

from .seeing import Denied, Facts, Verdict, by

#: From this severity up nobody takes over a case without a line about it.
LINE_FROM: Final = 2


def can_hand_on(actor: Actor, facts: Facts) -> Verdict:
    """Hand the case on at the end of a shift: who owns it, in person, while it is open."""
    if facts.owner_id is None or facts.owner_id != actor.user_id:
        return Denied("not_yours")
    if facts.state in ("resolved", "closed", "merged", "rejected"):
        return Denied("not_possible")
    return by(actor, facts, lambda s: s.may("work_case") and s.principal_id is None)


def needs_line(severity: int) -> bool:
    """Whether a case of this severity is handed on with a line only."""
    return severity <= LINE_FROM
