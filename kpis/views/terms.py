"""A version of a scorecard: read, and written as long as nothing was frozen under it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.refusals import RefusedError
from portal.ui.htmx import flash

from ..access import contracts as access
from ..actions import contracts as acts
from ..forms.contracts import Bands, Lines, TermsForm, line_initial
from ..models import Schedule
from ..queries import agreements
from ..queries.scope import READERS
from ..wording.contracts import refusal
from .rows import terms_rows

reads = require_role(*READERS)


@reads
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """What a version says; a form for who may write it."""
    actor = actor_of(request)
    held = access.get_schedule(actor, code, number)
    lines = agreements.lines_of(held)
    frozen = agreements.is_frozen(held)
    may = agreements.configurer(actor, held.contract) is not None
    if request.method == "POST":
        access.permit(actor if may else None)
        return _saved(request, actor, held)
    context = {"schedule": held, "frozen": frozen, "contract": held.contract, "export_url": _export_url(held)}
    if not may or frozen:
        context |= {"lines": terms_rows(lines), "bands": agreements.bands_of(held), "may_change": may}
        return render(request, "kpis/schedule.html", context)
    return _page(request, held, *_forms(None, held))


def _export_url(held: Schedule) -> str:
    return reverse("kpis:contract_terms_export", args=[held.contract.code, held.number])


def _forms(data: QueryDict | None, held: Schedule) -> tuple[TermsForm, Any, Any]:
    terms = TermsForm(data, initial={name: getattr(held, name) for name in acts.TERMS})
    held_lines, named = agreements.lines_of(held), {"formulas": agreements.formulas_to_name()}
    lines = Lines(data, initial=[line_initial(line) for line in held_lines], prefix="line", form_kwargs=named)
    bands = [{"from_score": one.from_score, "percent": one.percent} for one in agreements.bands_of(held)]
    return terms, lines, Bands(data, initial=bands, prefix="band")


def _saved(request: HttpRequest, actor: Any, held: Schedule) -> HttpResponse:
    terms, lines, bands = _forms(request.POST, held)
    if not all([terms.is_valid(), lines.is_valid(), bands.is_valid()]):
        return _page(request, held, terms, lines, bands)
    filled = [form for form in lines if form.values is not None]
    steps = [one.cleaned_data for one in bands if one.cleaned_data.get("from_score") is not None]
    try:
        acts.set_terms(
            actor=actor, code=held.contract.code, number=held.number, terms=terms.cleaned_data,
            lines=[form.values for form in filled], bands=[(one["from_score"], one["percent"]) for one in steps],
        )  # fmt: skip
    except RefusedError as error:
        _show(error, terms, filled)
        return _page(request, held, terms, lines, bands)
    flash(request, _("Scorecard saved"))
    return redirect("kpis:contract", held.contract.code)


def _show(error: RefusedError, terms: TermsForm, filled: list[Any]) -> None:
    """Put the message of a refusal at the line it is about."""
    if error.field and error.field.startswith("line-"):
        _line, place, name = error.field.split("-", 2)
        filled[int(place)].add_error(name, refusal(error.code, error.params))
    else:
        terms.refuse(error)


def _page(request: HttpRequest, held: Schedule, terms: TermsForm, lines: Any, bands: Any) -> HttpResponse:
    context = {
        "schedule": held, "contract": held.contract, "terms": terms, "lines": lines, "bands": bands, "export_url": _export_url(held),
    }  # fmt: skip
    return render(request, "kpis/schedule_form.html", context, status=422 if terms.is_bound else 200)
