"""Who hears of packs: whoever speaks for a side at the place when the message is handed round, and who is subscribed then."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery

from ..choices import PackState
from ..models import Pack, Subscription
from ..rules.standing import Place, side_of
from .content import draft_hash
from .jobs import place_of, sees
from .packs import acknowledgements_of, period_of_pack, sites_of_partner, superseded

type Payload = Mapping[str, Any]


def of_packs(payloads: list[Payload]) -> list[Delivery]:
    """The side that a draft waits for, both of a new one; nobody once it is published or revised, or what they were told is past."""
    found = []
    for payload, pack in _with_packs(payloads):
        if pack.state == PackState.DRAFT and not superseded(pack) and _still(pack, payload):
            told = speakers(pack, payload["side"]) - set(payload["by"])
            found += [_delivery(user, pack, payload["what"]) for user in sorted(told)]
    return found


def of_publications(payloads: list[Payload]) -> list[Delivery]:
    """Those who are subscribed and may see the pack now, and both sides; each once."""
    found = []
    for payload, pack in _with_packs(payloads):
        told = speakers(pack, "") | subscribers(pack)
        # Whoever published it knows; as a subscriber they are sent it all the same.
        told -= set(payload["by"]) - subscribers(pack)
        found += [_delivery(user, pack, "published") for user in sorted(told)]
    return found


def subscribers(pack: Pack, at: datetime | None = None) -> set[int]:
    """Users who are subscribed to the pack's job and may see the pack now."""
    ids = set(Subscription.objects.filter(job=pack.job_id).values_list("user_id", flat=True)) if pack.job_id else set()
    place = place_of(pack)
    return {pk for pk, actor in accounts.actors_of(ids, at or timezone.now()).items() if sees(actor, place)}


def speakers(pack: Pack, side: str, at: datetime | None = None) -> set[int]:
    """Users who speak for a side about a pack, stand-ins included; "" for both sides."""
    return speaking_at(place_of(pack), side, at=at)


def speaking_at(
    place: Place, side: str = "", *, speakers: tuple[str, ...] = (Role.PARTNER_LEAD.value,), at: datetime | None = None
) -> set[int]:
    """Users who speak for a side at a place, stand-ins included; `speakers`: the roles that speak for a partner. A few queries."""
    now, sites = at or timezone.now(), sites_of_partner(place)
    held = accounts.live_memberships(now).filter(role__in=(Role.COORDINATOR, Role.MANAGER, *speakers))
    users = set(held.filter(_near(place, sites)).values_list("user_id", flat=True))
    users |= set(accounts.live_delegations(now).filter(principal__in=users).values_list("delegate_id", flat=True))
    actors = accounts.actors_of(users, now)
    return {pk for pk, actor in actors.items() if _speaks(actor, place, sites, side, speakers)}


def _speaks(actor: Actor, place: Place, sites: list[int], side: str, speakers: tuple[str, ...]) -> bool:
    found = side_of(actor, place, sites, speakers)
    return found is not None and side in {"", found[0]} and sees(actor, place)


def _near(place: Place, sites: list[int]) -> Q:
    if place.site_id is not None:
        return Q(site=place.site_id) | Q(partner=place.partner_id)
    return Q(site__in=sites) | Q(partner=place.partner_id) if place.partner_id is not None else Q()


def _with_packs(payloads: list[Payload]) -> list[tuple[Payload, Pack]]:
    rows = Pack.objects.filter(pk__in={payload["pack"] for payload in payloads})
    known = {pack.pk: pack for pack in rows.select_related("kind", "site__partner", "partner")}
    return [(payload, known[payload["pack"]]) for payload in payloads if payload["pack"] in known]


def _still(pack: Pack, payload: Payload) -> bool:
    """Whether the side still has to do what it is told of."""
    if payload["what"] == "draft":
        return True
    return payload["side"] not in {one.side for one in acknowledgements_of(pack, draft_hash(pack))}


def _delivery(user: int, pack: Pack, what: str) -> Delivery:
    about: Any = pack.site or pack.partner
    params = {
        "what": what, "kind": pack.kind.name, "kind_zh": pack.kind.name_zh, "period": period_of_pack(pack).key,
        "about": about.name if about else "", "about_zh": about.name_zh if about else "", "revision": pack.revision,
    }  # fmt: skip
    return Delivery(user, pack.pk, reverse("reviews:pack", args=[pack.pk]), params)
