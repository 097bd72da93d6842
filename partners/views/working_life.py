"""Pages of engagements and placements: what changes over a person's working life."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.requests import actor_of
from portal.ui.htmx import flash

from .. import access, actions, queries
from ..forms import EndForm, EngagementForm, LeaveForm, NewPlacementForm, PlacementForm, RehireForm, TransferForm
from ..models import Person
from .common import FormPage, data_of, edit, press
from .people import choose_site, chosen_site, person_url, reads


def _page(person: Person, title: str, button: str, note: str = "") -> FormPage:
    url = person_url(person)
    return FormPage(title, ["partners:people", _("People"), url, person.label, "", title], button, url, note)


@reads
@require_http_methods(["GET", "POST"])
def engagement_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an engagement to a person, a rehire for instance."""
    actor = actor_of(request)
    person = access.get_person(actor, pk)
    access.permit_person(actor, person)
    return edit(
        request,
        EngagementForm(data_of(request), actor=actor),
        lambda f: actions.add_engagement(actor=actor, person_id=pk, values=f.values()),
        _page(person, _("New engagement"), _("Add engagement"), _("Access that has ended is not restored.")),
        lambda _row: (person_url(person), _("Engagement added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def engagement_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct an engagement."""
    actor = actor_of(request)
    row = access.get_engagement(actor, pk)
    person = access.get_person(actor, row.person_id)
    access.permit_person(actor, person)
    return edit(
        request,
        EngagementForm(data_of(request), actor=actor, keep=row, initial=EngagementForm.initial_from(row)),
        lambda f: actions.change_engagement(actor=actor, pk=pk, version=f.seen_version, values=f.values()),
        _page(person, _("Change engagement"), _("Save")),
        lambda _row: (person_url(person), _("Engagement saved")),
    )


@reads
@require_http_methods(["GET", "POST"])
def engagement_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an engagement: placements end with it, and access when the last day is over."""
    actor = actor_of(request)
    row = access.get_engagement(actor, pk)
    person = access.get_person(actor, row.person_id)
    access.permit_person(actor, person)
    return edit(
        request,
        EndForm(data_of(request), initial=EndForm.initial_from(row)),
        lambda f: actions.end_engagement(
            actor=actor,
            pk=pk,
            last_day=f.cleaned_data["last_day"],
            version=f.seen_version,
            at_once=f.cleaned_data["at_once"],
        ),
        _page(person, _("End engagement"), _("End engagement")),
        lambda _row: (person_url(person), _("Engagement ended")),
    )


@reads
@require_http_methods(["GET", "POST"])
def placement_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Place a person at the site that the address names."""
    actor = actor_of(request)
    person = access.get_person(actor, pk)
    access.permit_person(actor, person)
    site = chosen_site(request)
    if site is None:
        return choose_site(request, _("New placement"), person_url(person))
    return edit(
        request,
        NewPlacementForm(data_of(request), site=site),
        lambda f: actions.place(
            actor=actor,
            person_id=pk,
            site=site,
            values=f.values(),
            end_current=f.cleaned_data["end_current"],
        ),
        _page(person, _("New placement"), _("Add placement"), _("At %(site)s.") % {"site": site.label}),
        lambda _row: (person_url(person), _("Placement added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def placement_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a placement, or end it."""
    actor = actor_of(request)
    row = access.get_placement(actor, pk)
    access.permit_site(actor, row.site)
    note = _("At %(site)s. For a move from a day on, add a placement instead.") % {"site": row.site.label}
    return edit(
        request,
        PlacementForm(data_of(request), site=row.site, keep=row, initial=PlacementForm.initial_from(row)),
        lambda f: actions.change_placement(actor=actor, pk=pk, version=f.seen_version, values=f.values()),
        _page(row.person, _("Change placement"), _("Save"), note),
        lambda _row: (person_url(row.person), _("Placement saved")),
    )


@reads
@require_POST
def placement_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a placement. The person may be out of the actor's sight afterwards; then the list follows."""
    actor = actor_of(request)
    person_id = access.get_placement(actor, pk).person_id
    actions.withdraw_placement(actor=actor, pk=pk)
    flash(request, _("Placement withdrawn"))
    if queries.people_visible_to(actor).filter(pk=person_id).exists():
        return redirect("partners:person", person_id)
    return redirect(reverse("partners:people"))


@reads
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a person to another place from a day on, at the site that the address names."""
    actor = actor_of(request)
    person = access.get_person(actor, pk)
    access.permit_person(actor, person)
    site = chosen_site(request)
    if site is None:
        return choose_site(request, _("Transfer"), person_url(person))
    note = _("To %(site)s. The placement until then ends the day before and stays on file.") % {"site": site.label}
    return edit(
        request,
        TransferForm(data_of(request), site=site),
        lambda f: actions.transfer(actor=actor, person_id=pk, site=site, values=f.values()),
        _page(person, _("Transfer"), _("Transfer"), note),
        lambda _row: (person_url(person), _("Person transferred")),
    )


@reads
@require_http_methods(["GET", "POST"])
def rehire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person on again, at the site that the address names."""
    actor = actor_of(request)
    person = access.get_person(actor, pk)
    access.permit_person(actor, person)
    site = chosen_site(request)
    if site is None:
        return choose_site(request, _("Rehire"), person_url(person))
    note = _("By %(partner)s, at %(site)s. Access that has ended is not restored.")
    return edit(
        request,
        RehireForm(data_of(request), site=site),
        lambda f: actions.rehire(actor=actor, person_id=pk, site=site, start=f.start()),
        _page(person, _("Rehire"), _("Rehire"), note % {"partner": site.partner.label, "site": site.label}),
        lambda _row: (person_url(person), _("Person rehired")),
    )


@reads
@require_http_methods(["GET", "POST"])
def leave_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Note days on which a person does not work."""
    actor = actor_of(request)
    person = access.get_person(actor, pk)
    access.permit_person(actor, person)
    return edit(
        request,
        LeaveForm(data_of(request)),
        lambda f: actions.add_leave(actor=actor, person_id=pk, values=f.values()),
        _page(person, _("New leave"), _("Add leave")),
        lambda _row: (person_url(person), _("Leave added")),
    )


@reads
@require_POST
def leave_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take leave back."""
    actor = actor_of(request)
    url = person_url(access.get_leave(actor, pk).person)
    return press(request, lambda: actions.withdraw_leave(actor=actor, pk=pk), url, _("Leave withdrawn"))
