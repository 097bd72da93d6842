"""Kinds of notification about access: their words, and who may still read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access_requests import queries
from access_requests.actions import telling
from access_requests.choices import ItemState
from access_requests.queries import approvals, audience, standing_in
from portal.accounts.rules import Actor
from portal.notifications.registry import NotificationKind, register_kind, seen_in_part

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]


def _ref(params: Params) -> dict[str, Any]:
    return {"ref": params.get("ref", "")}


def _waiting(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s waits for your approval") % _ref(p)
    return ngettext("%(n)d item waits for your approval", "%(n)d items wait for your approval", count) % {"n": count}


def _standing_in(p: Params, count: int) -> str:
    words = {**_ref(p), "n": count, "principal": p.get("principal", "")}
    if count == 1 and p:
        return _("%(ref)s waits for your approval: you stand in for %(principal)s") % words
    if not words["principal"]:
        return _waiting({}, count)
    text = ngettext(
        "%(n)d item waits for your approval: you stand in for %(principal)s",
        "%(n)d items wait for your approval: you stand in for %(principal)s",
        count,
    )
    return text % words


def _reminder(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s still waits for your approval, and time runs out") % _ref(p)
    text = ngettext(
        "%(n)d item still waits for your approval, and time runs out",
        "%(n)d items still wait for your approval, and time runs out",
        count,
    )
    return text % {"n": count}


def _overdue(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s: the approval is overdue") % _ref(p)
    return ngettext("%(n)d approval is overdue", "%(n)d approvals are overdue", count) % {"n": count}


def _at_risk(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s may not be done in time") % _ref(p)
    return ngettext("%(n)d item may not be done in time", "%(n)d items may not be done in time", count) % {"n": count}


def _decided(p: Params, count: int) -> str:
    if count == 1 and p:
        texts = {
            "approved": _("%(ref)s: what you asked for was approved"),
            "rejected": _("%(ref)s: what you asked for was rejected"),
            "expired": _("%(ref)s: nobody decided in time; ask again if it is still needed"),
        }
        return texts.get(str(p.get("verdict")), _("%(ref)s was decided")) % _ref(p)
    text = ngettext("%(n)d item you asked for was decided", "%(n)d items you asked for were decided", count)
    return text % {"n": count}


def _nobody(p: Params, count: int) -> str:
    if count == 1 and p:
        text = _("%(ref)s: nobody can decide; you may instead") if p.get("may") else _("%(ref)s: nobody can decide")
        return text % _ref(p)
    return ngettext("%(n)d item that nobody can decide", "%(n)d items that nobody can decide", count) % {"n": count}


def _exception_asked(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s: an exception from a conflict rule is asked for") % _ref(p)
    return ngettext("%(n)d exception is asked for", "%(n)d exceptions are asked for", count) % {"n": count}


def _exception_decided(p: Params, count: int) -> str:
    if count == 1 and p:
        granted = p.get("verdict") == "approved"
        return (_("%(ref)s: the exception is granted") if granted else _("%(ref)s: the exception is refused")) % _ref(p)
    return ngettext("%(n)d exception was decided", "%(n)d exceptions were decided", count) % {"n": count}


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about an item that the reader may see; of several items one is enough."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    seen = set(queries.items_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return seen_in_part(notifications, seen)


def visible_asked(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """The same; what still waits, only while it waits for the reader or after they have voted on it."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    rows = queries.items_visible_to(actor).filter(pk__in=ids)
    others = rows.filter(state=ItemState.AWAITING_APPROVAL).exclude(decisions__decided_by_id=actor.user_id or 0)
    away = others.exclude(pk__in=approvals.waiting_for(actor).filter(pk__in=ids).values("pk"))
    seen = set(rows.values_list("pk", flat=True)) - set(away.values_list("pk", flat=True))
    return seen_in_part(notifications, seen)


def _list() -> str:
    return reverse("access:approvals")


def _of_sites() -> str:
    return reverse("access:approvals") + "?tab=sites"


KINDS: Final = (
    NotificationKind(telling.WAITING, _waiting, visible_asked, audience.waiting, _list, "check"),
    NotificationKind(telling.STANDING_IN, _standing_in, visible_asked, standing_in.taken_over, _list, "check"),
    NotificationKind(telling.REMINDER, _reminder, visible_asked, audience.waiting, _list, "clock"),
    NotificationKind(telling.OVERDUE, _overdue, visible, audience.overdue, _of_sites, "warn"),
    NotificationKind(telling.AT_RISK, _at_risk, visible, audience.at_risk, None, "warn"),
    NotificationKind(telling.DECIDED, _decided, visible, audience.decided, None, "check"),
    NotificationKind(telling.NOBODY, _nobody, visible, audience.nobody_decides, _list, "warn"),
    NotificationKind(telling.EXCEPTION_ASKED, _exception_asked, visible, audience.exception_asked, _list, "lock"),
    NotificationKind(telling.EXCEPTION_DECIDED, _exception_decided, visible, audience.exception_decided, None, "lock"),
)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
