"""Hand-overs as lists and pages show them, whom a case may be offered to, and what can be said of it beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from escalations import rules
from escalations.choices.handing import OfferState
from escalations.models import Case, Handover, Service
from escalations.rules.playbooks import is_settled, open_steps
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor
from sla import queries as clocks
from sla.queries import ClockView

from .assigning import Member, staff_of
from .consults import in_sight
from .facts import plain_facts
from .letting_in import openings_of, own_service_ids
from .people import assignable_users
from .playbooks import followed
from .scope import visible_inside

#: So many of a list are shown.
MOST = 200


def offers_to(actor: Actor) -> list[Handover]:
    """Open offers to the actor or to a service of theirs, the oldest first; those of cases in their sight. Three queries at most."""
    return list(_with_people(_offered_to(actor)).order_by("offered_at", "pk")[:MOST])


def first_offers(actor: Actor, most: int) -> list[Handover]:
    """The first of them, with what a line says of the case and of who gives it. Three queries at most."""
    rows = _offered_to(actor).select_related("case", "given_by").only("offered_at", "case__subject", "given_by__name")
    return list(rows.order_by("offered_at", "pk")[:most])


def count_offered(actor: Actor) -> int:
    """How many `offers_to` finds. Three queries at most."""
    return _offered_to(actor)[:MOST].count()


def _offered_to(actor: Actor) -> QuerySet[Handover]:
    mine = Q(to_user=actor.user_id or 0) | Q(to_service__in=own_service_ids(actor))
    rows = Handover.objects.filter(mine, state=OfferState.OFFERED).exclude(given_by=actor.user_id or 0)
    return rows.filter(case__in=visible_inside(actor)).order_by()


def offers_by(actor: Actor) -> list[Handover]:
    """What the actor offered, the newest first; those of cases in their sight. Three queries."""
    rows = _with_people(Handover.objects.filter(given_by=actor.user_id or 0))
    return in_sight(actor, list(rows.order_by("-offered_at", "-pk")[:MOST]))


def handovers_of(case: Case) -> list[Handover]:
    """Every hand-over of a case, the newest first. One query."""
    return list(_with_people(Handover.objects.filter(case=case)).order_by("-offered_at", "-pk")[:MOST])


def _with_people(rows: QuerySet[Handover]) -> QuerySet[Handover]:
    people = ("given_by", "to_user", "to_service", "settled_by", "entry__body")
    return rows.select_related("case", *people).defer("case__search")


@dataclass(frozen=True, slots=True)
class Taker:
    """Somebody who can own the case, with what they have; `member`: how they stand in the service, None outside it."""

    pk: int
    name: str
    open_cases: int
    member: Member | None


def takers(actor: Actor, case: Case) -> list[Taker]:
    """People who see and can own the case as it is, but for the actor and its owner. Fifteen queries at most."""
    now = timezone.now()
    people = assignable_users(actor, case.service_id, case.site_id)
    staff = {one.pk: one for one in staff_of(case.service_id, now, reader=actor)}
    persons, held = actors_of([one.id for one in people], now), openings_of([case.pk], now)
    return [
        Taker(one.id, one.name, one.open_cases, staff.get(one.id))
        for one in people
        if one.id not in (actor.user_id, case.owner_id)
        and one.id in persons
        and rules.can_own(persons[one.id], plain_facts(case, granted=(one.id, case.pk) in held.granted)).ok
    ]


def services_to_offer(case: Case) -> list[Service]:
    """Every other service, by name. Of a sensitive case, the action looks whether anybody there may know of it."""
    rows = Service.objects.filter(archived_at=None).exclude(pk=case.service_id)
    return list(rows.order_by("name", "pk"))


@dataclass(frozen=True, slots=True)
class Draft:
    """What can be said of a case before anybody writes: steps settled and open, and what its clocks promise."""

    done: Sequence[str]
    open: Sequence[str]
    promised: Sequence[tuple[str, datetime]]


def draft_of(case: Case) -> Draft:
    """From the playbook and the running clocks. Five queries at most."""
    found = followed(case)
    views: Sequence[ClockView] = clocks.open_clocks_of("case", [case.pk]).get(case.pk, [])
    promised = [(one.metric, one.due_at) for one in sorted(views, key=lambda one: one.due_at) if one.state == "running"]
    if found is None:
        return Draft([], [], promised)
    settled = [row.label for row, plain in zip(found.steps, found.plain, strict=True) if is_settled(plain, found.marks)]
    return Draft(settled, [row.label for row in found.rows(open_steps(found.plain, found.marks))], promised)
