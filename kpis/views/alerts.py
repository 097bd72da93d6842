"""Signals, and who follows what."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash, form_response
from portal.ui.pagination import keyset_page

from ..actions import follows as acts
from ..forms.follow import FollowForm
from ..models import AlertEvent
from ..queries.scope import READERS
from ..queries.signals import events_visible_to, follows_of, period_of
from ..wording.periods import period_text
from ..wording.values import value_text
from .exporting import Line as ExportLine
from .exporting import about, table_file
from .signal_charts import behind, chart_of
from .signal_tables import card_of, table_of

reads = require_role(*READERS)
PAGE, ONE = "kpis/alerts.html", "kpis/alert.html"


@dataclass(frozen=True, slots=True)
class Line:
    """A signal as the list shows it."""

    event: AlertEvent
    value: str
    period: str


@require_safe
@reads
def alerts(request: HttpRequest) -> HttpResponse:
    """The newest signals, and what the reader follows."""
    return render(request, PAGE, _context(request, FollowForm(actor=actor_of(request))))


@require_safe
@reads
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One signal with its chart; for those who read the site's figures."""
    event = get_object_or_404(events_visible_to(actor_of(request)).select_related("site", "kpi"), pk=pk)
    found, scorecard = behind(event, card_of(event)), reverse("kpis:site", args=[event.site.code])
    query = urlencode({"period": period_of(event).key})
    return render(
        request, ONE,
        {
            "event": event, "table": table_of(found), "drawn": chart_of(found, scorecard), "scorecard_url": scorecard_url(event),
            "why_url": f"{reverse('kpis:site_why', args=[event.site.code, event.kpi.code])}?{query}",
        },
    )  # fmt: skip


@require_POST
@reads
def follow(request: HttpRequest) -> HttpResponse:
    """Follow a site, a KPI, or all."""
    form = FollowForm(request.POST, actor=actor_of(request))
    if not form.is_valid():
        return form_response(request, PAGE, _context(request, form))
    site, kpi = form.chosen
    acts.follow(actor=actor_of(request), site_id=site.pk if site else None, kpi_id=kpi.pk if kpi else None)
    flash(request, _("You will hear of new signals"))
    return redirect("kpis:alerts")


@require_POST
@reads
def unfollow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow it no longer."""
    acts.unfollow(actor=actor_of(request), follow_id=pk)
    flash(request, _("You will not hear of it any more"))
    return redirect("kpis:alerts")


@require_POST
@reads
def export(request: HttpRequest) -> HttpResponseBase:
    """All signals in sight as a table, the newest first."""
    actor = actor_of(request)
    rows = events_visible_to(actor).select_related("site__partner", "kpi").order_by("-created_at", "-pk")
    head = [
        _("KPI"), _("Partner"), _("Site"), _("Signal"), _("Value"), _("Unit"), _("Period"), _("From"), _("To"), _("Found"),
    ]  # fmt: skip
    told = about(request, _("Signals"))
    changes = {"subject": "signals"}
    return table_file(
        request, actor, head, [_cells(event) for event in rows], file="signals", told=told, changes=changes
    )


def _cells(event: AlertEvent) -> ExportLine:
    period = period_of(event)
    return [
        event.kpi.label, event.site.partner.label, event.site.label, event.get_kind_display(), float(event.value),
        event.kpi.get_unit_display(), period_text(period), period.first, period.last,
        timezone.localtime(event.created_at).strftime("%Y-%m-%d %H:%M"),
    ]  # fmt: skip


def _context(request: HttpRequest, form: FollowForm) -> dict[str, object]:
    actor = actor_of(request)
    rows = events_visible_to(actor).select_related("site", "kpi")
    page = keyset_page(rows, order=("-created_at", "-id"), cursor=request.GET.get("cursor"))
    return {
        "page": page, "lines": lines(page.items), "follows": follows_of(actor), "form": form,
        "export_url": reverse("kpis:alerts_export"),
    }  # fmt: skip


def lines(events: Sequence[AlertEvent]) -> list[Line]:
    """The signals in the reader's language."""
    return [
        Line(
            event,
            value_text(event.value, event.kpi.unit, event.kpi.decimals),
            period_text(period_of(event)),
        )
        for event in events
    ]


def scorecard_url(event: AlertEvent) -> str:
    """The site's scorecard in the signal's period with the KPI open."""
    query = urlencode({"period": period_of(event).key, "kpi": event.kpi.code})
    return f"{reverse('kpis:site', args=[event.site.code])}?{query}#control"
