"""A clock explained."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.htmx import is_htmx
from sla import access, registry
from sla.queries import explanation, pill


@require_safe
@require_actor
def clock(request: HttpRequest, clock_id: int) -> HttpResponseBase:
    """How a due time came about, line by line; 404 for whoever may not see the subject, or know of the clock."""
    actor = actor_of(request)
    found = access.get_clock(actor, clock_id)
    if found is None:
        raise Http404
    kind = registry.kind_of(found.subject_kind)
    context = {
        "clock": found,
        "pill": pill(found, timezone.now()),
        "explained": explanation(found, actor),
        "title": kind.title_of(found.subject_id) if kind.title_of else f"{kind.label} {found.subject_id}",
        "subject_url": kind.url_of(found.subject_id) if kind.url_of else "",
    }
    template = "sla/clock.html#explanation" if is_htmx(request) else "sla/clock.html"
    return render(request, template, context)
