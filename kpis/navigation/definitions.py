"""Entry of the side navigation for what KPIs are."""

from django.utils.translation import gettext_lazy as _

from portal.ui.registry import NavItem, register_nav

from ..queries.scope import reads_figures


def register() -> None:
    """One entry, for whoever reads figures."""
    register_nav(
        NavItem("performance", "definitions", _("KPI definitions"), "kpis:definitions", "book", 70, reads_figures)
    )
