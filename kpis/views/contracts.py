"""Pages of contracts: which sites they cover, their versions, what they say."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.refusals import ConflictError, RefusedError
from portal.ui.htmx import conflict, flash
from portal.ui.pagination import keyset_page

from ..access import contracts as access
from ..actions import contracts as acts
from ..forms.contracts import ContractForm, CoverForm, MonthForm, Refusing
from ..models import Contract, Result
from ..queries import agreements
from ..queries.scope import READERS, sites_visible_to
from ..rules.periods import add_months
from .rows import terms_rows

reads = require_role(*READERS)
FORM = "kpis/contract_form.html"
edits = require_http_methods(["GET", "HEAD", "POST"])


@reads
@require_safe
def contracts(request: HttpRequest) -> HttpResponse:
    """All contracts that the reader sees, with the version in force."""
    actor = actor_of(request)
    page = keyset_page(agreements.contracts_visible_to(actor), order=("name", "id"), cursor=request.GET.get("cursor"))
    context = {
        "page": page, "rows": agreements.summaries(actor, page.items, directory.today()),
        "may_add": agreements.partners_to_contract(actor).exists() and _writes(actor),
        "export_url": reverse("kpis:contracts_export") if page.items else "",
    }  # fmt: skip
    return render(request, "kpis/contracts.html", context)


@reads
@edits
def contract_new(request: HttpRequest) -> HttpResponse:
    """Add a contract; its first version is filled in next."""
    actor = actor_of(request)
    if not _writes(actor):
        access.permit(None)
    initial = {"first": directory.today().replace(day=1)}
    form = ContractForm(request.POST if request.method == "POST" else None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.add_contract(actor=actor, values=form.values, first=form.cleaned_data["first"])
        except RefusedError as error:
            form.refuse(error)
        else:
            flash(request, _("Contract added. Say now what counts how much."))
            return redirect("kpis:contract_terms", made.code, 1)
    return _form(request, form, _("New contract"), _("Add contract"), reverse("kpis:contracts"))


@reads
@require_safe
def contract(request: HttpRequest, code: str) -> HttpResponse:
    """A contract: its sites, the version in force, all versions."""
    actor = actor_of(request)
    held = access.get_contract(actor, code)
    schedules = agreements.schedules_of(held)
    today = directory.today()
    current = next((one for one in schedules if today in one.period), schedules[0] if schedules else None)
    covers = agreements.covers_of(actor, held)
    context = {
        "contract": held, "covers": covers, "schedules": schedules, "current": current,
        "lines": terms_rows(agreements.lines_of(current)) if current else [],
        "bands": agreements.bands_of(current) if current else [],
        "may_change": agreements.configurer(actor, held) is not None, "today": today,
        "results": _results(actor, held, [one.site_id for one in covers], _recent(today)),
    }  # fmt: skip
    return render(request, "kpis/contract.html", context)


@reads
@edits
def contract_change(request: HttpRequest, code: str) -> HttpResponse:
    """Another name, currency or view of bands."""
    actor = actor_of(request)
    held = access.get_contract(actor, code)
    access.configuring(actor, held)
    form = ContractForm(request.POST if request.method == "POST" else None, actor=actor, contract=held)
    url = reverse("kpis:contract", args=[code])
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            acts.change_contract(actor=actor, code=code, version=version, values=form.values)
        except ConflictError:
            return conflict(request, _("Not saved. Somebody changed this contract a moment ago."), url)
        flash(request, _("Contract saved"))
        return redirect(url)
    return _form(request, form, _("Change contract"), _("Save"), url, held)


@reads
@edits
def cover(request: HttpRequest, code: str) -> HttpResponse:
    """Put a site under the contract."""
    actor = actor_of(request)
    held = access.get_contract(actor, code)
    access.configuring(actor, held)
    initial = {"first": directory.today().replace(day=1)}
    form = CoverForm(request.POST if request.method == "POST" else None, actor=actor, contract=held, initial=initial)
    url = reverse("kpis:contract", args=[code])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if _done(
            form,
            lambda: acts.cover_site(actor=actor, code=code, site=data["site"], first=data["first"], last=data["last"]),
        ):
            flash(request, _("Site covered"))
            return redirect(url)
    return _form(request, form, _("Cover a site"), _("Cover the site"), url, held)


@reads
@edits
def cover_end(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a site out of the contract from a month on."""
    actor = actor_of(request)
    held = access.get_contract(actor, code)
    access.configuring(actor, held)
    row = access.one(held.covers.filter(site__in=sites_visible_to(actor)).select_related("site"), pk=pk)
    form = MonthForm(request.POST if request.method == "POST" else None, initial={"first": _next_month()})
    url = reverse("kpis:contract", args=[code])
    if request.method == "POST" and form.is_valid():
        last = form.cleaned_data["first"]
        if _done(form, lambda: acts.end_cover(actor=actor, code=code, cover_id=pk, last=last), last="first"):
            flash(request, _("Saved"))
            return redirect(url)
    title = _("Take %(site)s out of the contract") % {"site": row.site.label}
    return _form(request, form, title, _("Take it out"), url, held)


@reads
@edits
def version_new(request: HttpRequest, code: str) -> HttpResponse:
    """A new version of the scorecard, with the lines of the last one."""
    actor = actor_of(request)
    held = access.get_contract(actor, code)
    access.configuring(actor, held)
    form = MonthForm(request.POST if request.method == "POST" else None, initial={"first": _next_month()})
    url = reverse("kpis:contract", args=[code])
    made: list[Any] = []
    if request.method == "POST" and form.is_valid():
        first = form.cleaned_data["first"]
        if _done(form, lambda: made.append(acts.new_version(actor=actor, code=code, first=first))):
            flash(request, _("Version made, with what the last one says. Change it here."))
            return redirect("kpis:contract_terms", code, made[0].number)
    return _form(request, form, _("New version of the scorecard"), _("Make the version"), url, held)


def _done(form: Refusing, act: Any, **renamed: str) -> bool:
    """Whether it worked; a refusal is shown at its field."""
    try:
        act()
    except RefusedError as error:
        error.field = renamed.get(error.field or "", error.field)
        form.refuse(error)
        return False
    return True


def _form(
    request: HttpRequest, form: Refusing, title: str, button: str, cancel_url: str, contract: Any = None
) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, "cancel_url": cancel_url, "contract": contract}
    return render(request, FORM, context, status=422 if form.is_bound else 200)


def _writes(actor: Any) -> bool:
    return bool(actor.has("administrator", "partner_manager"))


def _next_month() -> date:
    return add_months(directory.today().replace(day=1), 1)


def _results(actor: Actor, contract: Contract, site_ids: list[int], months: list[date]) -> list[Result]:
    """The months that were frozen under this contract: a site may have been under another one."""
    found = agreements.latest_results(actor, site_ids, months)
    return [one for one in found if one.schedule.contract_id == contract.pk]


def _recent(today: date) -> list[date]:
    return [add_months(today.replace(day=1), -back) for back in range(13)]
