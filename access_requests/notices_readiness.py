"""Kinds of notification about waiting and trouble: their words, and who may still read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.rules import Actor
from portal.naming import in_language
from portal.notifications.registry import NotificationKind, register_kind, seen_in_part

from . import queries
from .actions.nudging import NUDGE
from .actions.trouble import INCIDENT, REPORTED, SOLVED
from .addresses import address
from .choices import Symptom
from .queries import trouble
from .queries.failures import owned_by

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]


def _name(p: Params, of: str) -> str:
    """A configured name in the reader's language, where both were kept."""
    return in_language(str(p.get(of, "")), str(p.get(f"{of}_zh", "")))


def _nudged(p: Params, count: int) -> str:
    if count == 1 and p:
        words = {"person": p.get("person", ""), "what": _name(p, "what"), "ref": p.get("ref", "")}
        return _("%(person)s waits for %(what)s (%(ref)s); you have it") % words
    return ngettext("%(n)d item of access waits for you", "%(n)d items of access wait for you", count) % {"n": count}


def visible_items(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about an item that the reader sees, carries out or owns."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    seen = set(queries.items_visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    if ids - seen:
        seen |= set(owned_by(actor).filter(pk__in=ids - seen).values_list("pk", flat=True))
    return seen_in_part(notifications, seen)


def _symptom(p: Params) -> str:
    value = str(p.get("symptom", ""))
    return str(Symptom(value).label) if value in Symptom.values else value


def _reported(p: Params, count: int) -> str:
    if count == 1 and p:
        words = {"ref": p.get("ref", ""), "symptom": _symptom(p), "site": _name(p, "site")}
        return _("%(ref)s: trouble at %(site)s (%(symptom)s)") % words
    return ngettext("%(n)d report of trouble", "%(n)d reports of trouble", count) % {"n": count}


def _incident(p: Params, count: int) -> str:
    if count == 1 and p:
        words = {"ref": p.get("ref", ""), "symptom": _symptom(p), "site": _name(p, "site"), "n": p.get("number", "")}
        return _("%(ref)s: %(n)s people at %(site)s have the same trouble (%(symptom)s)") % words
    return ngettext("%(n)d incident", "%(n)d incidents", count) % {"n": count}


def _solved(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s is solved (%(symptom)s)") % {"ref": p.get("ref", ""), "symptom": _symptom(p)}
    return ngettext("%(n)d report of yours is solved", "%(n)d reports of yours are solved", count) % {"n": count}


def visible_reports(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a report that the reader sees."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    rows = trouble.reports_visible_to(actor).filter(pk__in=ids)
    return seen_in_part(notifications, set(rows.values_list("pk", flat=True)))


def visible_incidents(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about an incident that the reader sees."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    rows = trouble.incidents_visible_to(actor).filter(pk__in=ids)
    return seen_in_part(notifications, set(rows.values_list("pk", flat=True)))


def _list() -> str:
    return address("trouble")


KINDS: Final = (
    NotificationKind(NUDGE, _nudged, visible_items, None, None, "clock"),
    NotificationKind(REPORTED, _reported, visible_reports, None, _list, "warn"),
    NotificationKind(INCIDENT, _incident, visible_incidents, None, _list, "over"),
    NotificationKind(SOLVED, _solved, visible_reports, None, _list, "check"),
)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
