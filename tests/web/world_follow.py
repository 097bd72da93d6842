"""A signal, and what the administrator keeps for themselves, for the addresses of signals and saved views."""

from datetime import date
from decimal import Decimal
from typing import Any

from kpis.models import AlertEvent, Follow, Kpi, SavedView
from partners.models import Site
from portal.accounts.models import User


def follow_args(site: Site, administrator: User) -> dict[str, dict[str, Any]]:
    """A signal at the site; something followed, and a view."""
    kpi = Kpi.objects.get(code="service-level")
    signal = AlertEvent.objects.create(
        site=site, kpi=kpi, kind="red", grain="week", period=date(2026, 11, 9), value=Decimal("0.69")
    )
    follow = Follow.objects.create(user=administrator)
    view = SavedView.objects.create(user=administrator, name="Mine", path="/performance/alerts/")
    return {"signal": {"pk": signal.pk}, "follow": {"pk": follow.pk}, "saved_view": {"pk": view.pk}}
