"""Who hears of what happened to items: found in sets, when the message is handed round, by state and rights as they are then."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.notifications.registry import Delivery
from sla import queries as clock_queries

from ..choices import DISPATCHED_STATES, FINAL_STATES, ItemState
from ..models import ExceptionRequest, GroupMember, RequestItem
from .matters import deciders_of, managers_instead, site_people, with_items
from .standing_in import with_stand_ins

Payload = Mapping[str, Any]
# Where a policy names nobody: whoever answers for the site.
_DEFAULT_WHO: Final = ("manager", "coordinator")


def waiting(payloads: list[Payload]) -> list[Delivery]:
    """Items are for whoever can decide them now, stand-ins included; what was decided meanwhile is for nobody."""
    now = timezone.now()
    items = _awaiting(payloads)
    return [
        _delivery(one, user, reverse("access:approvals"))
        for pk, users in _deciders(items, now).items()
        for user in sorted(users)
        for one in (items[pk],)
    ]


def overdue(payloads: list[Payload]) -> list[Delivery]:
    """An approval that is late is for whom the policy names; without one for managers and coordinators of the site."""
    now, items = timezone.now(), _awaiting(payloads)
    sites = {one.request.site_id for one in items.values()}
    around = {
        "manager": site_people(sites, Role.MANAGER, now),
        "coordinator": site_people(sites, Role.COORDINATOR, now),
    }
    levels = clock_queries.levels_of({p.get("policy_version") for p in payloads})
    named: dict[tuple[int, int], set[int]] = {}
    for number, payload in enumerate(payloads):
        who = levels.get((payload.get("policy_version") or 0, int(payload.get("level") or 0))) or _DEFAULT_WHO
        named |= {(number, pk): _named(who, items[pk], around) for pk in payload["items"] if pk in items}
    return [
        _delivery(items[pk], user, _url(items[pk]), urgent=True)
        for (_number, pk), users in with_stand_ins(named, now).items()
        for user in sorted(users)
    ]


def at_risk(payloads: list[Payload]) -> list[Delivery]:
    """What will be late is for the group that carries it out, once it is with them, and for the owner of the system; before
    that, and when it is late, also for the coordinators of the site."""
    now = timezone.now()
    items = _items(payloads, [state for state in ItemState if state not in FINAL_STATES])
    sites = {one.request.site_id for one in items.values()}
    coordinators = with_stand_ins(site_people(sites, Role.COORDINATOR, now), now)
    workers = with_stand_ins(_workers({one.entitlement.system.group_id for one in items.values()}, now), now)
    late = {pk for p in payloads if p.get("what") != "warned" for pk in p["items"]}
    found = []
    for pk, one in items.items():
        with_it = one.state in DISPATCHED_STATES
        working = workers.get(one.entitlement.system.group_id or 0, set()) if with_it else set()
        others = coordinators.get(one.request.site_id, set()) - working if not working or pk in late else set()
        queue = reverse("access:work")
        found += [_delivery(one, user, queue, urgent=pk in late) for user in sorted(working)]
        found += [_delivery(one, user, _url(one), urgent=pk in late) for user in sorted(others)]
    return found


def decided(payloads: list[Payload]) -> list[Delivery]:
    """Whoever asked hears what was decided, unless they decided it, as far as they are still here."""
    items = _items(payloads)
    active = _active({one.request.requested_by_id for one in items.values()})
    return [
        _delivery(one, user, _url(one), verdict=payload.get("verdict", ""))
        for payload in payloads
        for one in (items[pk] for pk in payload["items"] if pk in items)
        if (user := one.request.requested_by_id) in active and user is not None and user != payload.get("by")
    ]


def nobody_decides(payloads: list[Payload]) -> list[Delivery]:
    """What nobody can decide is for the managers of the site, who may decide it instead, and for administrators."""
    now, items = timezone.now(), _awaiting(payloads)
    items = {pk: one for pk, one in items.items() if one.orphaned_at is not None}
    instead = managers_instead(list(items.values()), now)
    sites = with_stand_ins(site_people({one.request.site_id for one in items.values()}, Role.MANAGER, now), now)
    administrators = set(
        accounts.live_memberships(now).filter(role=Role.ADMINISTRATOR).values_list("user_id", flat=True)
    )
    return [
        _delivery(one, user, reverse("access:approvals"), may="1" if user in instead[pk] else "")
        for pk, one in items.items()
        for user in sorted(administrators | instead[pk] | sites.get(one.request.site_id, set()))
    ]


def exception_asked(payloads: list[Payload]) -> list[Delivery]:
    """A wanted exception is for managers of the site who did not ask for it, and their stand-ins."""
    now, wanted = timezone.now(), _exceptions(payloads, decided_at=None)
    managers = site_people({one.item.request.site_id for one in wanted.values()}, Role.MANAGER, now)
    asked = {pk: {one.requested_by_id, one.on_behalf_of_id} for pk, one in wanted.items()}
    free = {pk: managers.get(one.item.request.site_id, set()) - asked[pk] for pk, one in wanted.items()}
    return [
        Delivery(user, wanted[pk].item_id, reverse("access:exception", args=[pk]), {"ref": wanted[pk].item.request.ref})
        for pk, users in with_stand_ins(free, now).items()
        for user in sorted(users - asked[pk])
    ]


def exception_decided(payloads: list[Payload]) -> list[Delivery]:
    """Whoever asked for it."""
    rows = _exceptions(payloads, decided_at__isnull=False)
    active = _active({one.requested_by_id for one in rows.values()})
    return [
        Delivery(
            one.requested_by_id, one.item_id, _url(one.item), {"ref": one.item.request.ref, "verdict": one.verdict}
        )
        for one in rows.values()
        if one.requested_by_id in active
    ]


def _exceptions(payloads: Sequence[Payload], **wanted: object) -> dict[int, ExceptionRequest]:
    ids = [int(one["exception"]) for one in payloads]
    rows = ExceptionRequest.objects.filter(pk__in=ids, **wanted).select_related("item__request")
    return {one.pk: one for one in rows.order_by("pk")}


def _items(payloads: Iterable[Payload], states: Sequence[str] | None = None) -> dict[int, RequestItem]:
    found = with_items({pk for one in payloads for pk in one["items"]})
    return {one.pk: one for one in found if states is None or one.state in states}


def _awaiting(payloads: Iterable[Payload]) -> dict[int, RequestItem]:
    return _items(payloads, [ItemState.AWAITING_APPROVAL])


def _deciders(items: Mapping[int, RequestItem], at: datetime) -> dict[int, frozenset[int]]:
    """Who can decide each; managers of the site where nobody else can."""
    found = deciders_of(list(items.values()), at)
    orphans = [items[pk] for pk, users in found.items() if not users]
    return found | managers_instead(orphans, at) if orphans else found


def _named(who: Iterable[str], item: RequestItem, around: Mapping[str, Mapping[int, set[int]]]) -> set[int]:
    """User ids behind a policy's recipients: a role around the site, the owner of the system, or a user's id."""
    users: set[int] = set()
    for one in who:
        if one in around:
            users |= around[one].get(item.request.site_id, set())
        elif one == "owner" and item.entitlement.system.owner_id is not None:
            users.add(item.entitlement.system.owner_id)
        elif one.isdigit():
            users.add(int(one))
    return users


def _workers(group_ids: Iterable[int | None], at: datetime) -> dict[int, set[int]]:
    """Those of the groups' members who fulfil, as only they see what is handed over."""
    fulfil = accounts.live_memberships(at).filter(role=Role.IT).values("user_id")
    rows = GroupMember.objects.filter(
        group__in={pk for pk in group_ids if pk is not None}, ended_at=None, user__in=fulfil
    )
    found: dict[int, set[int]] = defaultdict(set)
    for group, user in rows.values_list("group_id", "user_id"):
        found[group].add(user)
    return found


def _active(user_ids: Iterable[int | None]) -> set[int]:
    wanted = {pk for pk in user_ids if pk is not None}
    return set(accounts.actors_of(wanted, timezone.now()))


def _url(item: RequestItem) -> str:
    return reverse("access:request", args=[item.request.ref])


def _delivery(item: RequestItem, user: int, url: str, *, urgent: bool = False, **params: str) -> Delivery:
    return Delivery(user, item.pk, url, {"ref": item.request.ref, **params}, urgent=urgent)
