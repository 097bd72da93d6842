"""What this wing hangs into its own pages of figures."""

from portal.ui.registry import Panel, register_panel

from .views.saved import menu

#: Shown by `kpis/_views.html`; its object is the page's address with the query.
VIEWS_MENU = "kpis_views"


def register() -> None:
    """Make them known."""
    register_panel(VIEWS_MENU, Panel("views", 10, "kpis/_views_menu.html", menu))
