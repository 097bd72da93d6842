"""The weekly word on leavers: given by a site's lead, followed by its coordinator."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from .. import access, actions, queries, rules
from .common import actor_of, press, reads_rosters

WEEKS = 6


@reads_rosters
@require_safe
def attestations(request: HttpRequest) -> HttpResponse:
    """A table of sites and weeks; three queries."""
    actor = actor_of(request)
    now = timezone.now()
    sites = list(queries.peopled(queries.sites_to_attest(actor), now.date()).select_related("partner"))
    rows = queries.site_weeks(sites, now, weeks=WEEKS)
    context = {
        "rows": [(cells[0].site, cells, bool(rules.attesting(actor, cells[0].site.pk))) for cells in rows],
        "weeks": [cell.week for cell in rows[0]] if rows else [],
    }
    return render(request, "partners/attestations.html", context)


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
