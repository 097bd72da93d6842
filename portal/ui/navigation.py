"""Entries for the pages of rooms below the shell, which know no navigation."""

from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import NavItem, register_nav


def register() -> None:
    """People for administrators; the trail for those who may read it."""
    register_nav(NavItem("admin", "users", _("Users"), "accounts:users", "user", 10, visible=_sees_users))
    register_nav(NavItem("admin", "audit", _("Audit trail"), "audit:trail", "history", 95, visible=_reads_audit))


def _sees_users(actor: Actor) -> bool:
    return actor.can("see_users")


def _reads_audit(actor: Actor) -> bool:
    return actor.can("read_audit")
