"""Pages of programmes and teams."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.requests import actor_of

from .. import access, actions, queries, rules
from ..forms import NameFilter, ProgrammeForm, TeamForm
from ..models import Programme, Team
from .common import FormPage, data_of, edit, listing, press, reads, site_url
from .history import asked_day


def programme_url(programme: Programme) -> str:
    """The address of a programme's page."""
    return reverse("partners:programme", args=[programme.pk])


def team_url(team: Team) -> str:
    """The address of a team's page."""
    return reverse("partners:team", args=[team.pk])


@reads
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The list of programmes over all visible sites."""
    actor, filters = actor_of(request), NameFilter(request.GET)

    def rows() -> Any:
        data = filters.cleaned_data
        visible = queries.listed(queries.programmes_visible_to(actor), archived=data["archived"])
        return queries.programme_rows(queries.named_like(visible, data["q"]))

    return listing(request, "partners/programmes.html", filters, rows)


@reads
@require_safe
def programme(request: HttpRequest, pk: int) -> HttpResponse:
    """A programme with its teams and queues."""
    actor = actor_of(request)
    row = access.get_programme(actor, pk)
    teams = list(row.teams.order_by("name", "id"))
    people = queries.team_counts(actor, [t.pk for t in teams], queries.site_today(row.site))
    context = {
        "programme": row,
        "teams": [(t, people.get(t.pk, 0)) for t in teams],
        "queues": list(row.queues.order_by("name", "id")),
        "shows_people": queries.sites_with_people(actor).filter(pk=row.site_id).exists(),
        "may_change": bool(rules.editing_site(actor, row.site_id, row.site.partner_id)),
    }
    return render(request, "partners/programme.html", context)


@reads
@require_http_methods(["GET", "POST"])
def programme_new(request: HttpRequest, code: str) -> HttpResponse:
    """Add a programme to a site."""
    actor = actor_of(request)
    site = access.get_site(actor, code)
    access.permit_site(actor, site)
    url = site_url(site)
    crumbs = ["partners:sites", _("Sites"), url, site.label, "", _("New programme")]
    return edit(
        request,
        ProgrammeForm(data_of(request)),
        lambda f: actions.add_programme(actor=actor, site=site, values=f.values()),
        FormPage(_("New programme"), crumbs, _("Add programme"), url),
        lambda row: (programme_url(row), _("Programme added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def programme_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a programme."""
    actor = actor_of(request)
    row = access.get_programme(actor, pk)
    access.permit_site(actor, row.site)
    url = programme_url(row)
    crumbs = [site_url(row.site), row.site.label, url, row.label, "", _("Change")]
    return edit(
        request,
        ProgrammeForm(data_of(request), initial=ProgrammeForm.initial_from(row)),
        lambda f: actions.change_programme(actor=actor, pk=pk, version=f.seen_version, values=f.values()),
        FormPage(_("Change programme"), crumbs, _("Save"), url),
        lambda saved: (programme_url(saved), _("Programme saved")),
    )


@reads
@require_POST
def programme_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a programme out of use."""
    actor = actor_of(request)
    url = programme_url(access.get_programme(actor, pk))
    undo = reverse("partners:programme_restore", args=[pk])
    return press(request, lambda: actions.archive_programme(actor=actor, pk=pk), url, _("Programme archived"), undo)


@reads
@require_POST
def programme_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a programme back into use."""
    actor = actor_of(request)
    url = programme_url(access.get_programme(actor, pk))
    return press(request, lambda: actions.restore_programme(actor=actor, pk=pk), url, _("Programme restored"))


@reads
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    """The list of teams over all visible sites."""
    actor, filters = actor_of(request), NameFilter(request.GET)

    def rows() -> Any:
        data = filters.cleaned_data
        visible = queries.listed(queries.teams_visible_to(actor), archived=data["archived"])
        return queries.team_rows(queries.named_like(visible, data["q"], code=False))

    def more(items: list[Team]) -> dict[str, object]:
        people = queries.team_counts(actor, [t.pk for t in items], queries.today())
        return {"rows": [(t, people.get(t.pk, 0)) for t in items], "shows_people": rules.reads_people(actor)}

    return listing(request, "partners/teams.html", filters, rows, more)


@reads
@require_safe
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """A team with the people in it on a day, today unless asked otherwise."""
    actor = actor_of(request)
    row = access.get_team(actor, pk)
    site = row.programme.site
    form, day = asked_day(request, site)
    context = {
        "team": row,
        "site": site,
        "form": form,
        "day": day,
        "is_today": day == queries.site_today(site),
        "placements": queries.team_on(actor, row, day),
        "shows_people": queries.sites_with_people(actor).filter(pk=site.pk).exists(),
        "may_change": bool(rules.editing_site(actor, site.pk, site.partner_id)),
    }
    return render(request, "partners/team.html", context, status=400 if form.is_bound and form.errors else 200)


@reads
@require_http_methods(["GET", "POST"])
def team_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a team to a programme."""
    actor = actor_of(request)
    programme = access.get_programme(actor, pk)
    access.permit_site(actor, programme.site)
    url = programme_url(programme)
    crumbs = [site_url(programme.site), programme.site.label, url, programme.label, "", _("New team")]
    return edit(
        request,
        TeamForm(data_of(request)),
        lambda f: actions.add_team(actor=actor, programme=programme, values=f.values()),
        FormPage(_("New team"), crumbs, _("Add team"), url),
        lambda row: (team_url(row), _("Team added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def team_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a team."""
    actor = actor_of(request)
    row = access.get_team(actor, pk)
    access.permit_site(actor, row.programme.site)
    url = team_url(row)
    crumbs = [programme_url(row.programme), row.programme.label, url, row.label, "", _("Change")]
    return edit(
        request,
        TeamForm(data_of(request), initial=TeamForm.initial_from(row)),
        lambda f: actions.change_team(actor=actor, pk=pk, version=f.seen_version, values=f.values()),
        FormPage(_("Change team"), crumbs, _("Save"), url),
        lambda saved: (team_url(saved), _("Team saved")),
    )


@reads
@require_POST
def team_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a team out of use."""
    actor = actor_of(request)
    url = team_url(access.get_team(actor, pk))
    undo = reverse("partners:team_restore", args=[pk])
    return press(request, lambda: actions.archive_team(actor=actor, pk=pk), url, _("Team archived"), undo)


@reads
@require_POST
def team_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a team back into use."""
    actor = actor_of(request)
    url = team_url(access.get_team(actor, pk))
    return press(request, lambda: actions.restore_team(actor=actor, pk=pk), url, _("Team restored"))
