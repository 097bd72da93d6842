"""What this room hangs into the shell: My day, and the inbox's entries (the inbox itself lies below the shell and knows none)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.notifications import queries as notifications
from portal.ui.registry import NavItem, Panel, register_home, register_nav, register_panel

UNREAD_SHOWN = 6


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


def _signed_in(actor: Actor) -> bool:
    return bool(actor.user_id)


def _handles_failed(actor: Actor) -> bool:
    return actor.can("dead_letters")


def bell(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """The number beside the bell; nothing for visitors."""
    return {"unread": notifications.capped(notifications.unread_count(actor))} if actor.user_id else None


def unread(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """The newest unread notifications."""
    return {"items": notifications.latest_unread(actor, UNREAD_SHOWN)}
