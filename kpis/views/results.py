"""Pages of months: what they would come to, what was frozen, revisions, and the statement that both sides sign."""

import itertools
from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from portal.ui.htmx import flash

from ..access import contracts as access
from ..actions import results as acts
from ..actions import statements
from ..forms.contracts import InvoiceForm, ReviseForm
from ..queries import agreements, contracts
from ..queries.scope import READERS, sites_visible_to
from ..queries.scores import worth
from ..rules import standing
from ..rules.periods import add_months, containing, parse
from ..wording.contracts import refusal
from ..wording.periods import period_text
from .rows import diff, kept_rows, money, number, score_rows, score_text, worth_text

reads = require_role(*READERS)


@reads
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """A month of every site in sight that a contract judges: frozen or not, score, statement."""
    month, last = month_of(request), _last_month()
    context = {
        "rows": judged_rows(actor_of(request), month), "export_url": reverse("kpis:results_export"), "month": month, "month_name": period_text(containing("month", month)),
        "earlier": add_months(month, -1), "later": add_months(month, 1) if month < last else None,
    }  # fmt: skip
    return render(request, "kpis/results.html", context)


def month_of(request: HttpRequest) -> date:
    """The month that was asked for, else the last one that is over."""
    asked = parse(request.GET.get("month", "")[:12])
    return asked.first if asked is not None and asked.grain == "month" else _last_month()


def _last_month() -> date:
    return add_months(directory.today().replace(day=1), -1)


def judged_rows(actor: Actor, month: date) -> list[tuple[Any, Any, Any, Any]]:
    """Every site in sight that a contract judges that month, with the contract, the result and the statement, if there are any."""
    sites = {one.pk: one for one in sites_visible_to(actor).select_related("partner").order_by("name")}
    cards = contracts.cards(list(sites), month)
    held = {one.site_id: one for one in agreements.latest_results(actor, list(cards), [month])}
    return [
        (site, cards[pk].contract, held.get(pk), statement_of(held.get(pk)))
        for pk, site in sites.items()
        if pk in cards
    ]


@reads
@require_safe
def result(request: HttpRequest, site: str, month: date) -> HttpResponse:
    """A site's month."""
    return _page(request, site, month)


@reads
@require_POST
def freeze(request: HttpRequest, site: str, month: date) -> HttpResponse:
    """Keep the month for good."""
    return _act(
        request, site, month, lambda actor, at: acts.freeze(actor=actor, site=at, month=month), _("Month frozen")
    )


@reads
@require_POST
def revise(request: HttpRequest, site: str, month: date) -> HttpResponse:
    """Make the month again from what stands now."""
    form = ReviseForm(request.POST)

    def act(actor: Any, at: Any) -> object:
        return acts.revise(actor=actor, site=at, month=month, reason=form.cleaned_data["reason"])

    return _act(request, site, month, act, _("Revision made"), form, "revise_form")


@reads
@require_POST
def invoice(request: HttpRequest, site: str, month: date) -> HttpResponse:
    """Enter what the month costs."""
    form = InvoiceForm(request.POST)

    def act(actor: Any, at: Any) -> object:
        data = form.cleaned_data
        return acts.set_invoice(actor=actor, site=at, month=month, amount=data["amount"], currency=data["currency"])

    return _act(request, site, month, act, _("Invoice saved"), form, "invoice_form")


@reads
@require_POST
def sign(request: HttpRequest, site: str, month: date) -> HttpResponse:
    """Sign the statement for one's side."""
    seen = request.POST.get("seen", "")

    def act(actor: Any, at: Any) -> object:
        return statements.sign(actor=actor, site=at, month=month, seen=seen)

    return _act(request, site, month, act, _("Signed"), sides=(standing.COMPANY, standing.PARTNER))


def _act(
    request: HttpRequest,
    code: str,
    month: date,
    act: Callable[[Any, Any], object],
    said: str,
    form: Any = None,
    name: str = "",
    sides: tuple[str, ...] = (standing.COMPANY,),
) -> HttpResponse:
    """Do it and go back to the page; refusals are shown there, at their field."""
    actor = actor_of(request)
    site = access.get_covered_site(actor, code)
    access.speaking(actor, site, *sides)
    if form is not None and not form.is_valid():
        return _page(request, code, month, **{name: form})
    try:
        act(actor, site)
    except RefusedError as error:
        if form is None:
            return _page(request, code, month, problem=refusal(error.code, error.params))
        form.refuse(error)
        return _page(request, code, month, **{name: form})
    flash(request, said)
    return redirect("kpis:result", code, month)


def _page(
    request: HttpRequest,
    code: str,
    month: date,
    *,
    problem: str = "",
    revise_form: Any = None,
    invoice_form: Any = None,
) -> HttpResponse:
    actor = actor_of(request)
    site = access.get_covered_site(actor, code)
    revisions = agreements.revisions(actor, site.pk, month)
    held = agreements.invoice_of(site.pk, month)
    card = contracts.cards([site.pk], month).get(site.pk)
    company = standing.deciding(actor, standing.Place(site.pk, site.partner_id), standing.COMPANY) is not None
    own = (
        {"amount": held.amount, "currency": held.currency}
        if held
        else {"currency": card.contract.currency if card else ""}
    )
    context: dict[str, Any] = {
        "site": site, "month": month, "month_name": period_text(containing("month", month)), "card": card,
        "company": company, "problem": problem, "invoice": held, "revise_form": revise_form or ReviseForm(),
        "invoice_form": invoice_form or InvoiceForm(initial=own),
        "earlier": add_months(month, -1), "later": add_months(month, 1),
        "export_url": reverse("kpis:result_export", args=[site.code, month]),
    }  # fmt: skip
    context |= _frozen(actor, site, revisions) if revisions else _draft(site, month, held)
    failed = problem or revise_form or invoice_form
    return render(request, "kpis/result.html", context, status=422 if failed else 200)


def _frozen(actor: Any, site: Any, revisions: list[Any]) -> dict[str, Any]:
    last = revisions[0]
    statement = statement_of(last)
    found: dict[str, Any] = {
        "result": last, "rows": kept_rows(last), "score": score_text(last.score),
        "percent": f"{number(last.percent, 2)}%",
        "revisions": [
            (new, old, diff(old, new), score_text(new.score), score_text(old.score))
            for new, old in itertools.pairwise(revisions)
        ],
    }  # fmt: skip
    if statement is not None:
        found |= {
            "statement": statement, "stamp": statements.stamp(statement),
            "signs": statements.may_sign(actor, site, statement),
            "invoice_text": money(statement.invoice_amount, statement.currency),
            "amount": money(statement.amount, statement.currency),
            "back": money(statement.earned_back, statement.currency) if statement.earned_back else "",
            "total": money(statement.amount + statement.earned_back, statement.currency),
        }  # fmt: skip
    return found


def _draft(site: Any, month: date, held: Any) -> dict[str, Any]:
    """What would be frozen now, or why nothing can be."""
    try:
        card, total = acts.preview(site, month)
    except RefusedError as error:
        return {"blocked": refusal(error.code, error.params)}
    score = worth(total, card, held.amount if held else None)
    return {
        "rows": score_rows(card, total, directory.site_today(site)), "score": score_text(total.score),
        "late": _late(site, card, total),
        "worth": worth_text(score, held.currency if held else card.contract.currency),
        "gate": next((line.kpi.label for line in card.lines if line.kpi.code == total.gated_by), ""),
    }  # fmt: skip


def _late(site: Any, card: Any, total: Any) -> str:
    """From when on it can be frozen, while a figure may still change; else empty."""
    try:
        acts.check_settled(site, card, total)
    except RefusedError as error:
        return refusal(error.code, error.params)
    return ""


def statement_of(result: Any) -> Any:
    """The statement of a result, if an invoice was entered."""
    return getattr(result, "statement", None) if result is not None else None
