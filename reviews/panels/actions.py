"""Actions on pages of others: of a case, of a site, of a scorecard; they are fetched after the page. And what is due, on "My day"."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.ahead import Due, register_ahead
from portal.ui.registry import Act, Panel, register_act, register_home, register_panel

from ..queries import action_lists
from ..queries.scope import reads_reviews
from ..views.actions_of import MOST, lines, title_of

SOON = timedelta(days=7)
LATER = "reviews/_actions_later.html"


def register() -> None:
    """Hang them in."""
    register_home(
        Panel(
            "review_actions",
            30,
            "reviews/_home_actions.html",
            due,
            _("Actions due"),
            reads_reviews,
            later=True,
            hushed=True,
        )
    )
    register_ahead("actions", ahead)
    register_act(Act("review_action", 50, _("Raise an action"), "reviews:action_new", "check", _raises))
    register_panel("case", Panel("review_actions", 50, LATER, later(_of_case)))
    register_panel("scorecard", Panel("review_actions", 50, LATER, later(_of_scorecard)))
    register_panel("site", Panel("review_actions", 50, LATER, later(_of_site)))


def _raises(actor: Actor) -> bool:
    return actor.can("run_reviews") or actor.can("answer_actions")


def due(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On "My day": what the reader has to do within a week, the longest overdue first."""
    if not reads_reviews(actor):
        return None
    rows = lines(action_lists.due_soon(actor, timezone.now() + SOON)[:MOST])
    return {"lines": rows, "url": f"{reverse('reviews:actions')}?whose=mine"} if rows else None


def ahead(actor: Actor, since: datetime, until: datetime, most: int) -> Iterable[Due]:
    """What the reader has to do that is due from one instant to another."""
    rows = action_lists.due_soon(actor, until).filter(due_at__gt=since)[:most] if reads_reviews(actor) else ()
    return [
        Due(line["action"].due_at, line["action"].title, f"{line['action'].ref} · {line['place']}", line["url"])
        for line in lines(rows)
    ]


def later(of: Callable[[Any], tuple[str, str]]) -> Callable[[Actor, object], Mapping[str, Any] | None]:
    """A panel that asks an address of its own, which says what the reader may see; `of` gives it with a name. No query."""

    def panel(actor: Actor, obj: object) -> Mapping[str, Any] | None:
        url, name = of(obj) if reads_reviews(actor) else ("", "")
        return {"url": url, "title": title_of(name), "apart": of is _of_case} if url else None

    return panel


def _of_case(case: Any) -> tuple[str, str]:
    return reverse("reviews:actions_of_case", args=[case.ref]), case.ref


def _of_site(site: Any) -> tuple[str, str]:
    return reverse("reviews:actions_of_site", args=[site.code]), site.label


def _of_scorecard(card: Any) -> tuple[str, str]:
    """Nothing for the scorecard of anything but a site."""
    if card.subject.kind != "site":
        return "", ""
    site = card.subject.site
    url = reverse("reviews:actions_of_scorecard", args=[site.code])
    cell = {"kpi": card.chosen.kpi.code, "period": card.asked.period.key} if card.chosen is not None else {}
    return f"{url}?{urlencode(cell)}" if cell else url, site.label
