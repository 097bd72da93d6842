"""Who was where on a day; the org chart; how many came and went."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor

from .. import access, queries
from ..forms import DayFilter
from ..models import Site
from .common import reads

COLLAPSED_FROM = 40


def asked_day(request: HttpRequest, site: Site) -> tuple[forms.Form, date]:
    """The day that the address asks for, today at the site if none or none that can be read."""
    today = queries.site_today(site)
    form = DayFilter(request.GET if "on" in request.GET else None, initial={"on": today})
    return form, (form.cleaned_data["on"] if form.is_bound and form.is_valid() else today)


def _readable(actor: Actor, code: str) -> Site:
    """A site whose people the actor may see; Http404 for every other one."""
    site = access.get_site(actor, code)
    access.require(queries.sites_with_people(actor).filter(pk=site.pk).exists())
    return site


@reads
@require_safe
def site_roster(request: HttpRequest, code: str) -> HttpResponse:
    """Everybody at a site on a day."""
    actor = actor_of(request)
    site = _readable(actor, code)
    form, day = asked_day(request, site)
    placements = queries.roster_on(actor, site, day)
    leave = queries.on_leave([p.person_id for p in placements], day)
    context = {"site": site, "form": form, "day": day, "rows": [(p, leave.get(p.person_id)) for p in placements]}
    return render(request, "partners/site_roster.html", context, status=_status(form))


@reads
@require_safe
def site_chart(request: HttpRequest, code: str) -> HttpResponse:
    """The org chart of a site on a day."""
    actor = actor_of(request)
    site = _readable(actor, code)
    form, day = asked_day(request, site)
    tree = queries.chart(actor, site, day)
    number = sum(branch.number for branch in tree)
    context: dict[str, Any] = {"site": site, "form": form, "day": day, "tree": tree, "number": number}
    return render(
        request, "partners/site_chart.html", {**context, "opened": number < COLLAPSED_FROM}, status=_status(form)
    )


@reads
@require_safe
def site_movement(request: HttpRequest, code: str) -> HttpResponse:
    """Headcount and attrition of a site by month."""
    site = _readable(actor_of(request), code)
    months = queries.movement(site, queries.site_today(site))
    return render(request, "partners/site_movement.html", {"site": site, "months": months})


def _status(form: forms.Form) -> int:
    return 400 if form.is_bound and not form.is_valid() else 200
