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

from ..choices import LIVE_ACTIONS
from ..models import Action
from ..queries import action_lists
from ..queries.scope import actions_of, actions_visible_to, reads_reviews
from ..rules.actions import may_raise
from ..rules.standing import Place
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
    rows = actions_of(actor, case.pk).order_by("-pk")
    may = _may_raise(actor, case.site) if case.site else actor.can("run_reviews")
    return _panel(rows, {"from": f"case:{case.ref}"} if may else {}, "")


def of_site(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of a site: what is somebody's business there."""
    site: Any = obj
    if not reads_reviews(actor):
        return None
    rows = actions_visible_to(actor).filter(site=site.pk, state__in=LIVE_ACTIONS).order_by("due_at", "pk")
    return _panel(rows, {"place": f"site-{site.code}"} if _may_raise(actor, site) else {}, site.code)


def of_scorecard(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On a site's scorecard: what is to move its figures, and the way to raise an action out of the cell in sight."""
    card: Any = obj
    if card.subject.kind != "site" or not reads_reviews(actor):
        return None
    site = card.subject.site
    rows = actions_visible_to(actor).filter(site=site.pk, kpi__isnull=False, state__in=LIVE_ACTIONS)
    asked = {"place": f"site-{site.code}"}
    if card.chosen is not None:
        asked = {"from": f"scorecard:{site.code}:{card.chosen.kpi.code}:{card.asked.period.key}"}
    return _panel(rows.order_by("due_at", "pk"), asked if _may_raise(actor, site) else {}, site.code)


def _may_raise(actor: Actor, site: Any) -> bool:
    return may_raise(actor, Place(site.pk, site.partner_id)) is not None


def _panel(rows: QuerySet[Action], asked: Mapping[str, str], code: str) -> dict[str, Any] | None:
    """`asked`: with what an action is raised here; empty where the reader raises none."""
    found = lines(action_lists.shown(rows)[:MOST])
    if not found and not asked:
        return None
    return {
        "lines": found,
        "raise_url": f"{reverse('reviews:action_new')}?{urlencode(asked)}" if asked else "",
        "all_url": f"{reverse('reviews:actions')}?{urlencode({'site': code})}" if code else "",
    }
