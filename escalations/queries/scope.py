"""Which cases an actor may see. Every list, search and count of cases starts at `visible_to`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from escalations.choices import Sensitivity
from escalations.models import Case
from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.ui.glance import seen_once

from .letting_in import live_grants, may_hold_grants, openings_for

_SITE_ROLES = (Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD, Role.PARTNER_QA)
_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What an actor may see, as plain ids, so that the planner knows how much it is.

    `levels`: sensitivities visible everywhere; `raisers`: people whose own cases an agent (or a stand-in) follows;
    `let_in`: cases open to read and no more for now, by a question or an offer.
    """

    everything: bool = False
    levels: tuple[str, ...] = ()
    services: frozenset[int] = field(default=_NOTHING)
    sites: frozenset[int] = field(default=_NOTHING)
    raisers: frozenset[int] = field(default=_NOTHING)
    granted: frozenset[int] = field(default=_NOTHING)
    let_in: frozenset[int] = field(default=_NOTHING)


def scope_of(actor: Actor, at: datetime | None = None) -> Scope:
    """The actor's scope now. At most two queries: sites of a partner, and what grants, questions and offers open."""
    if actor.is_system:
        return Scope(everything=True)
    return seen_once(("cases", actor, at), lambda: _scope_of(actor, at or timezone.now()))


def _scope_of(actor: Actor, at: datetime) -> Scope:
    held = openings_for(actor, at)
    return Scope(
        levels=_levels(actor),
        services=frozenset(s.service_id for s in actor.of(Role.ASSOCIATE) if s.service_id is not None),
        sites=frozenset(directory.site_ids_for(actor, *_SITE_ROLES)),
        raisers=frozenset(s.principal_id or actor.user_id or 0 for s in actor.of(Role.AGENT)),
        granted=frozenset(case for _who, case in held.granted),
        let_in=frozenset(case for _who, case in held.asked | held.offered),
    )


def _levels(actor: Actor) -> tuple[str, ...]:
    if actor.has(Role.AUDITOR):
        return (Sensitivity.STANDARD.value, Sensitivity.CONFIDENTIAL.value)
    return (Sensitivity.STANDARD.value,) if actor.has(Role.ADMINISTRATOR) else ()


def granted_ids(actor: Actor, at: datetime) -> frozenset[int]:
    """Cases the actor holds a live grant for, in person."""
    if not may_hold_grants(actor):
        return _NOTHING
    return frozenset(live_grants(at).filter(user_id=actor.user_id or 0).values_list("case_id", flat=True))


def condition(scope: Scope) -> Q:
    """The scope as a condition on cases; nothing matches an empty scope."""
    if scope.everything:
        return Q()
    parts = list(_parts(scope))
    if not parts:
        return Q(pk__in=[])
    found = parts[0]
    for part in parts[1:]:
        found |= part
    return found


def _parts(scope: Scope) -> Iterable[Q]:
    standard, open_to_members = Sensitivity.STANDARD, (Sensitivity.STANDARD, Sensitivity.CONFIDENTIAL)
    if scope.levels:
        yield Q(sensitivity__in=scope.levels)
    if scope.services:
        yield Q(service_id__in=sorted(scope.services), sensitivity__in=open_to_members)
    if scope.sites:
        yield Q(site_id__in=sorted(scope.sites), sensitivity=standard)
    if scope.raisers:
        yield Q(raised_by_id__in=sorted(scope.raisers), sensitivity=standard)
    if scope.granted:
        yield Q(pk__in=sorted(scope.granted), sensitivity=Sensitivity.RESTRICTED)
    if scope.let_in:
        yield Q(pk__in=sorted(scope.let_in), sensitivity__in=open_to_members)


def visible_to(actor: Actor, *, scope: Scope | None = None) -> QuerySet[Case]:
    """Cases the actor may see. Pass a scope computed before to save its queries."""
    found = scope or scope_of(actor)
    # Said once in a glance: with some hundred grants and questions, saying it costs more than most of what is asked with it.
    return seen_once(("cases seen", found), lambda: Case.objects.filter(condition(found))).all()


def insider(actor: Actor) -> Actor:
    """The actor by those standings alone that show a case with its internal entries."""
    standings = tuple(one for one in actor.standings if one.may("see_internal"))
    if actor.is_system or len(standings) == len(actor.standings):
        return actor
    return Actor(actor.user_id, actor.person_id, standings, actor.principal_id)


def visible_inside(actor: Actor) -> QuerySet[Case]:
    """Cases of which the actor sees the internal entries, too; who is let in to read a case does. What is told, listed or
    counted of these entries starts here."""
    return visible_to(insider(actor))
