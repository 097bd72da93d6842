"""Handing a case over with the other's consent, and asking a colleague about it: who may, and what has to be said."""

from collections.abc import Collection, Mapping
from typing import Final

from portal.accounts.rules import Actor, Standing

from .guarding import leads
from .seeing import GRANTABLE_ROLES, Allowed, Denied, Facts, Verdict, by, can_see, can_see_internal, covers
from .working import can_change_service, can_own, may_work

#: What whoever takes over has to know, in this order.
PARTS: Final = ("done", "open", "promised", "risks")


def says_something(text: str) -> bool:
    """Whether there is at least a word in it, in whatever script."""
    return any(letter.isalnum() for letter in text)


def faults_of(words: Mapping[str, str], nothing: Collection[str]) -> dict[str, str]:
    """What is wrong with a summary, by its part: neither words nor a tick that there is nothing, or both."""
    found = {}
    for part in PARTS:
        text = words.get(part, "")
        if part in nothing and says_something(text):
            found[part] = "words_or_nothing"
        elif part not in nothing and not says_something(text):
            found[part] = "part_needed"
    return found


def can_offer(actor: Actor, facts: Facts) -> Verdict:
    """Offer a hand-over of an open case: its owner or a stand-in, anybody who works it if nobody owns it, whoever assigns."""
    verdict = can_change_service(actor, facts)
    if not verdict.ok:
        return verdict
    return by(actor, facts, lambda s: s.may("work_case") and _may_give(actor, s, facts), "not_yours_to_give")


def _may_give(actor: Actor, standing: Standing, facts: Facts) -> bool:
    if facts.owner_id in (None, actor.user_id, standing.principal_id):
        return True
    return standing.may("assign") and covers(actor, standing, facts)


def is_target(actor: Actor, to_user: int | None, to_service: int | None) -> Standing | None:
    """The standing by which an offer is for this actor in person; None if it is not for them."""
    own = [s for s in actor.standings if s.principal_id is None and s.role in GRANTABLE_ROLES]
    if to_service is None:
        return next(iter(own), None) if actor.user_id == to_user else None
    return next((s for s in own if s.role == "associate" and s.service_id == to_service), None)


def can_answer_offer(actor: Actor, facts: Facts, to_user: int | None, to_service: int | None) -> Verdict:
    """Decline an offer: whom it is for, if they see the case."""
    standing = is_target(actor, to_user, to_service)
    if not can_see(actor, facts).ok:
        return Denied("not_visible")
    return Allowed(standing) if standing else Denied()


def can_accept(actor: Actor, facts: Facts, to_user: int | None, to_service: int | None) -> Verdict:
    """Accept an offer of a case that is open still: whom it is for. A person has to be able to own it as it is."""
    verdict = can_answer_offer(actor, facts, to_user, to_service)
    if not verdict.ok:
        return verdict
    if facts.state in ("resolved", "closed", "merged", "rejected"):
        return Denied("not_possible")
    return can_own(actor, facts) if to_service is None else verdict


def can_take_back(actor: Actor, facts: Facts, said_by: int | None) -> Verdict:
    """Take an offer or a question back: whoever made it, and whoever may assign the case."""
    if said_by is not None and said_by == actor.user_id:
        return can_see_internal(actor, facts)
    return by(actor, facts, lambda s: s.may("assign") and covers(actor, s, facts))


def can_ask(actor: Actor, facts: Facts) -> Verdict:
    """Ask a colleague: whoever works the case, until it has ended."""
    ended = facts.state in ("closed", "merged", "rejected")
    verdict = may_work(actor, facts)
    return Denied("not_possible") if ended and verdict.ok else verdict


def opens(actor: Actor, facts: Facts) -> str:
    """Up to which sensitivity a question of this actor lets a colleague read the case: a standard one always, a
    confidential one if a lead of its service asks in person, a restricted one never."""
    if facts.sensitivity == "standard":
        return "standard"
    led = any(leads(s, facts) and s.principal_id is None for s in actor.standings)
    return "confidential" if led and facts.sensitivity == "confidential" else ""


def can_be_asked(person: Actor, facts: Facts, opened: str) -> bool:
    """Whether a question may go to this person: in a role that works cases, and they see the case, or it opens to them."""
    if not any(s.principal_id is None and s.role in GRANTABLE_ROLES for s in person.standings):
        return False
    return can_see_internal(person, facts).ok or opened == facts.sensitivity


def can_answer(actor: Actor, facts: Facts, asked: int) -> Verdict:
    """Answer a question: whom it was asked, in person, while they see the case."""
    verdict = can_see_internal(actor, facts)
    return Denied() if verdict.ok and actor.user_id != asked else verdict
