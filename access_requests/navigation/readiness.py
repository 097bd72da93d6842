"""What readiness, the matrix, certificates and trouble hang into the shell."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from partners.registry import register_life
from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.audit.registry import Named, register_subject, register_verbs
from portal.ui.registry import NavItem, Panel, register_nav, register_panel

from ..addresses import address
from ..notices_readiness import register as register_notices
from ..panels import access_over_time, person_access, roster_requests
from ..queries.scope import SEE_ALL, SITE_READERS

VERBS = {
    "access_item.nudge": _("Sent a reminder about an item"),
    "access_trouble.reported": _("Reported trouble"),
    "access_trouble.take": _("Took a report of trouble"),
    "access_trouble.solve": _("Solved a report of trouble"),
    "access_trouble.cancel": _("Took a report of trouble back"),
    "access_incident.opened": _("Made one incident of several reports"),
    "access_incident.closed": _("Closed an incident"),
    "access_matrix.exported": _("Exported the access matrix"),
    "access_certificate.exported": _("Exported a certificate of access"),
}


def register() -> None:
    """Entries of the side navigation, panels, notices, and words for the trail."""
    register_nav(NavItem("access", "readiness", _("Readiness"), "access:readiness", "users", 15, _reads, go="r"))
    register_nav(NavItem("access", "access_matrix", _("Access matrix"), "access:matrix", "grid", 50, _reads))
    register_nav(NavItem("access", "trouble", _("Trouble"), "access:trouble", "warn", 60, _reads_trouble))
    register_panel("person", Panel("access", 10, "access_requests/_person_panel.html", person_access))
    register_life(access_over_time)
    register_panel("roster", Panel("access", 10, "access_requests/_roster_panel.html", roster_requests))
    register_notices()
    register_verbs(VERBS)
    register_subject("access_incident", _("Incident"), _incident_names)


def _incident_names(ids: Sequence[int]) -> Mapping[int, Named]:
    return {pk: Named(f"IN-{pk}", address("incident", pk)) for pk in ids}


def _reads(actor: Actor) -> bool:
    return actor.has(*SEE_ALL, *SITE_READERS)


def _reads_trouble(actor: Actor) -> bool:
    return _reads(actor) or actor.has(Role.IT)
