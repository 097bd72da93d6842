"""Who may raise a case, mark it sensitive, let others see it; and how grave it is."""

from collections.abc import Iterable, Mapping
from typing import Final

from portal.accounts.rules import Actor, Standing

from .seeing import GRANTABLE_ROLES, Allowed, Denied, Facts, Verdict, at_site, by, covers, own_first
from .working import may_work

_RANK: Final = {"standard": 0, "confidential": 1, "restricted": 2}


def can_create(actor: Actor, facts: Facts) -> Verdict:
    """Raise a case: company roles within their scope; partner leads and agents at their own site, standard only."""
    if actor.is_system:
        return Allowed()
    found = next((s for s in own_first(actor) if s.may("raise_case") and _may_raise(s, facts)), None)
    return Allowed(found) if found else Denied()


def _may_raise(standing: Standing, facts: Facts) -> bool:
    if standing.role == "associate":
        return standing.service_id == facts.service_id
    if standing.role in ("partner_lead", "partner_agent"):
        return facts.sensitivity == "standard" and standing.site_id == facts.site_id
    return at_site(standing, facts)


def can_mark_sensitive(actor: Actor, facts: Facts, to: str) -> Verdict:
    """Raise sensitivity: whoever works the case. Lower it: a lead of the service who sees it."""
    if to not in _RANK:
        return Denied("unknown_value")
    if _RANK[to] >= _RANK[facts.sensitivity]:
        return may_work(actor, facts)
    return by(actor, facts, lambda s: leads(s, facts))


def higher_sensitivity(one: str, other: str) -> str:
    """The one that protects more."""
    return max(one, other, key=_RANK.__getitem__)


def lowest_sensitivity(levels: Iterable[str]) -> str:
    """The one that protects least. Raises ValueError for none."""
    return min(levels, key=_RANK.__getitem__)


def protects_as(one: str, other: str) -> bool:
    """Whether the first sensitivity protects no less than the second."""
    return _RANK[one] >= _RANK[other]


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
    standings = [s for s in own_first(actor) if leads(s, facts)]
    if not standings:
        return Denied()
    found = next((s for s in standings if user_id not in (actor.user_id, s.principal_id)), None)
    return Allowed(found) if found else Denied("not_for_oneself")


def severity_of(matrix: Mapping[tuple[str, str], int], impact: str, urgency: str, signals: tuple[str, ...]) -> int:
    """The matrix' word; any signal forces 1. Raises KeyError for an impact or urgency the matrix does not know."""
    found = matrix[impact, urgency]
    return 1 if signals else found
