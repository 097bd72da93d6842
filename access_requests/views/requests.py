"""Requests as a list, and its export."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.exports import csv_response
from portal.ui.pagination import keyset_page

from .. import queries, rules
from ..forms.requests import RequestFilter
from ..models import AccessRequest, RequestItem
from ..queries import requests as listing
from ..queries.scope import SEE_ALL, SITE_READERS
from .request_words import TONES, due_pill, label_of

READERS: Final = (*SEE_ALL, *SITE_READERS)
_EXPORT_MOST: Final = 50_000

reads = require_role(*READERS)


@require_safe
@reads
def request_list(request: HttpRequest) -> HttpResponseBase:
    """Requests of the reader's sites by tab, newest first."""
    actor = actor_of(request)
    tab = request.GET.get("tab", "open")
    tab = tab if tab in listing.TABS else "open"
    filters = RequestFilter(request.GET, sites=_sites(actor))
    found = _filtered(actor, tab, filters)
    if isinstance(found, AccessRequest):
        return redirect("access:request", found.ref)
    page = None if found is None else keyset_page(found, order=("-id",), cursor=request.GET.get("cursor"))
    items = [] if page is None else list(page.items)
    context = {
        "tabs": _tabs(actor, tab),
        "tab": tab,
        "filters": filters,
        "page": page,
        "rows": _rows(items),
        "drafts": listing.drafts_of(actor) if tab in {"open", "mine"} else [],
        "may_request": actor.can("request_access"),
        "filtered": any(request.GET.get(name) for name in ("q", "site", "kind", "state")),
    }
    return render(request, "access_requests/requests.html", context, status=400 if page is None else 200)


@require_safe
@reads
def request_export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is narrowed, as CSV, an item per line."""
    actor = actor_of(request)
    tab = request.GET.get("tab", "open")
    filters = RequestFilter(request.GET, sites=_sites(actor))
    found = _filtered(actor, tab if tab in listing.TABS else "open", filters)
    if found is None:
        return redirect(reverse("access:requests"))
    rows = AccessRequest.objects.filter(pk=found.pk) if isinstance(found, AccessRequest) else found
    heading = [_("Request"), _("Kind"), _("Site"), _("Person"), _("Access"), _("Operation"), _("State"), _("Due"),
               _("Sent"), _("Requested by")]  # fmt: skip
    return csv_response("requests.csv", heading, _exported(rows))


def _exported(rows: Any) -> Iterator[list[object]]:
    items = RequestItem.objects.filter(request__in=rows).select_related(
        "request__site", "request__requested_by", "person", "entitlement__system"
    )
    for one in items.order_by("-request_id", "pk")[:_EXPORT_MOST].iterator(chunk_size=2000):
        asked = one.request
        yield [
            asked.ref, asked.get_kind_display(), asked.site.label, one.person.label, label_of(one.entitlement),
            one.get_operation_display(), one.get_state_display(), _iso(one.due_at), _iso(asked.submitted_at),
            asked.requested_by.name if asked.requested_by else "",
        ]  # fmt: skip


def _iso(at: Any) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _sites(actor: Actor) -> Any:
    rows = directory.sites_visible_to(actor)
    if not queries.sees_all(actor):
        rows = rows.filter(pk__in=queries.site_ids(actor))
    return rows.select_related("partner").order_by("name", "pk")


def _filtered(actor: Actor, tab: str, filters: RequestFilter) -> Any:
    """The rows; the request itself where the text is its reference; None for a filter that cannot be read."""
    if not filters.is_valid():
        return None
    data = filters.cleaned_data
    text = data["q"]
    number = rules.request_number(text) if text.upper().startswith("AR-") else None
    if number is not None and (exact := queries.visible_to(actor).filter(pk=number).first()):
        return exact
    rows = listing.in_tab(actor, tab)
    rows = listing.narrowed(rows, text=text, site=data["site"], kind=data["kind"], state=data["state"])
    return rows.select_related("site__partner", "requested_by")


def _tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    labels = {
        "open": pgettext("state", "Open"),
        "mine": _("Mine"),
        "attention": _("Needs attention"),
        "done": _("Done"),
    }
    counts = listing.tab_counts(actor)
    base = reverse("access:requests")
    return [
        {"key": key, "label": labels[key], "count": counts[key], "url": f"{base}?tab={key}", "current": key == current}
        for key in listing.TABS
    ]


def _rows(found: list[AccessRequest]) -> list[dict[str, Any]]:
    progress = listing.progress_of([one.pk for one in found])
    return [
        {
            "request": one,
            "progress": progress.get(one.pk, listing.Progress()),
            "people": _people_text(progress.get(one.pk, listing.Progress())),
            "tone": TONES.get(one.state, ""),
            "pill": due_pill(one),
        }
        for one in found
    ]


def _people_text(progress: listing.Progress) -> str:
    if progress.people <= 1:
        return progress.first_person
    others = progress.people - 1
    text = ngettext("%(name)s and %(n)d other", "%(name)s and %(n)d others", others)
    return text % {"name": progress.first_person, "n": others}
