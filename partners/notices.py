"""Kinds of notification about rosters and the weekly word on leavers: their words, and who may still read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.rules import Actor
from portal.naming import in_language
from portal.notifications.registry import NotificationKind, register_kind, seen_in_part

from . import queries

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]


def _site(params: Params) -> str:
    return in_language(str(params.get("site", "")), str(params.get("site_zh", "")))


def _sent(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("A roster of %(site)s waits for you") % {"site": _site(p)}
    return ngettext("%(n)d roster waits for you", "%(n)d rosters wait for you", count) % {"n": count}


def _applied(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("Your roster of %(site)s was applied") % {"site": _site(p)}
    return ngettext("%(n)d roster of yours was applied", "%(n)d rosters of yours were applied", count) % {"n": count}


def _discarded(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("Your roster of %(site)s was not taken") % {"site": _site(p)}
    return ngettext("%(n)d roster of yours was not taken", "%(n)d rosters of yours were not taken", count) % {
        "n": count
    }


def _due(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("Confirm this week’s leavers of %(site)s") % {"site": _site(p)}
    return ngettext("Confirm the leavers of %(n)d site", "Confirm the leavers of %(n)d sites", count) % {"n": count}


def _overdue(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(site)s has not confirmed last week’s leavers") % {"site": _site(p)}
    text = ngettext(
        "%(n)d site has not confirmed last week’s leavers", "%(n)d sites have not confirmed last week’s leavers", count
    )
    return text % {"n": count}


def rosters_seen(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a roster that the reader may see."""
    wanted = {pk for one in notifications for pk in one.subject_ids}
    seen = queries.rosters_visible_to(actor).filter(pk__in=wanted)
    return seen_in_part(notifications, set(seen.values_list("pk", flat=True)))


def sites_seen(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a site whose leavers the reader confirms or follows."""
    wanted = {pk for one in notifications for pk in one.subject_ids}
    seen = queries.sites_to_attest(actor).filter(pk__in=wanted)
    return seen_in_part(notifications, set(seen.values_list("pk", flat=True)))


def _rosters() -> str:
    return reverse("partners:rosters")


def _attestations() -> str:
    return reverse("partners:attestations")


KINDS: Final = (
    NotificationKind("roster.sent", _sent, rosters_seen, None, _rosters, "file"),
    NotificationKind("roster.applied", _applied, rosters_seen, None, _rosters, "check"),
    NotificationKind("roster.discarded", _discarded, rosters_seen, None, _rosters, "x"),
    NotificationKind("attestation.due", _due, sites_seen, None, _attestations, "out"),
    NotificationKind("attestation.overdue", _overdue, sites_seen, None, _attestations, "warn"),
)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
