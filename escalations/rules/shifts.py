"""Handing over a shift: what the owner of a case may hand on, and where a line is required."""

from typing import Final

from portal.accounts.rules import Actor

from .seeing import Denied, Facts, Verdict, by

#: From this severity up nobody takes over a case without a line about it.
LINE_FROM: Final = 2
#: So many letters alike nobody writes twice.
ALIKE: Final = 40
# Chinese and the like leave no room between words.
_WITHOUT_SPACES: Final = "\u2e80"


def can_hand_on(actor: Actor, facts: Facts) -> Verdict:
    """Hand the case on at the end of a shift: who owns it, in person, while it is open."""
    if facts.owner_id is None or facts.owner_id != actor.user_id:
        return Denied("not_yours")
    verdict = by(actor, facts, lambda s: s.may("work_case") and s.principal_id is None)
    over = facts.state in ("resolved", "closed", "merged", "rejected")
    return Denied("not_possible") if over and verdict.ok else verdict


def needs_line(severity: int) -> bool:
    """Whether a case of this severity is handed on with a line only."""
    return severity <= LINE_FROM


def begins_with(line: str, begun: str) -> bool:
    """Whether a line begins with these words, and not in the middle of another one: "Call" does not begin "Called"."""
    rest = line[len(begun) :]
    if not line.startswith(begun) or not rest or len(begun) >= ALIKE:
        return line.startswith(begun)
    return not all(one.isalnum() and one < _WITHOUT_SPACES for one in (begun[-1], rest[0]))


def no_chance(line: str, begun: str) -> bool:
    """Whether a line that begins with these words must have them from there: it says nothing else, or they are long."""
    return len(begun) >= ALIKE or line.removesuffix("…") == begun
