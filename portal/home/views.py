"""My day, and search over everything the reader may see."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.home.forms import SearchForm
from portal.home.pieces import COLUMN, RAIL, panels_for, pieces, shown
from portal.home.rules import part_of_day
from portal.ui.htmx import is_htmx
from portal.ui.registry import SearchAsk, SearchGroup, search_everything, searched

HITS_PER_SOURCE = 20
GREETINGS = {"morning": _("Good morning"), "afternoon": _("Good afternoon"), "evening": _("Good evening")}


@require_GET
@require_actor
def day(request: HttpRequest) -> HttpResponse:
    """What to do now, as the wings see it for this reader."""
    now = timezone.localtime()
    context = {
        "greeting": GREETINGS[part_of_day(now.time())],
        "now": now,
        "column": pieces(request, COLUMN),
        "rail": pieces(request, RAIL),
    }
    return render(request, "home/day.html", context)


@require_GET
@require_actor
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """One piece of the day: for the page that fetches it alone, for readers without script a page of its own. 404 for what is not theirs."""
    actor = actor_of(request)
    found = next((one for place in (COLUMN, RAIL) for one in panels_for(actor, place) if one.key == key), None)
    if found is None or not found.later:
        raise Http404
    piece = shown(request, found)
    if is_htmx(request):
        return HttpResponse(piece)
    return render(request, "home/panel.html", {"label": found.label, "piece": piece})


@require_GET
@require_actor
def search(request: HttpRequest) -> HttpResponse:
    """Hits of every source, or pages of one; each source starts at what the reader may see. htmx gets the results alone."""
    actor = actor_of(request)
    form = SearchForm(request.GET or None, actor=actor)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    template = "home/_results.html" if is_htmx(request) else "home/search.html"
    groups = [_linked(request, group) for group in _found(request, actor, form, text)] if text else []
    context = {"form": form, "text": text, "groups": groups, "limit": HITS_PER_SOURCE}
    return render(request, template, context, status=422 if form.errors else 200)


def _found(request: HttpRequest, actor: Actor, form: SearchForm, text: str) -> list[SearchGroup]:
    source = form.source_asked
    if source is None:
        return search_everything(actor, text, HITS_PER_SOURCE)
    ask = SearchAsk(text, HITS_PER_SOURCE, request.GET.get("cursor") or None, form.filters)
    group = searched(source, actor, ask)
    return [group] if group.hits or group.note else []


def _linked(request: HttpRequest, group: SearchGroup) -> dict[str, Any]:
    """A group with the address of what comes after it: of the same kind alone, with what narrows it."""
    asked = request.GET.copy()
    asked.pop("cursor", None)
    asked["kind"] = group.key
    here = request.GET.get("kind") == group.key
    following = {"cursor": group.next_cursor} if here and group.next_cursor else {}
    more = f"?{urlencode([*asked.items(), *following.items()])}" if group.next_cursor else ""
    return {
        "group": group,
        "more_url": more,
        "here": here,
        "first_url": f"?{asked.urlencode()}" if request.GET.get("cursor") else "",
    }
