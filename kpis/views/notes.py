"""Remarks on charts."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash

from ..access.notes import get_note, sites_to_annotate
from ..access.subjects import address
from ..actions import notes as acts
from ..forms.note import NoteForm
from .saved import is_reading_page

LONGEST: Final = 1000


@require_http_methods(["GET", "POST"])
@require_actor
def new(request: HttpRequest) -> HttpResponse:
    """Write a remark beside a site's figures."""
    actor = actor_of(request)
    if not sites_to_annotate(actor).exists():
        raise Http404
    form = NoteForm(request.POST if request.method == "POST" else None, actor=actor, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        acts.annotate(actor=actor, **form.cleaned_data)
        flash(request, _("Annotation added"))
        return redirect(_back(request.GET.get("back", "")) or address("site", form.cleaned_data["site"].code))
    context = {"form": form, "cancel_url": _back(request.GET.get("back", "")) or address("network", "")}
    return render(request, "kpis/note.html", context, status=422 if form.is_bound else 200)


@require_POST
@require_actor
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a remark off the charts."""
    actor = actor_of(request)
    note = get_note(actor, pk)
    acts.withdraw(actor=actor, note=note)
    flash(request, _("Annotation withdrawn"))
    own = address("site", note.site.code) if note.site else address("network", "")
    return redirect(_back(request.POST.get("back", "")) or own)


def _back(url: str) -> str:
    """The page of figures that somebody came from; empty for any other address."""
    return url if is_reading_page(url.partition("?")[0]) and len(url) <= LONGEST else ""
