"""Packs: the archive, one with all it froze, and how far it is while it is being made."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.htmx import not_modified
from portal.ui.pagination import keyset_page

from ..access import packs as access
from ..choices import PackState
from ..forms.packs import ArchiveForm
from ..queries import packs as queries
from ..queries.jobs import scope_label
from .pack_files import progress_of
from .pack_parts import context_of, period_name

SIZE = 50


@require_safe
@require_actor
def packs(request: HttpRequest) -> HttpResponseBase:
    """The archive, newest period first, narrowed down by the address."""
    actor = actor_of(request)
    access.permit_reading(actor)
    kinds, sites = queries.kinds_and_sites(actor)
    form = ArchiveForm(request.GET, kinds=kinds, sites=sites)
    rows = queries.archive(actor, form.filters())
    page = keyset_page(rows, order=("-first_day", "-id"), cursor=request.GET.get("cursor"), size=SIZE)
    lines = [(pack, scope_label(pack), period_name(pack)) for pack in page.items]
    return render(request, "reviews/packs.html", {"form": form, "lines": lines, "page": page})


@require_safe
@require_actor
def pack(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One pack: what is missing on top, then exceptions, then its sections in their order."""
    actor = actor_of(request)
    found = access.get_pack(actor, pk)
    return render(request, "reviews/pack.html", context_of(actor, found, {}))


@require_safe
@require_actor
def pack_progress(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Asked while workers are at it: nothing new, how its files stand, or have the page loaded again where more than these changed."""
    actor, seen = actor_of(request), request.GET.get("v", "")
    found = access.get_pack(actor, pk)
    context = progress_of(actor, found)
    if context["version"] == seen:
        return not_modified()
    if seen.partition("-")[0] != found.state or found.state == PackState.WAITING:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    # Whoever is writing a comment keeps it.
    return render(request, "reviews/_pack_news.html", context | {"swapped": True})
