"""Actions on pages of others: of a case, of a site, of a scorecard."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from portal.accounts.rules import Actor
from portal.ui.registry import Panel, register_home, register_panel

from ..access.places import spots_for
from ..choices import LIVE_ACTIONS
from ..models import Action
from ..queries import action_lists
from ..queries.scope import actions_visible_to, reads_reviews
from ..views import action_words as words

MOST = 8
SOON = timedelta(days=7)


def register() -> None:
    """Hang them in."""
    register_home(Panel("review_actions", 30, "reviews/_home_actions.html", due))
    register_panel("case", Panel("review_actions", 50, "reviews/_case_actions.html", of_case))
    register_panel("scorecard", Panel("review_actions", 50, "reviews/_site_actions.html", of_scorecard))
    register_panel("site", Panel("review_actions", 50, "reviews/_site_actions.html", of_site))


def due(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On "My day": what the reader has to do within a week, the longest overdue first."""
    if not reads_reviews(actor):
        return None
    rows = lines(action_lists.due_soon(actor, timezone.now() + SOON)[:MOST])
    return {"lines": rows, "url": f"{reverse('reviews:actions')}?whose=mine"} if rows else None


def lines(rows: Iterable[Action]) -> list[dict[str, Any]]:
    """As lists of other pages show them."""
    return [
        {"action": one, "place": words.place_text(one), "zone": words.zone_of(one), "url": reverse("reviews:action", args=[one.ref])}
        for one in rows
    ]  # fmt: skip


def of_case(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of a case: what came of it, whatever its state, and the way to raise an action."""
    case: Any = obj
    if not reads_reviews(actor):
        return None
    rows = actions_visible_to(actor).filter(case=case.pk).order_by("-pk")
    return _panel(actor, rows, f"case:{case.ref}", case.site_id, "")


def of_site(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of a site: what is somebody's business there."""
    site: Any = obj
    if not reads_reviews(actor):
        return None
    rows = actions_visible_to(actor).filter(site=site.pk, state__in=LIVE_ACTIONS).order_by("due_at", "pk")
    return _panel(actor, rows, "", site.pk, site.code)


def of_scorecard(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On a site's scorecard: what is to move its figures, and the way to raise an action out of the cell in sight.

    `obj` has the site, and the KPI and the period that are looked at.
    """
    cell: Any = obj
    if cell.site is None or not reads_reviews(actor):
        return None
    rows = actions_visible_to(actor).filter(site=cell.site.pk, kpi__isnull=False, state__in=LIVE_ACTIONS)
    key = f"scorecard:{cell.site.code}:{cell.kpi_code}:{cell.period}" if cell.kpi_code else ""
    return _panel(actor, rows.order_by("due_at", "pk"), key, cell.site.pk, cell.site.code)


def _panel(actor: Actor, rows: QuerySet[Action], key: str, site_id: int | None, code: str) -> dict[str, Any] | None:
    found = lines(action_lists.shown(rows)[:MOST])
    may_raise = any(site_id is None or one.place.site_id == site_id for one in spots_for(actor))
    if not found and not may_raise:
        return None
    asked = {"from": key} if key else {"place": f"site-{code}"}
    return {
        "lines": found,
        "raise_url": f"{reverse('reviews:action_new')}?{urlencode(asked)}" if may_raise else "",
        "all_url": f"{reverse('reviews:actions')}?{urlencode({'site': code})}" if code else "",
    }
