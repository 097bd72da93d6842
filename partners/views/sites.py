"""Pages of sites."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor

from .. import access, actions, queries, rules
from ..forms import NameFilter, NewSiteForm, SiteForm
from ..models import Site
from .common import FormPage, data_of, edit, listing, press, reads, site_url


@reads
@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    """The list of sites."""
    actor, filters = actor_of(request), NameFilter(request.GET)

    def rows() -> Any:
        data = filters.cleaned_data
        visible = queries.listed(queries.sites_visible_to(actor), archived=data["archived"])
        return queries.site_rows(queries.named_like(visible, data["q"]))

    def more(items: list[Site]) -> dict[str, object]:
        people = queries.headcounts(actor, [s.pk for s in items], queries.today())
        return {
            "rows": [(s, people.get(s.pk, 0)) for s in items],
            "shows_people": rules.reads_people(actor),
            "may_add": bool(rules.configuring(actor)),
        }

    return listing(request, "partners/sites.html", filters, rows, more)


@reads
@require_safe
def site(request: HttpRequest, code: str) -> HttpResponse:
    """A site with its programmes, teams, leads and head count."""
    actor = actor_of(request)
    row = access.get_site(actor, code)
    return render(request, "partners/site.html", site_context(actor, row))


def site_context(actor: Actor, row: Site) -> dict[str, object]:
    """What the page of a site shows."""
    day = queries.site_today(row)
    shows_people = queries.sites_with_people(actor).filter(pk=row.pk).exists()
    programmes = queries.programmes_with_teams(row)
    team_ids = [team.pk for programme in programmes for team in programme.teams.all()]
    return {
        "site": row,
        "now": timezone.now(),
        "calendar": queries.calendar_label(row),
        "shows_people": shows_people,
        "headcount": queries.headcounts(actor, [row.pk], day).get(row.pk, 0),
        "leads": queries.leads_at(actor, row, day),
        "programmes": programmes,
        "team_people": queries.team_counts(actor, team_ids, day),
        "may_configure": bool(rules.configuring(actor)),
        "may_change": bool(rules.editing_site(actor, row.pk, row.partner_id)),
    }


@reads
@require_http_methods(["GET", "POST"])
def site_new(request: HttpRequest) -> HttpResponse:
    """Add a site."""
    actor = actor_of(request)
    access.permit_configuring(actor)
    page = FormPage(
        _("New site"), ["partners:sites", _("Sites"), "", _("New")], _("Add site"), reverse("partners:sites")
    )
    form = NewSiteForm(data_of(request), actor=actor, initial={"partner": request.GET.get("partner")})
    return edit(
        request,
        form,
        lambda f: actions.add_site(actor=actor, partner=f.cleaned_data["partner"], values=f.values()),
        page,
        lambda row: (site_url(row), _("Site added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def site_change(request: HttpRequest, code: str) -> HttpResponse:
    """Change a site."""
    actor = actor_of(request)
    row = access.get_site(actor, code)
    access.permit_configuring(actor)
    url = site_url(row)
    page = FormPage(_("Change site"), ["partners:sites", _("Sites"), url, row.label, "", _("Change")], _("Save"), url)
    form = SiteForm(data_of(request), initial=SiteForm.initial_from(row), calendar_held=row.calendar_id)
    return edit(
        request,
        form,
        lambda f: actions.change_site(actor=actor, code=code, version=f.seen_version, values=f.values()),
        page,
        lambda saved: (site_url(saved), _("Site saved")),
    )


@reads
@require_POST
def site_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Take a site out of use."""
    actor = actor_of(request)
    url = site_url(access.get_site(actor, code))
    undo = reverse("partners:site_restore", args=[code])
    return press(request, lambda: actions.archive_site(actor=actor, code=code), url, _("Site archived"), undo)


@reads
@require_POST
def site_restore(request: HttpRequest, code: str) -> HttpResponse:
    """Bring a site back into use."""
    actor = actor_of(request)
    url = site_url(access.get_site(actor, code))
    return press(request, lambda: actions.restore_site(actor=actor, code=code), url, _("Site restored"))
