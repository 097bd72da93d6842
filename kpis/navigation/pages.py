"""Entries of the side navigation, and words for the trail of the pages of figures."""

from django.utils.translation import gettext_lazy as _

from portal.audit.registry import register_field, register_verbs
from portal.ui.registry import NavItem, register_nav

from ..queries.scope import reads_figures

VERBS = {
    "figures.exported": _("Exported figures"),
    "annotation.created": _("Added an annotation"),
    "annotation.withdrawn": _("Withdrew an annotation"),
}


def register() -> None:
    """Navigation and verbs."""
    register_nav(NavItem("performance", "network", _("Network"), "kpis:network", "grid", 10, reads_figures, go="n"))
    register_nav(
        NavItem("performance", "scorecards", _("Scorecards"), "kpis:scorecards", "chart", 20, reads_figures, go="s")
    )
    register_nav(NavItem("performance", "signals", _("Signals"), "kpis:alerts", "bell", 30, reads_figures))
    register_nav(NavItem("performance", "views", _("Saved views"), "kpis:views", "pin", 35, reads_figures))
    register_verbs(VERBS)
    register_field("first_day", _("From"))
    register_field("last_day", _("To"))
