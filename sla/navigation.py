"""What the rooms below show of this wing: navigation entries, and words of the trail."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.ui.registry import NavItem, Panel, register_home, register_nav
from sla.access import may_configure, may_read_configuration, may_see_policies
from sla.models import Calendar, Clock, Policy
from sla.queries.pages import kinds_without_policy
from sla.queries.postponed import postponed_clocks


def register() -> None:
    """Calendars and policies for administrators and auditors, and for service leads; their words in the trail."""
    register_nav(
        NavItem("admin", "calendars", _("Calendars"), "sla:calendars", "cal", 30, visible=may_read_configuration)
    )
    register_nav(NavItem("admin", "policies", _("Policies"), "sla:policies", "clock", 31, visible=may_see_policies))
    register_nav(
        NavItem("admin", "postponed", _("Postponed clocks"), "sla:postponed", "pause", 79, visible=may_configure)
    )
    register_home(Panel("clocks_need", 1, "sla/_home.html", what_clocks_need))
    _register_words()


def what_clocks_need(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """What keeps clocks from running: no policy (administrators and coordinators), postponed ones (administrators)."""
    configures = may_configure(actor)
    if not configures and not actor.has(Role.COORDINATOR):
        return None
    bare = kinds_without_policy()
    postponed = postponed_clocks().count() if configures else 0
    return {"bare": bare, "postponed": postponed, "may_configure": configures} if bare or postponed else None


def _register_words() -> None:
    register_verbs(
        {
            "calendar.created": _("Created a calendar"),
            "calendar.changed": _("Changed a calendar"),
            "calendar.archived": _("Archived a calendar"),
            "calendar.restored": _("Restored a calendar"),
            "policy.created": _("Created a policy"),
            "policy.changed": _("Changed a policy"),
            "policy.archived": _("Archived a policy"),
            "policy.restored": _("Restored a policy"),
            "clock.retried": _("Tried a postponed clock again"),
            "clock.retry_failed": _("Tried a postponed clock again, which failed"),
        }
    )
    register_subject("calendar", _("Calendar"), _calendars)
    register_subject("policy", _("Policy"), _policies)
    register_subject("clock", _("Clock"), _clocks)
    register_field("renamed", _("Renamed"))
    register_field("position", _("Place in the list"))


def _calendars(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Calendar.objects.filter(pk__in=ids)
    return {row.pk: Named(row.label, reverse("sla:calendar", args=[row.pk])) for row in rows}


def _policies(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Policy.objects.filter(pk__in=ids)
    return {row.pk: Named(row.label, reverse("sla:policy", args=[row.pk])) for row in rows}


def _clocks(ids: Sequence[int]) -> Mapping[int, Named]:
    """By number alone: whose clock it is, not every reader of the trail may know."""
    return {pk: Named(f"#{pk}") for pk in Clock.objects.filter(pk__in=ids).values_list("pk", flat=True)}
