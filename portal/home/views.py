"""My day, and search over everything the reader may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import Context
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.home.forms import SearchForm
from portal.home.rules import part_of_day
from portal.ui.htmx import is_htmx
from portal.ui.registry import SearchGroup, search_everything
from portal.ui.templatetags.ui import panels

HITS_PER_SOURCE = 20
GREETINGS = {"morning": _("Good morning"), "afternoon": _("Good afternoon"), "evening": _("Good evening")}


@require_GET
@require_actor
def day(request: HttpRequest) -> HttpResponse:
    """What to do now, as the wings see it for this reader."""
    now = timezone.localtime()
    rail = panels(Context({"request": request}), "home_rail")
    context = {"greeting": GREETINGS[part_of_day(now.time())], "now": now, "rail": rail}
    return render(request, "home/day.html", context)


@require_GET
@require_actor
def search(request: HttpRequest) -> HttpResponse:
    """Hits of every source; each source starts at what the reader may see. htmx gets the results alone."""
    form = SearchForm(request.GET or None)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    groups: list[SearchGroup] = search_everything(actor_of(request), text, HITS_PER_SOURCE) if text else []
    template = "home/_results.html" if is_htmx(request) else "home/search.html"
    context = {"form": form, "text": text, "groups": groups, "limit": HITS_PER_SOURCE}
    return render(request, template, context, status=422 if form.errors else 200)
