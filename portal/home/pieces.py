"""The pieces of "My day": some stand on the page, the others are fetched after it."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.home.arranging import arranged
from portal.ui.registry import Panel, panels_of

COLUMN, RAIL = "home", "home_rail"


def panels_for(actor: Actor, place: str) -> list[Panel]:
    """What is there for this reader, in the order of their roles. No query."""
    return [panel for panel in arranged(actor, panels_of(place)) if panel.visible(actor)]


def pieces(request: HttpRequest, place: str) -> list[str]:
    """The column or the rail. The first of what may come later in the column comes at once, so that nobody waits for it."""
    found: list[str] = []
    waited = place == COLUMN
    for panel in panels_for(actor_of(request), place):
        if panel.later and not waited:
            found.append(render_to_string("home/_later.html", {"panel": panel, "place": place}, request))
            continue
        waited = waited and not panel.later
        found.append(shown(request, panel))
    return [piece for piece in found if piece]


def shown(request: HttpRequest, panel: Panel) -> str:
    """One panel, "" if it has nothing to show."""
    actor = actor_of(request)
    data = panel.context(actor, None)
    return "" if data is None else render_to_string(panel.template, {"actor": actor, "object": None, **data}, request)
