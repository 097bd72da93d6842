"""The page of the trail. It knows the reader only by `request.actor`; accounts stand above this room."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.audit import registry
from portal.audit.forms import AuditFilter
from portal.audit.models import AuditEntry
from portal.audit.paging import Page, page_of
from portal.audit.queries import entries, lines_of


@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """All entries, newest first, filtered. For administrators and auditors."""
    if not request.actor.can("read_audit"):  # type: ignore[attr-defined]
        raise Http404
    form = AuditFilter(request.GET or None)
    page = _page(request, form)
    context = {"form": form, "page": page, "lines": lines_of(page.items)}
    return render(request, "audit/trail.html", context)


def _page(request: HttpRequest, form: AuditFilter) -> Page[AuditEntry]:
    if form.is_bound and not form.is_valid():
        return Page([], None, None)
    data = form.cleaned_data if form.is_bound else {}
    since, until = form.period() if form.is_bound else (None, None)
    who = data.get("actor", "")
    found = entries(
        actor_ids=registry.find_people(who) if who else None,
        verb=data.get("verb", ""),
        subject_type=data.get("subject_type", ""),
        subject_id=data.get("subject_id"),
        since=since,
        until=until,
    )
    return page_of(found, column="pk", cursor=request.GET.get("cursor"), descending=True)
