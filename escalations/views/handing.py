"""Offers and questions: their lists, their pages, and the panel of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from escalations import access, actions, queries
from escalations.choices.handing import ConsultState, OfferState
from escalations.forms.handing import OfferAnswerForm
from escalations.queries import consults as asking
from escalations.queries import handing
from escalations.rules import handing as handing_rules
from escalations.views.common import by_asker, case_reader, case_url, lang_of, moved_on, refusal
from escalations.wording_handing import summary_lines
from portal.accounts.requests import actor_of
from portal.ui.htmx import is_htmx

if TYPE_CHECKING:
    from escalations.models import Case, Handover
    from portal.accounts.rules import Actor

_TONES: Final = {OfferState.ACCEPTED: "green", OfferState.DECLINED: "amber"}


@require_safe
@case_reader
def handovers(request: HttpRequest) -> HttpResponseBase:
    """What is offered to the reader, and what they offered."""
    actor = _insider(request)
    context = {
        "to_me": [_row(one) for one in handing.offers_to(actor)],
        "by_me": [_row(one) for one in handing.offers_by(actor)],
    }
    return render(request, "escalations/handovers.html", context)


def _insider(request: HttpRequest) -> Actor:
    """Hand-overs and questions are the company's own. Raises Http404."""
    actor = actor_of(request)
    if not actor.can("see_internal"):
        raise Http404
    return actor


def _row(offer: Handover) -> dict[str, Any]:
    state = OfferState(offer.state)
    return {"offer": offer, "state": state.label, "tone": _TONES.get(state, ""), "lang": lang_of(offer.case.subject)}


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def handover(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An offer with its four parts (GET); accepting, declining, taking back (POST)."""
    offer = access.get_handover(_insider(request), pk)
    if request.method != "POST":
        return _show(request, offer, OfferAnswerForm(initial={"act": "decline"}))
    form = OfferAnswerForm(request.POST)
    if not any(rights_on(actor_of(request), access.get_case(actor_of(request), offer.case_id), offer).values()):
        raise PermissionDenied
    if not form.is_valid():
        return _show(request, offer, form, 422)
    try:
        return _act(request, offer, form)
    except actions.Refused as error:
        form.add_error(None, refusal(error))
    return _show(request, offer, form, 422)


def rights_on(actor: Actor, case: Case, offer: Handover) -> dict[str, bool]:
    """What the actor is asked to do with an offer that stands. Whom it is for accepts or declines: to decline ends it just as
    well, with a word why, so that nobody is shown all three."""
    facts, to = queries.facts_of(actor, case), (offer.to_user_id, offer.to_service_id)
    own = offer.given_by_id == actor.user_id
    asked = not own and handing_rules.can_answer_offer(actor, facts, *to).ok
    return {
        "accept": asked and handing_rules.can_accept(actor, facts, *to).ok,
        "decline": asked,
        "back": not asked and handing_rules.can_take_back(actor, facts, offer.given_by_id).ok,
    }


def _act(request: HttpRequest, offer: Handover, form: forms.Form) -> HttpResponse:
    actor, act, words = actor_of(request), form.cleaned_data["act"], {"ref": f"EC-{offer.case_id}"}
    if act == "accept":
        outcome = actions.accept_handover(actor=actor, handover_id=offer.pk)
        return moved_on(request, case_url(outcome.case), _("%(ref)s is yours") % words)
    if act == "decline":
        actions.decline_handover(actor=actor, handover_id=offer.pk, reason=form.cleaned_data["reason"])
        return moved_on(request, reverse("escalations:handovers"), _("%(ref)s stays where it was") % words)
    actions.take_back_handover(actor=actor, handover_id=offer.pk)
    return moved_on(request, case_url(words["ref"]), _("%(ref)s is no longer offered") % words)


def _show(request: HttpRequest, offer: Handover, form: forms.Form, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    case = access.get_case(actor, offer.case_id)
    standing = offer.state == OfferState.OFFERED
    context = {
        **_row(offer),
        "case": case,
        "case_url": case_url(case),
        "form": form,
        "may": rights_on(actor, case, offer) if standing else {},
        "parts": [(label, text, lang_of(text)) for label, text in _parts(offer)],
    }
    return render(request, "escalations/handover.html", context, status=status)


def _parts(offer: Handover) -> list[tuple[str, str]]:
    body = getattr(offer.entry, "body", None)
    return summary_lines(body.text) if body else []


@require_safe
@case_reader
def case_handing(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The panel of what is offered and asked now, or a page of all that ever was."""
    actor = _insider(request)
    case = access.get_case_inside(actor, ref)
    offers, questions = handing.handovers_of(case), asking.consults_of(case)
    standing = next((one for one in offers if one.state == OfferState.OFFERED), None)
    context = {
        "case": case,
        "case_url": case_url(case),
        "offer": standing,
        "may": rights_on(actor, case, standing) if standing else {},
        "offers": [_row(one) for one in offers],
        "open_questions": [one for one in questions if one.state == ConsultState.OPEN],
        "questions": questions,
    }
    template = "escalations/_handing.html" if is_htmx(request) else "escalations/case_handing.html"
    return by_asker(render(request, template, context))
