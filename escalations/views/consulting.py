"""Questions to colleagues: the lists of them, and the page of one with its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from escalations import access, actions, queries
from escalations.choices.handing import ConsultState
from escalations.forms.handing import ConsultAnswerForm
from escalations.queries import consults as asking
from escalations.rules import handing
from escalations.views.common import case_reader, case_url, lang_of, moved_on, refusal
from portal.accounts.requests import actor_of
from portal.ui.times import time_text

if TYPE_CHECKING:
    from django import forms

    from escalations.models import Case, Consult
    from portal.accounts.models import User
    from portal.accounts.rules import Actor

_TONES: Final = {ConsultState.ANSWERED: "green", ConsultState.OPEN: "amber"}


@require_safe
@case_reader
def consults(request: HttpRequest) -> HttpResponseBase:
    """What the reader is asked, and what they asked."""
    actor = actor_of(request)
    if not actor.can("see_internal"):
        raise Http404
    of_me, by_me = asking.consults_asked_of(actor), asking.consults_by(actor)
    context = {
        "of_me": [_row(one) for one in of_me],
        "by_me": [_row(one) for one in by_me],
        "answered": asking.answered_lately(actor),
    }
    return render(request, "escalations/consults.html", context)


def _row(consult: Consult) -> dict[str, Any]:
    state = ConsultState(consult.state)
    question = consult.question.body.text
    return {
        "consult": consult,
        "question": question,
        "lang": lang_of(question),
        "subject_lang": lang_of(consult.case.subject),
        "state": state.label,
        "tone": _TONES.get(state, ""),
        "overdue": state == ConsultState.OPEN and consult.due_at <= timezone.now(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def consult(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A question with its answer (GET); answering and withdrawing it (POST)."""
    actor = actor_of(request)
    found = access.get_consult(actor, pk)
    if request.method != "POST":
        return _show(request, found, ConsultAnswerForm(initial={"act": "answer"}))
    if not any(rights_on(actor, access.get_case(actor, found.case_id), found).values()):
        raise PermissionDenied
    form = ConsultAnswerForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, 422)
    try:
        return _act(request, found, form)
    except actions.Refused as error:
        form.add_error(None, refusal(error))
    return _show(request, found, form, 422)


def rights_on(actor: Actor, case: Case, found: Consult) -> dict[str, bool]:
    """What the actor may do with a question that is open."""
    facts = queries.facts_of(actor, case)
    return {
        "answer": handing.can_answer(actor, facts, found.to_user_id).ok,
        "withdraw": handing.can_take_back(actor, facts, found.asked_by_id).ok,
    }


def _act(request: HttpRequest, found: Consult, form: forms.Form) -> HttpResponse:
    actor, words = actor_of(request), {"ref": f"EC-{found.case_id}"}
    if form.cleaned_data["act"] == "answer":
        actions.answer_consult(actor=actor, consult_id=found.pk, text=form.cleaned_data["text"])
        return moved_on(request, reverse("escalations:consults"), _("Your answer stands on %(ref)s") % words)
    actions.withdraw_consult(actor=actor, consult_id=found.pk)
    return moved_on(request, case_url(words["ref"]), _("The question was withdrawn"))


def _show(request: HttpRequest, found: Consult, form: forms.Form, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    case = access.get_case(actor, found.case_id)
    answer = found.answer.body.text if found.answer else ""
    is_open = found.state == ConsultState.OPEN
    context = {
        "case": case,
        "case_url": case_url(case),
        "form": form,
        **_row(found),
        "answer": answer,
        "answer_lang": lang_of(answer),
        "may": rights_on(actor, case, found) if is_open else {},
        "elsewhere": _elsewhere(found, actor),
    }
    return render(request, "escalations/consult.html", context, status=status)


def _elsewhere(found: Consult, actor: Actor) -> str:
    """The time due by the clock of the other side, where it shows another one than the reader's."""
    other: User = found.asked_by if actor.user_id == found.to_user_id else found.to_user
    there = time_text(found.due_at, "full", other.time_zone)
    if there == time_text(found.due_at, "full"):
        return ""
    words = {"time": there, "name": other.name, "zone": other.time_zone}
    return _("%(time)s for %(name)s (%(zone)s)") % words
