"""People around a case: who can own it, who hears of it, and whether they may see it now."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone

from escalations import rules
from escalations.models import OPEN, Case, Service
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actors_of, live_memberships
from portal.accounts.rules import Actor

from .facts import plain_facts
from .letting_in import Openings, openings_of
from .scope import visible_to

_MAX_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Assignable:
    """Somebody who can own a case, with how many open cases they own (those that the reader sees)."""

    id: int
    name: str
    open_cases: int
    is_lead: bool

    @property
    def pk(self) -> int:
        """The user's id, as the avatar tag asks for it."""
        return self.id


def assignable_users(actor: Actor, service_id: int, site_id: int | None = None) -> list[Assignable]:
    """Members of the service, then coordinators and managers of the site; least loaded first. Two or three queries."""
    memberships = _members(service_id, site_id)
    leads = {m.user_id for m in memberships if m.is_lead}
    users = {m.user_id: m.user.name for m in memberships}
    load = _load(actor, users)
    found = [Assignable(pk, name, load.get(pk, 0), pk in leads) for pk, name in users.items()]
    return sorted(found, key=lambda one: (one.open_cases, one.name, one.id))


def owners_for(actor: Actor, cases: Mapping[int, Case], at: datetime) -> list[Assignable]:
    """Whom these cases (read with their sites) can be given: of the people of their services and sites, of five pairs at
    most, those who could own one of them as it is now; least loaded first. Queries by pair, not by case or person."""
    places = sorted({(case.service_id, case.site_id) for case in cases.values()}, key=str)[:_MAX_PLACES]
    people = {one.id: one for service, site in places for one in assignable_users(actor, service, site)}
    able = {user for user, _ in _pairs_by(rules.can_own, {(user, pk) for user in people for pk in cases}, cases, at)}
    found = [one for pk, one in people.items() if pk in able]
    return sorted(found, key=lambda one: (one.open_cases, one.name, one.id))


def standings_of(user_ids: Iterable[int], at: datetime) -> list[Membership]:
    """Memberships in force of these people, with all that names them; one query."""
    rows = live_memberships(at).filter(user__in=set(user_ids)).select_related("user", "service", "site", "partner")
    return list(rows.order_by("user_id", "role", "pk"))


def _members(service_id: int, site_id: int | None) -> list[Membership]:
    wanted = Q(role=Role.ASSOCIATE, service_id=service_id)
    if site_id is not None:
        at_site = Q(site_id=site_id) | Q(partner__sites=site_id)
        wanted |= Q(role__in=(Role.COORDINATOR, Role.MANAGER)) & at_site
    return list(live_memberships(timezone.now()).filter(wanted).select_related("user").order_by("user__name", "pk"))


def _load(actor: Actor, user_ids: Iterable[int]) -> dict[int, int]:
    rows = visible_to(actor).filter(OPEN, owner_id__in=list(user_ids)).order_by()
    return dict(rows.values_list("owner_id").annotate(Count("pk")))


Pair = tuple[int, int]
Rule = Callable[[Actor, rules.Facts], rules.Verdict]


def seeing_pairs(pairs: Iterable[Pair], at: datetime, *, inside: bool = False) -> tuple[set[Pair], dict[int, Case]]:
    """Of (user, case) pairs, those in which the user may see the case now, with its internal entries if `inside`; and the
    cases. Five queries, however many."""
    wanted = set(pairs)
    rows = Case.objects.filter(pk__in={case for _, case in wanted}).select_related("site").defer("search")
    cases = {c.pk: c for c in rows}
    rule = rules.can_see_internal if inside else rules.can_see
    return _pairs_by(rule, wanted, cases, at), cases


def in_good_hands(cases: Mapping[int, Case], at: datetime) -> set[int]:
    """Of these cases (read with their sites) those whose owner could be given them now: neither has left nor lost sight of
    them. Four queries, however many."""
    wanted = {(case.owner_id, pk) for pk, case in cases.items() if case.owner_id is not None}
    return {case for _, case in _pairs_by(rules.can_own, wanted, cases, at)}


def _pairs_by(rule: Rule, wanted: set[Pair], cases: Mapping[int, Case], at: datetime) -> set[Pair]:
    actors = actors_of({user for user, _ in wanted}, at)
    held = openings_of({case for _, case in wanted}, at)
    return {pair for pair in wanted if _pair_sees(pair, actors, cases, held, rule)}


def _pair_sees(pair: Pair, actors: Mapping[int, Actor], cases: Mapping[int, Case], held: Openings, rule: Rule) -> bool:
    actor, case = actors.get(pair[0]), cases.get(pair[1])
    if actor is None or case is None:
        return False
    facts = plain_facts(case, granted=pair in held.granted, let_in=held.reads(actor, case.pk))
    return rule(actor, facts).ok


def members_by_service(service_ids: Iterable[int], *, leads_only: bool, at: datetime) -> dict[int, set[int]]:
    """User ids of the services' members or leads; one query."""
    rows = live_memberships(at).filter(role=Role.ASSOCIATE, service_id__in=set(service_ids))
    if leads_only:
        rows = rows.filter(is_lead=True)
    found: dict[int, set[int]] = defaultdict(set)
    for service, user in rows.values_list("service_id", "user_id"):
        if service is not None:
            found[service].add(user)
    return found


def site_people(site_ids: Iterable[int], role: str, at: datetime) -> dict[int, set[int]]:
    """User ids of the coordinators (or managers) by site, those responsible for the whole partner included; one query."""
    wanted = set(site_ids)
    rows = live_memberships(at).filter(Q(site_id__in=wanted) | Q(partner__sites__in=wanted), role=role)
    found: dict[int, set[int]] = defaultdict(set)
    for user, site, partner_site in rows.values_list("user_id", "site_id", "partner__sites"):
        for one in (site, partner_site):
            if one in wanted:
                found[one].add(user)
    return found


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names of users by id; one query, none for nobody."""
    wanted = {pk for pk in user_ids if pk is not None}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def members_of(service: Service) -> list[Membership]:
    """Members of a service in force, with their users, leads first."""
    rows = live_memberships(timezone.now()).filter(role=Role.ASSOCIATE, service=service).select_related("user")
    return list(rows.order_by("-is_lead", "user__name", "pk"))
