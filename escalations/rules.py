"""Who may do what to a case. Pure: facts in, a verdict with a reason code out.

A verdict names the standing that allows the act, so that what a stand-in does is recorded as done for somebody.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

from escalations import transitions
from escalations.choices import REOPEN_DAYS
from portal.accounts.rules import Actor, Standing

# Eighteen digits fit into the key's column.
_REF: Final = re.compile(r"(?:EC-)?([0-9]{1,18})", re.ASCII | re.IGNORECASE)
_SITE_ROLES: Final = frozenset({"coordinator", "partner_manager", "partner_lead", "partner_qa"})
_EVERYWHERE: Final = frozenset({"administrator", "auditor"})
_CONFIDENTIAL_ROLES: Final = frozenset({"associate", "auditor"})
# Who may hold a grant for a restricted case.
GRANTABLE_ROLES: Final = frozenset({"coordinator", "partner_manager", "associate"})
_RANK: Final = {"standard": 0, "confidential": 1, "restricted": 2}


def case_number(ref: str | int) -> int | None:
    """The number of a reference like EC-20418 (or of its bare number); None if it is none."""
    found = _REF.fullmatch(str(ref).strip())
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a case; `granted`: the actor in person holds a live grant for it."""

    service_id: int
    site_id: int | None
    partner_id: int | None
    raised_by_id: int | None = None
    owner_id: int | None = None
    state: str = "new"
    sensitivity: str = "standard"
    resolved_at: datetime | None = None
    granted: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, by this standing (None: the system acts)."""

    standing: Standing | None = None
    ok: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Denied:
    """No, and why: a value of `choices.Reason`."""

    code: str = "not_your_role"
    ok: Literal[False] = False


Verdict = Allowed | Denied
Test = Callable[[Standing], bool]


# -- seeing


def covers(actor: Actor, standing: Standing, facts: Facts) -> bool:
    """Whether the case lies within the standing's scope, whatever its sensitivity."""
    if standing.role in _EVERYWHERE:
        return True
    if standing.role == "associate":
        return standing.service_id == facts.service_id
    if standing.role in _SITE_ROLES:
        return _at_site(standing, facts)
    # An agent follows what they raised themselves; a stand-in, what the agent raised.
    return standing.role == "partner_agent" and facts.raised_by_id == (standing.principal_id or actor.user_id)


def _at_site(standing: Standing, facts: Facts) -> bool:
    if standing.site_id is not None:
        return standing.site_id == facts.site_id
    return standing.partner_id is not None and standing.partner_id == facts.partner_id


def sees(actor: Actor, standing: Standing, facts: Facts) -> bool:
    """Whether this standing shows the case. Grants count for the person who holds them, never for a stand-in."""
    if facts.sensitivity == "restricted":
        return facts.granted and standing.principal_id is None and standing.role in GRANTABLE_ROLES
    if facts.sensitivity == "confidential" and standing.role not in _CONFIDENTIAL_ROLES:
        return False
    return covers(actor, standing, facts)


def _by(actor: Actor, facts: Facts, test: Test, code: str = "not_your_role") -> Verdict:
    """Allowed by the first standing, one's own before borrowed ones, that shows the case and passes the test."""
    if actor.is_system:
        return Allowed()
    seeing = [s for s in _own_first(actor) if sees(actor, s, facts)]
    if not seeing:
        return Denied("not_visible")
    found = next(filter(test, seeing), None)
    return Allowed(found) if found else Denied(code)


def _own_first(actor: Actor) -> list[Standing]:
    return sorted(actor.standings, key=lambda s: s.principal_id is not None)


def can_see(actor: Actor, facts: Facts) -> Verdict:
    """Whether the case exists for this actor."""
    return _by(actor, facts, lambda s: True)


def can_see_internal(actor: Actor, facts: Facts) -> Verdict:
    """Whether the actor sees internal notes of this case: by a company role that shows the case."""
    return _by(actor, facts, lambda s: s.may("see_internal"))


# -- working


def may_work(actor: Actor, facts: Facts, at: datetime | None = None) -> Verdict:
    """Work the case: coordinators and managers at their sites, associates in their services, whoever has a grant."""
    return _by(actor, facts, lambda s: s.may("work_case"))


def may_triage(actor: Actor, facts: Facts, at: datetime | None = None) -> Verdict:
    """Triage and reject: coordinators and managers; leads of the service, since confidential cases have nobody else."""
    return _by(actor, facts, lambda s: (s.may("triage") or s.may("assign")) and covers(actor, s, facts))


def may_reopen(actor: Actor, facts: Facts, at: datetime | None = None) -> Verdict:
    """Reopen: whoever may work the case, within 14 days of its being resolved."""
    if facts.resolved_at is None or at is None or at - facts.resolved_at > timedelta(days=REOPEN_DAYS):
        verdict = may_work(actor, facts)
        return Denied("too_late_to_reopen") if verdict.ok else verdict
    return may_work(actor, facts)


Guard = Callable[[Actor, Facts, datetime | None], Verdict]
GUARDS: Final[Mapping[str, Guard]] = MappingProxyType(
    {"may_work": may_work, "may_triage": may_triage, "may_reopen": may_reopen}
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


def can_assign(actor: Actor, facts: Facts, owner_id: int | None = None) -> Verdict:
    """Assign to anybody: coordinators, managers, leads. Whoever works the case may take it unowned, or give it back."""
    anybody = _by(actor, facts, lambda s: s.may("assign") and covers(actor, s, facts))
    if anybody.ok or (isinstance(anybody, Denied) and anybody.code == "not_visible"):
        return _unended(facts, anybody)
    takes = facts.owner_id is None and owner_id == actor.user_id
    gives_back = facts.owner_id == actor.user_id and owner_id is None
    return _unended(facts, may_work(actor, facts)) if takes or gives_back else Denied()


def can_own(actor: Actor, facts: Facts) -> Verdict:
    """Whether this person may be the owner: works the case by a standing of their own."""
    return _by(actor, facts, lambda s: s.may("work_case") and s.principal_id is None, "owner_cannot_work")


def can_set_severity(actor: Actor, facts: Facts) -> Verdict:
    """Judge severity: whoever works the case, until it has ended."""
    return _unended(facts, may_work(actor, facts))


def can_change_details(actor: Actor, facts: Facts) -> Verdict:
    """Correct subject, issue type, references: whoever works the case."""
    return _unended(facts, may_work(actor, facts))


def can_change_service(actor: Actor, facts: Facts) -> Verdict:
    """Hand over to another service: whoever works the case, while it is open."""
    if facts.state == "resolved":
        return Denied("not_possible")
    return _unended(facts, may_work(actor, facts))


def can_escalate(actor: Actor, facts: Facts) -> Verdict:
    """Raise to the next escalation level: whoever works the case, while it is open."""
    return can_change_service(actor, facts)


def can_note(actor: Actor, facts: Facts, *, internal: bool) -> Verdict:
    """Add a note. Partner users write notes that are shared; internal ones are for those who read them."""
    if internal:
        return _by(actor, facts, lambda s: s.may("work_case"))
    return _by(actor, facts, lambda s: s.may("follow_case"))


def can_contact(actor: Actor, facts: Facts) -> Verdict:
    """Log a contact with the customer: whoever works the case."""
    return may_work(actor, facts)


def can_watch(actor: Actor, facts: Facts) -> Verdict:
    """Watch: whoever sees the case with a role that works or follows cases."""
    return _by(actor, facts, lambda s: s.may("follow_case"))


def can_redact(actor: Actor, facts: Facts, author_id: int | None) -> Verdict:
    """Remove the words of an entry: their author, or whoever may assign."""
    if author_id is not None and author_id == actor.user_id:
        return may_work(actor, facts)
    return _by(actor, facts, lambda s: s.may("assign") and covers(actor, s, facts))


# -- raising, marking, granting


def can_create(actor: Actor, facts: Facts) -> Verdict:
    """Raise a case: company roles within their scope; partner leads and agents at their own site, standard only."""
    if actor.is_system:
        return Allowed()
    found = next((s for s in _own_first(actor) if s.may("raise_case") and _may_raise(s, facts)), None)
    return Allowed(found) if found else Denied()


def _may_raise(standing: Standing, facts: Facts) -> bool:
    if standing.role == "associate":
        return standing.service_id == facts.service_id
    if standing.role in ("partner_lead", "partner_agent"):
        return facts.sensitivity == "standard" and standing.site_id == facts.site_id
    return _at_site(standing, facts)


def can_mark_sensitive(actor: Actor, facts: Facts, to: str) -> Verdict:
    """Raise sensitivity: whoever works the case. Lower it: a lead of the service who sees it."""
    if to not in _RANK:
        return Denied("unknown_value")
    if _RANK[to] >= _RANK[facts.sensitivity]:
        return may_work(actor, facts)
    return _by(actor, facts, lambda s: leads(s, facts))


def leads(standing: Standing, facts: Facts) -> bool:
    """Whether the standing leads the case's service."""
    return standing.may("review_break_glass") and standing.service_id == facts.service_id


def can_grant(actor: Actor, facts: Facts, user_id: int | None = None) -> Verdict:
    """Grant a restricted case to somebody else: a lead of its service in person, without having to see it."""
    if facts.sensitivity != "restricted":
        return Denied("not_restricted")
    found = next((s for s in actor.standings if leads(s, facts) and s.principal_id is None), None)
    if found is None:
        return Denied()
    return Denied("not_for_oneself") if user_id is not None and user_id == actor.user_id else Allowed(found)


def can_break_glass(actor: Actor, facts: Facts) -> Verdict:
    """See a restricted case for an hour in an emergency: those whose scope it would be, in person."""
    if facts.sensitivity != "restricted":
        return Denied("not_visible")
    found = next(
        (
            s
            for s in actor.standings
            if s.role in GRANTABLE_ROLES and s.principal_id is None and covers(actor, s, facts)
        ),
        None,
    )
    return Allowed(found) if found else Denied("not_visible")


def can_review(actor: Actor, facts: Facts, user_id: int) -> Verdict:
    """Judge somebody's break-glass: a lead of the service, neither that person nor standing in for them."""
    standings = [s for s in _own_first(actor) if leads(s, facts)]
    if not standings:
        return Denied()
    found = next((s for s in standings if user_id not in (actor.user_id, s.principal_id)), None)
    return Allowed(found) if found else Denied("not_for_oneself")


# -- severity


def severity_of(matrix: Mapping[tuple[str, str], int], impact: str, urgency: str, signals: tuple[str, ...]) -> int:
    """The matrix' word; any signal forces 1. Raises KeyError for an impact or urgency the matrix does not know."""
    found = matrix[impact, urgency]
    return 1 if signals else found
