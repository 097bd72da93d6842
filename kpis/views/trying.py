"""What if: the last quarter with other terms or exclusions beside what it came to. Nothing is saved; the address holds what was asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of

from ..access import contracts as access
from ..actions import effects
from ..actions.effects import Month
from ..forms.trying import TryForm
from ..models import Contract, Result
from ..queries import agreements, contracts
from ..queries.scope import READERS
from ..queries.scores import shown
from ..rules.periods import containing
from ..wording.periods import period_text
from .rows import change_rows, money, score_text, worth_text


@dataclass(frozen=True, slots=True)
class Tried:
    """What is asked of a contract. `form` None: the site has nothing to try in these months."""

    contract: Contract
    sites: Any
    site: Any
    months: Sequence[date]
    form: TryForm | None

    def compared(self) -> list[Month]:
        """The months both ways; call it once the form is valid, or before anything was typed."""
        form = self.form
        if form is None:
            return []
        typed = form.is_bound
        other = (
            effects.Other(form.with_, form.without, form.change if form.changes else None) if typed else effects.Other()
        )
        return effects.compare(self.site, self.months, other)


def tried(request: HttpRequest, code: str) -> Tried:
    """What the address asks, of a contract and a site in sight. Raises Http404."""
    actor = actor_of(request)
    held = access.get_contract(actor, code)
    sites = agreements.covered_now(actor, held)
    asked = next((one for one in sites if one.code == request.GET.get("site")), None)
    if asked is None and request.GET.get("site"):
        raise Http404
    site, months = asked or sites.first(), effects.last_quarter(directory.today())
    card = contracts.cards([site.pk], months[-1]).get(site.pk) if site else None
    if site is None or card is None or not card.lines:
        return Tried(held, sites, site, months, None)
    disputes = agreements.exclusions_in(actor, site, months[0], containing("month", months[-1]).last)
    form = TryForm(request.GET or None, card=card, sites=sites, site=site, exclusions=disputes)
    return Tried(held, sites, site, months, form)


@require_role(*READERS)
@require_safe
def what_if(request: HttpRequest, code: str) -> HttpResponse:
    """A site of the contract, what can be changed, and the last quarter both ways."""
    it = tried(request, code)
    form = it.form
    context = {"contract": it.contract, "form": form, "site": it.site}
    if form is None:
        return render(request, "kpis/what_if.html", {**context, "sites": it.sites})
    context["months"] = [name_of(one) for one in it.months]
    if form.is_valid():
        found = it.compared()
        frozen = agreements.latest_results(actor_of(request), [it.site.pk], it.months)
        context |= {"found": _rows(found, frozen), "together": _together(found)}
        context["export_url"] = reverse("kpis:what_if_export", args=[code]) if found else ""
    return render(request, "kpis/what_if.html", context, status=200 if form.is_valid() or not form.is_bound else 422)


def _rows(months: Iterable[Month], frozen: Iterable[Result]) -> list[dict[str, Any]]:
    """Each month both ways, and what was frozen of it where that is something else."""
    kept = {one.month: one for one in frozen}
    return [
        {
            "month": name_of(one.month), "now": score_text(one.now.score), "then": score_text(one.then.score),
            "now_worth": worth_text(one.now_worth, one.currency), "then_worth": worth_text(one.then_worth, one.currency),
            "rows": change_rows(one), "frozen": _frozen(kept.get(one.month), one),
        }
        for one in months
    ]  # fmt: skip


def _frozen(kept: Result | None, month: Month) -> dict[str, Any] | None:
    if kept is None or kept.score == shown(month.now.score):
        return None
    return {"revision": kept.revision, "score": score_text(kept.score)}


def _together(months: Sequence[Month]) -> dict[str, str] | None:
    """The money of all months both ways; None unless each has an invoice, all in one currency."""
    now = [one.now_worth.amount for one in months if one.now_worth.amount is not None]
    then = [one.then_worth.amount for one in months if one.then_worth.amount is not None]
    currencies = {one.currency for one in months}
    if not months or len(now) != len(months) or len(then) != len(months) or len(currencies) != 1:
        return None
    currency, before, after = currencies.pop(), sum(now, Decimal(0)), sum(then, Decimal(0))
    step = money(after - before, currency)
    return {
        "now": money(before, currency), "then": money(after, currency), "step": f"+{step}" if after > before else step,
    }  # fmt: skip


def name_of(month: date) -> str:
    """A month as it is called."""
    return period_text(containing("month", month))
