"""What the rooms below show of this wing: navigation entries, and words of the trail."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.ui.registry import NavItem, register_nav
from sla.access import may_read_configuration, may_see_policies
from sla.models import Calendar, Policy


def register() -> None:
    """Calendars and policies for administrators and auditors, and for service leads; their words in the trail."""
    register_nav(
        NavItem("admin", "calendars", _("Calendars"), "sla:calendars", "cal", 30, visible=may_read_configuration)
    )
    register_nav(NavItem("admin", "policies", _("Policies"), "sla:policies", "clock", 31, visible=may_see_policies))
    _register_words()


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
        }
    )
    register_subject("calendar", _("Calendar"), _calendars)
    register_subject("policy", _("Policy"), _policies)
    register_field("renamed", _("Renamed"))
    register_field("position", _("Place in the list"))


def _calendars(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Calendar.objects.filter(pk__in=ids)
    return {row.pk: Named(row.label, reverse("sla:calendar", args=[row.pk])) for row in rows}


def _policies(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Policy.objects.filter(pk__in=ids)
    return {row.pk: Named(row.label, reverse("sla:policy", args=[row.pk])) for row in rows}
