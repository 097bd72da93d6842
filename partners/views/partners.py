"""Pages of partners."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.requests import actor_of

from .. import access, actions, queries, rules
from ..forms import NameFilter, PartnerForm
from ..models import Partner
from .common import FormPage, data_of, edit, listing, partner_url, press, reads


@reads
@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """The list of partners."""
    actor, filters = actor_of(request), NameFilter(request.GET)

    def rows() -> Any:
        data = filters.cleaned_data
        visible = queries.listed(queries.partners_visible_to(actor), archived=data["archived"])
        return queries.named_like(visible, data["q"])

    def more(items: list[Partner]) -> dict[str, object]:
        counts = queries.site_counts(queries.sites_visible_to(actor), items)
        return {"rows": [(p, counts.get(p.pk, 0)) for p in items], "may_add": bool(rules.configuring(actor))}

    return listing(request, "partners/partners.html", filters, rows, more)


@reads
@require_safe
def partner(request: HttpRequest, code: str) -> HttpResponse:
    """A partner with its sites."""
    actor = actor_of(request)
    row = access.get_partner(actor, code)
    sites = list(queries.sites_visible_to(actor).filter(partner=row).order_by("name", "id"))
    people = queries.headcounts(actor, [s.pk for s in sites], queries.today())
    context = {
        "partner": row,
        "sites": [(s, people.get(s.pk, 0)) for s in sites],
        "shows_people": rules.reads_people(actor),
        "may_change": bool(rules.configuring(actor)),
    }
    return render(request, "partners/partner.html", context)


@reads
@require_http_methods(["GET", "POST"])
def partner_new(request: HttpRequest) -> HttpResponse:
    """Add a partner."""
    actor = actor_of(request)
    access.permit_configuring(actor)
    page = FormPage(
        _("New partner"),
        ["partners:partners", _("Partners"), "", _("New")],
        _("Add partner"),
        reverse("partners:partners"),
    )
    form = PartnerForm(data_of(request))
    return edit(
        request,
        form,
        lambda f: actions.add_partner(actor=actor, values=f.values()),
        page,
        lambda row: (partner_url(row), _("Partner added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def partner_change(request: HttpRequest, code: str) -> HttpResponse:
    """Change a partner."""
    actor = actor_of(request)
    row = access.get_partner(actor, code)
    access.permit_configuring(actor)
    url = partner_url(row)
    page = FormPage(
        _("Change partner"), ["partners:partners", _("Partners"), url, row.label, "", _("Change")], _("Save"), url
    )
    form = PartnerForm(data_of(request), initial=PartnerForm.initial_from(row))
    return edit(
        request,
        form,
        lambda f: actions.change_partner(actor=actor, code=code, version=f.seen_version, values=f.values()),
        page,
        lambda saved: (partner_url(saved), _("Partner saved")),
    )


@reads
@require_POST
def partner_archive(request: HttpRequest, code: str) -> HttpResponse:
    """Take a partner out of use."""
    actor = actor_of(request)
    url = partner_url(access.get_partner(actor, code))
    undo = reverse("partners:partner_restore", args=[code])
    return press(request, lambda: actions.archive_partner(actor=actor, code=code), url, _("Partner archived"), undo)


@reads
@require_POST
def partner_restore(request: HttpRequest, code: str) -> HttpResponse:
    """Bring a partner back into use."""
    actor = actor_of(request)
    url = partner_url(access.get_partner(actor, code))
    return press(request, lambda: actions.restore_partner(actor=actor, code=code), url, _("Partner restored"))
