"""Kinds of notification about waiting and trouble: their words, and who may still read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.rules import Actor
from portal.notifications.registry import NotificationKind, register_kind, seen_in_part

from . import queries
from .actions.nudging import NUDGE
from .queries.failures import owned_by

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]


def _nudged(p: Params, count: int) -> str:
    if count == 1 and p:
        words = {"person": p.get("person", ""), "what": p.get("what", ""), "ref": p.get("ref", "")}
        return _("%(person)s waits for %(what)s (%(ref)s); you have it") % words
    return ngettext("%(n)d item of access waits for you", "%(n)d items of access wait for you", count) % {"n": count}


def visible_items(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about an item that the reader sees, carries out or owns."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    seen = set(queries.items_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    if ids - seen:
        seen |= set(owned_by(actor).filter(pk__in=ids - seen).values_list("pk", flat=True))
    return seen_in_part(notifications, seen)


KINDS: Final = (NotificationKind(NUDGE, _nudged, visible_items, None, None, "clock"),)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
