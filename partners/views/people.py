"""Pages of people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of

from .. import access, actions, queries, rules
from ..forms import ExternalIdForm, HireForm, PeopleFilter, PersonForm, SiteChoice
from ..models import Person
from .common import FormPage, data_of, edit, listing, press, site_url

reads = require_role(*rules.PEOPLE_READERS)


def person_url(person: Person) -> str:
    """The address of a person's page."""
    return reverse("partners:person", args=[person.pk])


@reads
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The list of people."""
    actor = actor_of(request)
    filters = PeopleFilter(request.GET, actor=actor)
    day = queries.today()

    def rows() -> Any:
        data = filters.cleaned_data
        return queries.people_listed(actor, text=data["q"], site=data["site"], presence=data["presence"], day=day)

    def more(items: list[Person]) -> dict[str, object]:
        placements = queries.latest_placements(actor, items, day)
        return {"rows": [(p, placements.get(p.pk)) for p in items], "may_add": may_add(actor), "day": day}

    return listing(request, "partners/people.html", filters, rows, more)


def may_add(actor: Any) -> bool:
    """Whether the actor is in charge of people somewhere."""
    return bool(rules.configuring(actor)) or actor.has(*rules.SITE_EDITORS)


@reads
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A person: details, placements over time, engagements, names in other systems."""
    actor = actor_of(request)
    row = access.get_person(actor, pk)
    placements = list(queries.placements_of(actor, row))
    editable = {p.pk for p in placements if rules.editing_site(actor, p.site_id, p.site.partner_id)}
    engagements = list(queries.engagements_of(actor, row))
    leave, day = queries.leave_of(row), queries.today()
    context = {
        "person": row,
        "leave": leave,
        "course": queries.course_of(actor, row, engagements=engagements, placements=placements, leave=leave, day=day),
        "employed": any(e.last_day is None or e.last_day >= day for e in engagements),
        "placements": [(p, p.pk in editable) for p in placements],
        "engagements": engagements,
        "external_ids": list(queries.external_ids_of(actor, row)),
        "day": day,
        "is_staff": rules.sees_all(actor) or actor.has(*rules.SITE_EDITORS),
        # Whoever is in charge of where the person is now need not be looked for.
        "may_change": any(p.pk in editable and (p.last_day is None or p.last_day >= day) for p in placements)
        or bool(queries.person_editor(actor, row)),
    }
    return render(request, "partners/person.html", context)


def choose_site(request: HttpRequest, title: str, cancel_url: str) -> HttpResponse:
    """The first step: at which site. The answer travels in the address."""
    bound = SiteChoice(request.GET if "site" in request.GET else None, actor=actor_of(request))
    status = 400 if bound.is_bound else 200
    context = {"form": bound, "title": title, "cancel_url": cancel_url}
    return render(request, "partners/choose_site.html", context, status=status)


def chosen_site(request: HttpRequest) -> Any:
    """The site that the address names, if it is one that the actor is in charge of; else None."""
    choice = SiteChoice(request.GET, actor=actor_of(request))
    return choice.cleaned_data["site"] if choice.is_valid() else None


@reads
@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a person with a first engagement and placement, at the site that the address names."""
    actor = actor_of(request)
    access.permit(actor if may_add(actor) else None)
    site = chosen_site(request)
    if site is None:
        return choose_site(request, _("New person"), reverse("partners:people"))
    crumbs = ["partners:people", _("People"), site_url(site), site.label, "", _("New person")]
    note = _("The employer is %(partner)s.") % {"partner": site.partner.label}
    return edit(
        request,
        HireForm(data_of(request), site=site),
        lambda f: actions.hire(actor=actor, site=site, values=f.person(), start=f.start()),
        FormPage(_("New person"), crumbs, _("Add person"), site_url(site), note),
        lambda row: (person_url(row), _("Person added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def person_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person's details."""
    actor = actor_of(request)
    row = access.get_person(actor, pk)
    access.permit_person(actor, row)
    url = person_url(row)
    crumbs = ["partners:people", _("People"), url, row.label, "", _("Change")]
    return edit(
        request,
        PersonForm(data_of(request), initial=PersonForm.initial_from(row)),
        lambda f: actions.change_person(actor=actor, pk=pk, version=f.seen_version, values=f.person()),
        FormPage(_("Change person"), crumbs, _("Save"), url),
        lambda _row: (url, _("Person saved")),
    )


@reads
@require_http_methods(["GET", "POST"])
def external_id_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Note how another system calls a person."""
    actor = actor_of(request)
    row = access.get_person(actor, pk)
    access.permit_person(actor, row)
    url = person_url(row)
    return edit(
        request,
        ExternalIdForm(data_of(request)),
        lambda f: actions.add_external_id(actor=actor, person_id=pk, **f.values()),
        FormPage(
            _("New external id"), ["partners:people", _("People"), url, row.label, "", _("New id")], _("Add id"), url
        ),
        lambda _row: (url, _("Id added")),
    )


@reads
@require_POST
def external_id_remove(request: HttpRequest, pk: int, external_id: int) -> HttpResponse:
    """Forget how another system calls a person."""
    actor = actor_of(request)
    url = person_url(access.get_person(actor, pk))
    return press(
        request,
        lambda: actions.remove_external_id(actor=actor, person_id=pk, pk=external_id),
        url,
        _("Id removed"),
    )
