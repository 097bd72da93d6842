"""Who gives a colleague feedback on a closed case, who reads it, and until when it changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from escalations.choices.feedback import EDIT_HOURS
from portal.accounts.rules import Actor

from .guarding import leads
from .seeing import Allowed, Denied, Facts, Verdict, by

OPEN_FOR: Final = timedelta(hours=EDIT_HOURS)


@dataclass(frozen=True, slots=True)
class Given:
    """What the rules need to know of feedback."""

    author_id: int
    receiver_id: int
    at: datetime
    answered: bool = False


def can_give_feedback(actor: Actor, facts: Facts, *, owned_before: bool = False) -> Verdict:
    """Members of the service in person, once the case is closed, to whoever owned it then; not who owned it themselves, but
    for a lead who passed it on."""
    seen = by(actor, facts, lambda s: s.role == "associate" and s.principal_id is None)
    if isinstance(seen, Denied):
        return seen
    if facts.state != "closed":
        return Denied("feedback_too_early")
    if facts.owner_id is None:
        return Denied("feedback_to_nobody")
    passed_on = seen.standing is not None and leads(seen.standing, facts)
    own = facts.owner_id == actor.user_id or (owned_before and not passed_on)
    return Denied("feedback_own_work") if own else seen


def can_change_feedback(actor: Actor, given: Given, at: datetime) -> Verdict:
    """Its author, for a day, while nobody answered."""
    if actor.user_id != given.author_id:
        return Denied()
    return Denied("feedback_fixed") if given.answered or at - given.at >= OPEN_FOR else Allowed()


def can_answer_feedback(actor: Actor, given: Given) -> Verdict:
    """Its receiver, once."""
    if actor.user_id != given.receiver_id:
        return Denied()
    return Denied("feedback_answered") if given.answered else Allowed()
