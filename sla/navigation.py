"""Entries of the side navigation."""

from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import NavItem, register_nav
from sla.access import may_configure, may_see_policies


def register() -> None:
    """Calendars for administrators, policies for service leads as well."""
    register_nav(NavItem("admin", "calendars", _("Calendars"), "sla:calendars", "cal", 30, visible=_configures))
    register_nav(NavItem("admin", "policies", _("Policies"), "sla:policies", "clock", 31, visible=_sees_policies))


def _configures(actor: Actor) -> bool:
    return may_configure(actor)


def _sees_policies(actor: Actor) -> bool:
    return may_see_policies(actor)
