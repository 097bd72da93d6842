"""Kinds of notification about practices: who answers for a site hears of an offer, who speaks for the site it comes from hears the answer."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery, NotificationKind, register_kind, seen_in_part

from ..access.findings import SPEAKERS, place_of, sharings_with_page
from ..actions.practice_notices import ANSWERED, OFFERED
from ..models import Sharing
from ..queries.audience import speaking_at
from ..wording import practices as words

if TYPE_CHECKING:
    from portal.notifications.models import Notification

type Payload = Mapping[str, Any]


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about an offer to the reader's sites, or of one of them, that has a page."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    seen = set(sharings_with_page(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return seen_in_part(notifications, seen)


def to_offered(payloads: list[Payload]) -> list[Delivery]:
    """Who answers for the site, as long as nobody did and the practice stands."""
    found = []
    for payload, sharing in _with_sharings(payloads):
        if not sharing.adoption and sharing.finding.withdrawn_at is None:
            found += _deliveries(payload, sharing, speaking_at(place_of(sharing.site), speakers=SPEAKERS))
    return found


def to_origin(payloads: list[Payload]) -> list[Delivery]:
    """Both sides at the site that the practice comes from, unless the answer is another one by now."""
    found = []
    for payload, sharing in _with_sharings(payloads):
        if sharing.adoption == payload["adoption"]:
            found += _deliveries(payload, sharing, speaking_at(place_of(sharing.finding.site), speakers=SPEAKERS))
    return found


def _with_sharings(payloads: list[Payload]) -> list[tuple[Payload, Sharing]]:
    rows = Sharing.objects.filter(pk__in={one["sharing"] for one in payloads})
    known = {one.pk: one for one in rows.select_related("finding__site__partner", "site__partner")}
    return [(one, known[one["sharing"]]) for one in payloads if one["sharing"] in known]


def _deliveries(payload: Payload, sharing: Sharing, users: set[int]) -> list[Delivery]:
    params = {"title": sharing.finding.title, "adoption": payload["adoption"]}
    url = reverse("reviews:practice", args=[sharing.pk])
    return [Delivery(user, sharing.pk, url, params) for user in sorted(users - set(payload["by"]))]


def _list() -> str:
    return reverse("reviews:practices")


def register() -> None:
    """Make them known."""
    register_kind(NotificationKind(OFFERED, words.of_offer, visible, to_offered, _list, "heart"))
    register_kind(NotificationKind(ANSWERED, words.of_answer, visible, to_origin, _list, "heart"))
