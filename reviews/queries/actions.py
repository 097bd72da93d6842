"""Actions: what decides who may move one, who may own one, and those that lists show."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from escalations import queries as cases
from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import Side
from ..models import Action
from ..rules.actions import SPEAKERS, About, may, speaking
from ..rules.standing import Place

KIND = "review_action"
DUE, ESCALATION = "due", "escalation"
FILE_OWNER = "reviews.action"
_COMPANY = (Role.COORDINATOR, Role.MANAGER)
_NAMES = ("site__partner", "partner", "owner", "kpi", "case", "finding", "line__pack", "engagement", "series")


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who may own actions of a place, and the side that they would own them for."""

    pk: int
    name: str
    side: str


def with_names(rows: QuerySet[Action]) -> QuerySet[Action]:
    """With all that a page names."""
    return rows.select_related(*_NAMES)


def place_of(action: Action) -> Place:
    """What an action is about."""
    return Place(action.site_id, action.site.partner_id if action.site else action.partner_id)


def partner_site_ids(place: Place) -> frozenset[int]:
    """The sites of a place that is a whole partner. No query for others."""
    return _partner_sites([place])[place]


def _partner_sites(places: Collection[Place]) -> dict[Place, frozenset[int]]:
    """The same of many; a query for all."""
    whole, found = _whole_partners(places), defaultdict[int | None, set[int]](set)
    if whole:
        for partner, site in directory.live_sites().filter(partner__in=whole).values_list("partner_id", "pk"):
            found[partner].add(site)
    return {one: frozenset(found[one.partner_id] if one.site_id is None else ()) for one in places}


def about_of(action: Action) -> About:
    """What decides who may move it."""
    place = place_of(action)
    done = {pk for pk in (action.done_by_id, action.done_for_id) if pk is not None}
    return About(place, action.side, action.owner_id, action.made_by_id, partner_site_ids(place), frozenset(done))


def owners_at(places: Collection[Place]) -> dict[Place, list[Owner]]:
    """Who may own actions of these places, by name. A few queries, whatever their number."""
    now, found = timezone.now(), defaultdict[Place, list[Owner]](list)
    actors, names = _standing_at(places, now)
    sites = _partner_sites(places)
    for user, actor in actors.items():
        for place in places:
            # Nobody owns an action because they stand in for somebody just now.
            own = [side for side, allowed in speaking(actor, place, sites[place]) if allowed.principal_id is None]
            if own:
                found[place].append(Owner(user, names[user], own[0]))
    return {place: sorted(rows, key=lambda one: (one.name, one.pk)) for place, rows in found.items()}


def owner_at(place: Place, user_id: int) -> Owner | None:
    """Somebody as an owner at a place; None if they may not own its actions."""
    return next((one for one in owners_at([place]).get(place, []) if one.pk == user_id), None)


def sees_case(user_id: int, case_id: int) -> bool:
    """Whether a user sees a case."""
    actor = accounts.actors_of([user_id], timezone.now()).get(user_id)
    return actor is not None and cases.visible_to(actor).filter(pk=case_id).exists()


def verifiers_of(action: Action) -> set[int]:
    """Who is asked to verify it: whoever raised it, if they may; else all who may. Of a case's only who sees the case."""
    about, now = about_of(action), timezone.now()
    actors, _names = _standing_at([about.place], now)
    actors |= accounts.actors_of([action.made_by_id], now)
    able = {user for user, actor in actors.items() if may(actor, about, "verify")}
    able = _seeing({action: able}, now)[action]
    return {action.made_by_id} if action.made_by_id in able else able


def answering(actions: Iterable[Action], at: datetime) -> dict[int, set[int]]:
    """By action, who hears that it stays overdue: managers of the company, and the partner's leads where the company is late.

    Of a case's only who sees the case. A few queries, whatever the number of actions and people.
    """
    places = {one: place_of(one) for one in actions}
    sites = _partner_sites(set(places.values()))
    actors, _names = _standing_at(sites, at)
    found: dict[Action, set[int]] = {}
    for one, place in places.items():
        roles = [Role.MANAGER] if one.side == Side.PARTNER else [Role.MANAGER, Role.PARTNER_LEAD]
        found[one] = {
            user for user, actor in actors.items() if actor.has(*roles) and any(speaking(actor, place, sites[place]))
        }
    return {one.pk: users for one, users in _seeing(found, at).items()}


def _seeing(people: Mapping[Action, set[int]], at: datetime) -> dict[Action, set[int]]:
    """Of these, who sees the case that the action came of; everybody where it came of none."""
    pairs = {(user, one.case_id) for one, users in people.items() for user in users if one.case_id is not None}
    seen = cases.seeing_pairs(pairs, at)[0] if pairs else set()
    return {
        one: {user for user in users if one.case_id is None or (user, one.case_id) in seen}
        for one, users in people.items()
    }


def choices_for(actor: Actor, sites: Iterable[Any]) -> list[Any]:
    """The sites at which the actor may raise actions."""
    return [one for one in sites if any(speaking(actor, Place(one.pk, one.partner_id)))]


def _standing_at(places: Collection[Place], at: datetime) -> tuple[dict[int, Actor], dict[int, str]]:
    """Whoever speaks somewhere near these places, as actors, and their names."""
    sites, partners = {one.site_id for one in places}, {one.partner_id for one in places}
    near = Q(site__in=sites - {None}) | Q(partner__in=partners - {None}) | _within(places)
    if Place() in places:
        near |= Q(role__in=_COMPANY)
    rows = accounts.live_memberships(at).filter(near, role__in=[*_COMPANY, *SPEAKERS])
    names: Mapping[int, str] = dict(rows.values_list("user_id", "user__name"))
    return dict(accounts.actors_of(names, at)), dict(names)


def _whole_partners(places: Collection[Place]) -> set[int]:
    return {one.partner_id for one in places if one.site_id is None and one.partner_id is not None}


def _within(places: Collection[Place]) -> Q:
    whole = _whole_partners(places)
    return Q(site__partner__in=whole) if whole else Q(pk__in=())
