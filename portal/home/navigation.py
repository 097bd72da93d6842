"""What this room hangs into the shell: My day, and the inbox's entries (the inbox itself lies below the shell and knows none)."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.notifications import queries as notifications
from portal.ui.ahead import ahead_for
from portal.ui.days import bounds_of_day
from portal.ui.glance import glance
from portal.ui.registry import (
    Act,
    NavItem,
    Panel,
    Waiting,
    acts_for,
    counted_for,
    register_act,
    register_home,
    register_nav,
    register_panel,
    register_waiting,
)

UNREAD_SHOWN = 6
AHEAD_SHOWN = 8
MOST_COUNTED = 1000


def register() -> None:
    """Register all of it."""
    register_nav(NavItem("", "home", _("My day"), "home:day", "home", 0, visible=_signed_in, go="h"))
    register_nav(NavItem("", "inbox", _("Inbox"), "notifications:inbox", "bell", 10, visible=_signed_in, go="i"))
    register_nav(
        NavItem("admin", "failed", _("Failed deliveries"), "notifications:failed", "warn", 80, visible=_handles_failed)
    )
    register_nav(
        NavItem(
            "admin",
            "mails",
            _("Mails of the demo"),
            "notifications:mails",
            "mail",
            90,
            visible=notifications.sees_demo_mails,
        )
    )
    register_panel("topbar", Panel("bell", 90, "notifications/_bell.html", bell))
    register_home(Panel("unread", 90, "home/_unread.html", unread))
    register_home(Panel("waiting", 15, "home/_waiting.html", waiting, _("Waits for you"), _signed_in, later=True))
    later = "home/_later_today.html"
    register_home(Panel("later_today", 18, later, later_today, _("Later today"), _in_shifts, later=True, hushed=True))
    register_act(Act("invite", 60, _("Invite somebody"), "accounts:invite", "user", _invites))
    register_act(Act("trail", 70, _("Read the audit trail"), "audit:trail", "history", _audits))
    register_panel("home_rail", Panel("acts", 5, "home/_acts.html", acts))
    register_waiting(
        Waiting("failed", 80, _("Failed deliveries"), lambda: reverse("notifications:failed"), _handles_failed, _failed)
    )


def _signed_in(actor: Actor) -> bool:
    return bool(actor.user_id)


def _in_shifts(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR, Role.ASSOCIATE)


def _handles_failed(actor: Actor) -> bool:
    return actor.can("dead_letters")


def _invites(actor: Actor) -> bool:
    return actor.can("manage_users")


def _audits(actor: Actor) -> bool:
    return actor.can("read_audit")


def _failed(actor: Actor) -> int:
    return notifications.dead_letters(actor).order_by()[:MOST_COUNTED].count()


def waiting(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """How much of what waits for the reader, and where; a constant number of queries for each role."""
    with glance():
        return {"lines": counted_for(actor)}


def later_today(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """What is due for the reader from now until midnight in their zone, by time; nothing when nothing is."""
    now = timezone.now()
    _begin, midnight = bounds_of_day(now, timezone.get_current_timezone())
    with glance():
        lines = ahead_for(actor, now, midnight, AHEAD_SHOWN)
    return {"lines": lines} if lines else None


def acts(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """What the reader often begins; nothing for who may begin nothing. No query."""
    found = acts_for(actor)
    return {"acts": found} if found else None


def bell(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """The number beside the bell; nothing for visitors."""
    return {"unread": notifications.capped(notifications.unread_count(actor))} if actor.user_id else None


def unread(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """The newest unread notifications."""
    return {"items": notifications.latest_unread(actor, UNREAD_SHOWN)}
