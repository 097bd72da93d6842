"""What remains to be seen of cases that are out of sight: that they were taken over, and who holds grants for them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from escalations.choices import Entry, GrantKind, Sensitivity
from escalations.models import Case, CaseGrant
from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from .letting_in import live_grants

LIMIT = 200


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A case that was the site's to see until a service took it over. Its reference and dates, nothing more."""

    ref: str
    opened_at: datetime
    since: datetime


def taken_over_for(actor: Actor) -> list[TakenOver]:
    """For partner users: cases of their own that have become confidential or restricted, newest first."""
    mine = _own_of_partner_users(actor)
    if mine is None:
        return []
    taken = Q(entries__kind=Entry.SENSITIVITY, entries__params__from=Sensitivity.STANDARD.value)
    rows = Case.objects.filter(mine, taken).exclude(sensitivity=Sensitivity.STANDARD)
    found = rows.annotate(since=Max("entries__at")).order_by("-since", "-pk")[:LIMIT]
    return [TakenOver(f"EC-{pk}", opened, since) for pk, opened, since in found.values_list("pk", "opened_at", "since")]


def _own_of_partner_users(actor: Actor) -> Q | None:
    sites = directory.site_ids_for(actor, Role.PARTNER_LEAD, Role.PARTNER_QA)
    raisers = {s.principal_id or actor.user_id for s in actor.of(Role.AGENT)}
    if not sites and not raisers:
        return None
    return Q(site_id__in=sites) | Q(raised_by_id__in=raisers)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a live grant; `until` None: until it is withdrawn."""

    grant_id: int
    user_id: int
    name: str
    until: datetime | None
    break_glass: bool


@dataclass(frozen=True, slots=True)
class Stub:
    """What a lead sees of a restricted case of the service: that it is there, since when, and who may see it."""

    ref: str
    service: str
    opened_at: datetime
    state: str
    holders: list[Holder] = field(default_factory=list)


def led_service_ids(actor: Actor, *, in_person: bool = False) -> set[int]:
    """Services that the actor leads, as a stand-in too unless `in_person`."""
    return {
        s.service_id
        for s in actor.standings_for("review_break_glass")
        if s.service_id is not None and not (in_person and s.principal_id)
    }


def restricted_stubs(actor: Actor) -> list[Stub]:
    """Restricted cases of the services that the actor leads in person, newest first. Two queries."""
    services = led_service_ids(actor, in_person=True)
    if not services:
        return []
    rows = Case.objects.filter(service_id__in=services, sensitivity=Sensitivity.RESTRICTED).select_related("service")
    cases = list(rows.defer("search").order_by("-pk")[:LIMIT])
    holders = holders_of(case.pk for case in cases)
    return [Stub(c.ref, c.service.label, c.opened_at, c.state, holders.get(c.pk, [])) for c in cases]


def restricted_stub(actor: Actor, case_id: int) -> Stub | None:
    """One of those by its number; None if it is not the actor's to grant."""
    rows = Case.objects.filter(
        pk=case_id, service_id__in=led_service_ids(actor, in_person=True), sensitivity=Sensitivity.RESTRICTED
    )
    case = rows.select_related("service").defer("search").first()
    return (
        Stub(case.ref, case.service.label, case.opened_at, case.state, holders_of([case.pk]).get(case.pk, []))
        if case
        else None
    )


def holders_of(case_ids: Iterable[int]) -> dict[int, list[Holder]]:
    """Who holds live grants, by case; one query."""
    found: dict[int, list[Holder]] = defaultdict(list)
    rows = (
        live_grants(timezone.now())
        .filter(case_id__in=list(case_ids))
        .select_related("user")
        .order_by("starts_at", "pk")
    )
    for row in rows:
        glass = row.kind == GrantKind.BREAK_GLASS
        found[row.case_id].append(Holder(row.pk, row.user_id, row.user.name, row.expires_at, glass))
    return found


def grants_led_by(actor: Actor) -> QuerySet[CaseGrant]:
    """Grants and break-glass for cases of the services that the actor leads."""
    return CaseGrant.objects.filter(case__service_id__in=led_service_ids(actor))


def break_glass_reviews(actor: Actor) -> QuerySet[CaseGrant]:
    """Break-glass that the actor has to review, oldest first: not their own, nor of those they stand in for alone."""
    rows = grants_led_by(actor).filter(kind=GrantKind.BREAK_GLASS, reviewed_at=None).exclude(user_id=actor.user_id or 0)
    return rows.select_related("user", "case__service").order_by("starts_at", "pk")
