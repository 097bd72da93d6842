"""Kinds of notification about actions: their words, and who may still read them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery, NotificationKind, register_kind, seen_in_part

from ..actions import action_notices as kinds
from ..choices import OPEN_ACTIONS
from ..models import Action
from ..queries.actions import answering
from ..queries.scope import actions_visible_to

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]
type Title = Callable[[Params, int], str]


def _one(params: Params, count: int) -> bool:
    return count == 1 and bool(params)


def _assigned(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s is yours to do") % p
    return ngettext("%(n)d action is yours to do", "%(n)d actions are yours to do", count) % {"n": count}


def _due_soon(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s falls due within a day") % p
    return ngettext("%(n)d action falls due within a day", "%(n)d actions fall due within a day", count) % {"n": count}


def _overdue(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s is overdue") % p
    return ngettext("%(n)d action is overdue", "%(n)d actions are overdue", count) % {"n": count}


def _escalated(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s is overdue for a business day") % p
    return ngettext(
        "%(n)d action is overdue for a business day", "%(n)d actions are overdue for a business day", count
    ) % {"n": count}  # fmt: skip


def _to_verify(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s is done and waits to be verified") % p
    return ngettext(
        "%(n)d action is done and waits to be verified", "%(n)d actions are done and wait to be verified", count
    ) % {"n": count}  # fmt: skip


def _sent_back(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s was sent back") % p
    return ngettext("%(n)d action was sent back", "%(n)d actions were sent back", count) % {"n": count}


def _verified(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s was verified") % p
    return ngettext("%(n)d action was verified", "%(n)d actions were verified", count) % {"n": count}


def _dropped(p: Params, count: int) -> str:
    if _one(p, count):
        return _("%(ref)s was dropped") % p
    return ngettext("%(n)d action was dropped", "%(n)d actions were dropped", count) % {"n": count}


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about an action that the reader may see."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    seen = set(actions_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return seen_in_part(notifications, seen)


def to_owner(payloads: list[Mapping[str, Any]]) -> list[Delivery]:
    """What is due, or overdue, is for its owner, as long as it is."""
    return [_delivery(one, one.owner_id, urgent=late) for one, late in _still_due(payloads)]


def to_answering(payloads: list[Mapping[str, Any]]) -> list[Delivery]:
    """What stays overdue is for those who answer for the other side, as far as they see it."""
    rows = [one for one, _late in _still_due(payloads)]
    return [
        _delivery(one, user, urgent=True)
        for pk, users in answering(rows, timezone.now()).items()
        for one in rows if one.pk == pk
        for user in sorted(users - {one.owner_id})
    ]  # fmt: skip


def _still_due(payloads: list[Mapping[str, Any]]) -> list[tuple[Action, bool]]:
    """Open actions whose due instant was not moved since."""
    rows = Action.objects.filter(pk__in=[one["action"] for one in payloads], state__in=OPEN_ACTIONS)
    found = {one.pk: one for one in rows.select_related("site")}
    now = timezone.now()
    told = {}
    for payload in payloads:
        action = found.get(payload["action"])
        if action is not None and (payload["kind"] == kinds.ESCALATED or _same(payload, action)):
            told[action.pk] = (action, action.due_at <= now)
    return [told[pk] for pk in sorted(told)]


def _same(payload: Mapping[str, Any], action: Action) -> bool:
    return datetime.fromisoformat(payload["due_at"]) == action.due_at


def _delivery(action: Action, user: int, *, urgent: bool) -> Delivery:
    url = reverse("reviews:action", args=[action.ref])
    return Delivery(user, action.pk, url, {"ref": action.ref}, urgent=urgent)


def _list() -> str:
    return reverse("reviews:actions") + "?whose=mine"


KINDS: Final = (
    NotificationKind(kinds.ASSIGNED, _assigned, visible, None, _list, "check"),
    NotificationKind(kinds.DUE_SOON, _due_soon, visible, to_owner, _list, "clock"),
    NotificationKind(kinds.OVERDUE, _overdue, visible, to_owner, _list, "warn"),
    NotificationKind(kinds.ESCALATED, _escalated, visible, to_answering, None, "warn"),
    NotificationKind(kinds.TO_VERIFY, _to_verify, visible, None, None, "eye"),
    NotificationKind(kinds.SENT_BACK, _sent_back, visible, None, _list, "undo"),
    NotificationKind(kinds.VERIFIED, _verified, visible, None, None, "check"),
    NotificationKind(kinds.DROPPED, _dropped, visible, None, None, "x"),
)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
