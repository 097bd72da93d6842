"""Who sees a case by a row of its own: a grant for a restricted one, a question about one, an offer to their service."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Q, QuerySet, Value

from escalations import rules
from escalations.choices import ENDED_STATES, Sensitivity
from escalations.choices.handing import ConsultState, OfferState, Opens
from escalations.models import CaseGrant, Consult, Handover
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

Pair = tuple[int, int]
_GRANTED, _ASKED, _OFFERED = "granted", "asked", "offered"
_OPENED = Q(case__sensitivity=Sensitivity.STANDARD, opens__in=(Opens.STANDARD, Opens.CONFIDENTIAL)) | Q(
    case__sensitivity=Sensitivity.CONFIDENTIAL, opens=Opens.CONFIDENTIAL
)


def live_grants(at: datetime) -> QuerySet[CaseGrant]:
    """Grants in force at an instant, each for the restriction that stands: what was given for an earlier one ended with it."""
    given = CaseGrant.objects.filter(revoked_at=None, lifted_at=None, starts_at__lte=at)
    return given.filter(Q(expires_at=None) | Q(expires_at__gt=at))


def opening_consults() -> QuerySet[Consult]:
    """Open questions that let whoever is asked read their case, as sensitive as it is now. Never a restricted one."""
    return Consult.objects.filter(_OPENED, state=ConsultState.OPEN).exclude(case__state__in=ENDED_STATES)


def opening_offers() -> QuerySet[Handover]:
    """Open hand-overs to a service whose members read the case meanwhile: standard ones only."""
    rows = Handover.objects.filter(state=OfferState.OFFERED, case__sensitivity=Sensitivity.STANDARD)
    return rows.exclude(to_service=None).exclude(case__state__in=ENDED_STATES)


def may_hold_grants(actor: Actor) -> bool:
    """Whether grants, questions and offers count for this person: by a standing of their own in a role that works cases."""
    return any(s.principal_id is None and s.role in rules.GRANTABLE_ROLES for s in actor.standings)


def own_service_ids(actor: Actor) -> frozenset[int]:
    """Services that the actor belongs to in person."""
    own = (s for s in actor.of(Role.ASSOCIATE) if s.principal_id is None)
    return frozenset(s.service_id for s in own if s.service_id is not None)


@dataclass(frozen=True, slots=True)
class Openings:
    """What is open to whom by such rows: (user, case) pairs of grants and questions, (service, case) pairs of offers."""

    granted: frozenset[Pair] = frozenset()
    asked: frozenset[Pair] = frozenset()
    offered: frozenset[Pair] = frozenset()

    def reads(self, actor: Actor, case_id: int) -> bool:
        """Whether the actor may read the case, and no more, for now."""
        if not may_hold_grants(actor):
            return False
        if (actor.user_id, case_id) in self.asked:
            return True
        return any((service, case_id) in self.offered for service in own_service_ids(actor))


def openings_for(actor: Actor, at: datetime) -> Openings:
    """What such rows open to one person in their own right. One query; none for those for whom they do not count."""
    if not may_hold_grants(actor):
        return Openings()
    user, services = actor.user_id or 0, own_service_ids(actor)
    offers = opening_offers().filter(to_service__in=services)
    return _read(live_grants(at).filter(user=user), opening_consults().filter(to_user=user), offers)


def openings_of(case_ids: Iterable[int], at: datetime) -> Openings:
    """What such rows open of these cases, to whomever. One query."""
    ids = list(case_ids)
    grants, consults = live_grants(at).filter(case__in=ids), opening_consults().filter(case__in=ids)
    return _read(grants, consults, opening_offers().filter(case__in=ids))


def _read(grants: QuerySet[CaseGrant], consults: QuerySet[Consult], offers: QuerySet[Handover]) -> Openings:
    found: dict[str, set[Pair]] = {_GRANTED: set(), _ASKED: set(), _OFFERED: set()}
    rows = grants.values_list(_word(_GRANTED), "user_id", "case_id").union(
        consults.values_list(_word(_ASKED), "to_user_id", "case_id"),
        offers.values_list(_word(_OFFERED), "to_service_id", "case_id"),
        all=True,
    )
    for how, who, case in rows:
        found[how].add((who, case))
    return Openings(frozenset(found[_GRANTED]), frozenset(found[_ASKED]), frozenset(found[_OFFERED]))


def _word(how: str) -> Value:
    return Value(how, output_field=CharField())
