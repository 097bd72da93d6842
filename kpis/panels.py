"""What this wing hangs into its own pages of figures, and into "My day"."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import Panel, register_home, register_panel

from .choices import SignalKind
from .queries.scope import reads_figures
from .queries.signals import events_visible_to
from .views.alerts import lines
from .views.saved import menu

LATELY: Final = timedelta(days=14)
MOST: Final = 6
#: Shown by `kpis/_views.html`; its object is the page's address with the query.
VIEWS_MENU = "kpis_views"


def register() -> None:
    """Make them known."""
    register_panel(VIEWS_MENU, Panel("views", 10, "kpis/_views_menu.html", menu))
    register_home(Panel("signals", 50, "ui/_todo.html", signals, _("Signals"), reads_figures, later=True))


def signals(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """What was found in figures lately, the newest first."""
    since = timezone.now() - LATELY
    events = events_visible_to(actor).filter(created_at__gte=since).select_related("site", "kpi")
    rows = [
        {
            "title": f"{line.event.kpi.label} · {line.event.site.label}",
            "detail": f"{line.value} · {line.period}",
            "url": reverse("kpis:alert", args=[line.event.pk]),
            "badge": line.event.get_kind_display(),
            "tone": "red" if line.event.kind == SignalKind.RED else "amber",
        }
        for line in lines(list(events.order_by("-created_at", "-id")[:MOST]))
    ]
    return {
        "key": "signals",
        "heading": _now("Signals"),
        "rows": rows,
        "empty_title": _now("No new signal"),
        "empty_text": _now("Figures have been as expected for two weeks."),
        "more_url": reverse("kpis:alerts"),
        "more_text": _now("All signals"),
    }
