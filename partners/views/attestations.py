"""The weekly word on leavers: given by a site's lead, followed by its coordinator."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.requests import actor_of

from .. import access, actions, queries, rules
from ..choices import AttestationState
from ..queries.attestations import SiteWeek
from .common import press, reads_rosters

WEEKS = 6


@reads_rosters
@require_safe
def attestations(request: HttpRequest) -> HttpResponse:
    """A table of sites and weeks; four queries. Where it is Monday already a week has begun that elsewhere has not."""
    actor = actor_of(request)
    now = timezone.now()
    sites = list(queries.peopled(queries.sites_to_attest(actor), now.date()).select_related("partner"))
    rows = [{cell.week: cell for cell in cells} for cells in queries.site_weeks(sites, now, weeks=WEEKS)]
    weeks = sorted({week for row in rows for week in row}, reverse=True)[:WEEKS]
    leads = queries.names_of_leads(sites, now)
    late = [site for site, row in zip(sites, rows, strict=True) if _is_late(row)]
    context = {
        "rows": [
            (site, [row.get(week) for week in weeks], bool(rules.attesting(actor, site.pk)), leads.get(site.pk, []))
            for site, row in zip(sites, rows, strict=True)
        ],
        "weeks": weeks,
        "late": late,
    }
    return render(request, "partners/attestations.html", context)


def _is_late(row: dict[date, SiteWeek]) -> bool:
    """Whether the last whole week of a site lacks its word."""
    return any(cell.state == AttestationState.OVERDUE for _week, cell in sorted(row.items(), reverse=True)[:2])


@reads_rosters
@require_POST
def attest(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """Confirm a week of a site."""
    actor = actor_of(request)
    access.permit_attesting(actor, access.get_attested_site(actor, code))
    try:
        day = date.fromisoformat(week)
    except ValueError as error:
        raise Http404 from error
    if day.weekday():
        raise Http404
    return press(
        request,
        lambda: actions.attest(actor=actor, code=code, week=day),
        reverse("partners:attestations"),
        _("Confirmed. Report a leaver at once when you hear of one"),
    )
