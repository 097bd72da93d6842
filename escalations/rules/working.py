"""Who may work a case: states, owners, severity, words, watching."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from escalations import transitions
from escalations.choices import REOPEN_DAYS
from portal.accounts.rules import Actor

from .seeing import Denied, Facts, Verdict, by, covers


def may_work(actor: Actor, facts: Facts, at: datetime | None = None) -> Verdict:
    """Work the case: coordinators and managers at their sites, associates in their services, whoever has a grant."""
    return by(actor, facts, lambda s: s.may("work_case"))


def may_triage(actor: Actor, facts: Facts, at: datetime | None = None) -> Verdict:
    """Triage and reject: coordinators and managers; leads of the service, since confidential cases have nobody else."""
    return by(actor, facts, lambda s: (s.may("triage") or s.may("assign")) and covers(actor, s, facts))


def may_reopen(actor: Actor, facts: Facts, at: datetime | None = None) -> Verdict:
    """Reopen: whoever may work the case, within 14 days of its being resolved."""
    if facts.resolved_at is None or at is None or at - facts.resolved_at > timedelta(days=REOPEN_DAYS):
        verdict = may_work(actor, facts)
        return Denied("too_late_to_reopen") if verdict.ok else verdict
    return may_work(actor, facts)


def may_resolve(actor: Actor, facts: Facts, at: datetime | None = None) -> Verdict:
    """Resolve: whoever may work the case, once no required step of its playbook is open."""
    verdict = may_work(actor, facts)
    return Denied("step_open") if verdict.ok and facts.open_steps else verdict


Guard = Callable[[Actor, Facts, datetime | None], Verdict]
GUARDS: Final[Mapping[str, Guard]] = MappingProxyType(
    {"may_work": may_work, "may_triage": may_triage, "may_reopen": may_reopen, "may_resolve": may_resolve}
)


def can_do(actor: Actor, facts: Facts, verb: str, at: datetime) -> Verdict:
    """Whether the table knows the verb from this state, and its guard agrees."""
    step = transitions.step(facts.state, verb)
    return GUARDS[step.guard](actor, facts, at) if step else Denied("not_possible")


def allowed_verbs(actor: Actor, facts: Facts, at: datetime) -> tuple[str, ...]:
    """The state verbs that would go through now, in the order of the table."""
    return tuple(verb for verb in transitions.verbs_from(facts.state) if can_do(actor, facts, verb, at).ok)


def _unended(facts: Facts, verdict: Verdict) -> Verdict:
    ended = facts.state in ("closed", "merged", "rejected")
    return Denied("not_possible") if ended and verdict.ok else verdict


def _lives_on(facts: Facts, verdict: Verdict) -> Verdict:
    """A merged case takes nothing more in: its matter goes on elsewhere."""
    return Denied("merged") if facts.state == "merged" and verdict.ok else verdict


def can_assign(actor: Actor, facts: Facts, owner_id: int | None = None) -> Verdict:
    """Assign to anybody: coordinators, managers, leads. Whoever works the case may take it unowned, or give it back."""
    anybody = by(actor, facts, lambda s: s.may("assign") and covers(actor, s, facts))
    if anybody.ok or (isinstance(anybody, Denied) and anybody.code in ("not_visible", "only_to_read")):
        return _unended(facts, anybody)
    takes = facts.owner_id is None and owner_id == actor.user_id
    gives_back = facts.owner_id == actor.user_id and owner_id is None
    return _unended(facts, may_work(actor, facts)) if takes or gives_back else Denied()


def can_own(actor: Actor, facts: Facts) -> Verdict:
    """Whether this person may be the owner: works the case by a standing of their own."""
    return by(actor, facts, lambda s: s.may("work_case") and s.principal_id is None, "owner_cannot_work")


def can_set_severity(actor: Actor, facts: Facts) -> Verdict:
    """Judge severity: whoever works the case, until it has ended."""
    return _unended(facts, may_work(actor, facts))


def can_change_details(actor: Actor, facts: Facts) -> Verdict:
    """Correct subject, issue type, references: whoever works the case."""
    return _unended(facts, may_work(actor, facts))


def can_change_service(actor: Actor, facts: Facts) -> Verdict:
    """Hand over to another service: whoever works the case, while it is open."""
    verdict = _unended(facts, may_work(actor, facts))
    return Denied("not_possible") if facts.state == "resolved" and verdict.ok else verdict


def can_mark_steps(actor: Actor, facts: Facts) -> Verdict:
    """Tick, skip and open steps of the playbook: whoever works the case, while it is open."""
    return can_change_service(actor, facts)


def can_escalate(actor: Actor, facts: Facts) -> Verdict:
    """Raise to the next escalation level: whoever works the case, while it is open."""
    return can_change_service(actor, facts)


def can_note(actor: Actor, facts: Facts, *, internal: bool) -> Verdict:
    """Add a note. Partner users write notes that are shared; internal ones are for those who read them."""
    right = "work_case" if internal else "follow_case"
    return _lives_on(facts, by(actor, facts, lambda s: s.may(right)))


def can_contact(actor: Actor, facts: Facts) -> Verdict:
    """Log a contact with the customer: whoever works the case."""
    return _lives_on(facts, may_work(actor, facts))


def can_watch(actor: Actor, facts: Facts) -> Verdict:
    """Watch: whoever sees the case with a role that works or follows cases."""
    return _lives_on(facts, by(actor, facts, lambda s: s.may("follow_case")))


def can_redact(actor: Actor, facts: Facts, author_id: int | None) -> Verdict:
    """Remove the words of an entry: their author, or whoever may assign."""
    if author_id is not None and author_id == actor.user_id:
        return may_work(actor, facts)
    return by(actor, facts, lambda s: s.may("assign") and covers(actor, s, facts))
