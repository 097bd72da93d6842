"""The ledger of a case as a page, and changing a row of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from escalations import access, actions, queries
from escalations.forms import CorrectFactForm, WithdrawFactForm
from escalations.views.asking import ask
from escalations.views.common import case_reader, case_url, refusal
from escalations.views.fact_kinds import fact_lines
from escalations.views.operate import changed
from escalations.views.operation import Context, Done
from portal.accounts.requests import actor_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from escalations.models import Case
    from escalations.queries import Known


@require_safe
@case_reader
def facts(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Everything that was ever known of a case, with who said so, for those who read what is internal."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    context = Context(actor, case, access.rights_of(actor, case))
    if not context.rights.sees_internal:
        raise Http404
    threads = queries.fact_threads(actor, case)
    data = {
        "case": case,
        "case_url": case_url(case),
        "threads": fact_lines(threads, context),
        "may_record": context.rights.fact,
    }
    return render(request, "escalations/case_facts.html", data)


@dataclass(frozen=True, slots=True)
class Change:
    """What may be done to one fact."""

    name: str
    title: StrOrPromise
    intro: StrOrPromise
    submit: StrOrPromise
    done: StrOrPromise
    form: Callable[[QueryDict | None, Known], forms.Form]
    run: Callable[[dict[str, Any], forms.Form], object]


def _correct_form(data: QueryDict | None, fact: Known) -> forms.Form:
    return CorrectFactForm(data, initial={"text": "" if fact.withdrawn else fact.text, "source": fact.source})


def _correct(where: dict[str, Any], form: forms.Form) -> object:
    return actions.correct_fact(**where, text=form.cleaned_data["text"], source=form.cleaned_data["source"])


def _withdraw(where: dict[str, Any], form: forms.Form) -> object:
    return actions.withdraw_fact(**where, reason=form.cleaned_data["reason"])


_CORRECT = Change(
    "correct",
    gettext_lazy("Correct a fact"),
    gettext_lazy("The earlier words stay in the ledger."),
    gettext_lazy("Save"),
    gettext_lazy("Fact corrected"),
    _correct_form,
    _correct,
)
_WITHDRAW = Change(
    "withdraw",
    gettext_lazy("No longer true"),
    gettext_lazy("It stands under the known facts no more; the ledger keeps it."),
    gettext_lazy("No longer true"),
    gettext_lazy("Marked as no longer true"),
    lambda data, fact: WithdrawFactForm(data),
    _withdraw,
)


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def fact_correct(request: HttpRequest, ref: str, fact_id: int) -> HttpResponseBase:
    """Other words for a fact."""
    return _change(request, ref, fact_id, _CORRECT)


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def fact_withdraw(request: HttpRequest, ref: str, fact_id: int) -> HttpResponseBase:
    """A fact is true no more."""
    return _change(request, ref, fact_id, _WITHDRAW)


def _change(request: HttpRequest, ref: str, fact_id: int, change: Change) -> HttpResponseBase:
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    fact = queries.fact_seen(actor, case, fact_id)
    if fact is None:
        raise Http404
    # Of a case that was merged while they wrote the action says so, at the form.
    rights = access.rights_while_open if request.method == "POST" else access.rights_of
    if not rights(actor, case).fact:
        raise PermissionDenied
    form = change.form(request.POST if request.method == "POST" else None, fact)
    if request.method == "POST" and form.is_valid():
        try:
            change.run({"actor": actor, "ref": case.pk, "fact_id": fact_id}, form)
        except actions.Refused as error:
            form.add_error(None, refusal(error))
        else:
            return changed(request, case, Done(str(change.done)))
    return ask(request, case, _operation(case, fact, change), form)


def _operation(case: Case, fact: Known, change: Change) -> dict[str, Any]:
    about = fact.label or _("Known fact")
    return {
        "key": "fact",
        "url": reverse(f"escalations:case-fact-{change.name}", args=[case.ref, fact.pk]),
        "title": f"{change.title}: {about}",
        "intro": f"“{fact.text}” {change.intro}" if change is _WITHDRAW and fact.text else change.intro,
        "submit": change.submit,
    }
