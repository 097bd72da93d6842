"""Who may say that a case is a complaint under a law, that an answer went out, or that it was no such complaint."""

from portal.accounts.rules import Actor

from .seeing import Denied, Facts, Verdict
from .working import may_triage, may_work


def can_regulate(actor: Actor, facts: Facts) -> Verdict:
    """Mark a case as regulated: whoever works it, until it has ended."""
    verdict = may_work(actor, facts)
    ended = facts.state in ("closed", "merged", "rejected")
    return Denied("not_possible") if ended and verdict.ok else verdict


def can_answer_by_law(actor: Actor, facts: Facts) -> Verdict:
    """Record an answer: whoever works the case. The law asks for it of a closed case as well."""
    return _lives_on(facts, may_work(actor, facts))


def can_lift(actor: Actor, facts: Facts) -> Verdict:
    """Take the mark away, and with it the clocks: those who triage, and leads of the service."""
    return _lives_on(facts, may_triage(actor, facts))


def _lives_on(facts: Facts, verdict: Verdict) -> Verdict:
    return Denied("merged") if facts.state == "merged" and verdict.ok else verdict


def can_pack(actor: Actor, facts: Facts) -> Verdict:
    """Ask for everything of a case as one archive, and have it: whoever works the case, whatever became of it."""
    return _lives_on(facts, may_work(actor, facts))
