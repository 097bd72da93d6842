"""Kinds of notification for whoever asked: a request is over, or somebody has to look at it."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery, NotificationKind, register_kind, seen_in_part

from . import queries
from .actions.telling import REQUEST_OVER
from .addresses import request_url
from .choices import RequestState
from .models import AccessRequest

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]


def _over(p: Params, count: int) -> str:
    if count == 1 and p:
        texts = {
            RequestState.DONE: _("%(ref)s is done"),
            RequestState.PARTLY_DONE: _("%(ref)s is over; a part of it was not granted"),
            RequestState.CLOSED: _("%(ref)s was closed without effect"),
            RequestState.ATTENTION: _("%(ref)s needs attention"),
        }
        found = RequestState(p["state"]) if p.get("state") in RequestState.values else RequestState.DONE
        return texts.get(found, texts[RequestState.DONE]) % {"ref": p.get("ref", "")}
    text = ngettext("News about %(n)d of your requests", "News about %(n)d of your requests", count)
    return text % {"n": count}


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a request that the reader may see; of several one is enough."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    return seen_in_part(notifications, set(queries.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)))


def requesters(payloads: list[Mapping[str, Any]]) -> list[Delivery]:
    """Who asked, and for whom they stood in, if the request still stands so; not whoever brought it about."""
    told = {int(pk): (state, p.get("by")) for p in payloads for pk, state in p["requests"].items()}
    rows = AccessRequest.objects.filter(pk__in=told).order_by("pk")
    return [
        Delivery(user, row.pk, request_url(row.pk), {"ref": row.ref, "state": row.state})
        for row in rows
        if row.state == told[row.pk][0]
        for user in dict.fromkeys((row.requested_by_id, row.on_behalf_of_id))
        if user is not None and user != told[row.pk][1]
    ]


def _mine() -> str:
    return reverse("access:requests") + "?tab=mine"


KINDS: Final = (NotificationKind(REQUEST_OVER, _over, visible, requesters, _mine, "key"),)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
