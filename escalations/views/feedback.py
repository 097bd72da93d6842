"""Feedback on closed cases: giving and changing it, the lists, one of them with its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from escalations import access, actions, queries
from escalations.choices.feedback import Criterion, Rating
from escalations.forms.feedback import AnswerForm, FeedbackForm
from escalations.models import Case
from escalations.queries import feedback as found
from escalations.rules.feedback import OPEN_FOR, can_answer_feedback, can_change_feedback, can_give_feedback
from escalations.views.common import case_reader, case_url, lang_of, moved_on, refusal
from escalations.views.shifts import hands_over
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django_stubs_ext import StrOrPromise

    from escalations.models import PeerFeedback
    from portal.accounts.rules import Actor

_BIGGEST: Final = 2**63 - 1
_LISTS: Final[dict[str, StrOrPromise]] = {
    found.GOT: gettext_lazy("Feedback I got"),
    found.GAVE: gettext_lazy("Feedback I gave"),
    found.LED: gettext_lazy("In my services"),
}


@require_safe
@require_actor
def feedback(request: HttpRequest) -> HttpResponseBase:
    """What I got, what I gave, and what those of the services got that I lead. Raises BadCursor."""
    actor = actor_of(request)
    if not hands_over(actor):
        raise Http404
    offered = [key for key in _LISTS if key != found.LED or queries.led_service_ids(actor, in_person=True)]
    which = request.GET.get("list", found.GOT)
    which = which if which in offered else found.GOT
    page = found.feedback_page(actor, which, request.GET.get("cursor"))
    subjects = found.subjects_seen(actor, page)
    context = {
        "tabs": [{"key": key, "label": _LISTS[key], "current": key == which} for key in offered],
        "page": page,
        "lines": [_line(one, subjects.get(one.case_id, "")) for one in page.items],
    }
    return render(request, "escalations/feedback.html", context)


def _line(one: PeerFeedback, subject: str) -> dict[str, Any]:
    return {"row": one, "ref": one.case.ref, "subject": subject, "lang": lang_of(subject)}


@require_http_methods(["GET", "HEAD", "POST"])
@case_reader
def case_feedback(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Give feedback on a closed case, or change what was given since it closed."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    access.permit(_may_give(actor, case))
    before = found.feedback_of(actor, case)
    if before is not None:
        return _changed(request, before)
    form = FeedbackForm(_sent(request))

    def give() -> PeerFeedback:
        return actions.give_feedback(actor=actor, ref=case.pk, opinion=form.opinion())

    if kept := _kept(request, form, give):
        return kept
    context = {"ref": case.ref, "subject": case.subject, "back": case_url(case), "receiver": case.owner}
    return _form_page(request, form, context)


def _may_give(actor: Actor, case: Case) -> Any:
    facts = queries.facts_of(actor, case)
    return can_give_feedback(actor, facts, owned_before=found.owned_before(actor, case))


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def feedback_change(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change what one gave, whatever became of the case since."""
    return _changed(request, _found(actor_of(request), pk))


def _changed(request: HttpRequest, one: PeerFeedback) -> HttpResponseBase:
    actor = actor_of(request)
    access.permit(can_change_feedback(actor, found.given(one), timezone.now()))
    form = FeedbackForm(_sent(request), before=one)

    def change() -> PeerFeedback:
        version = form.cleaned_data["version"] or 0
        return actions.change_feedback(actor=actor, feedback_id=one.pk, opinion=form.opinion(), version=version)

    if kept := _kept(request, form, change):
        return kept
    subject = one.case.subject if _sees(actor, one) else ""
    back = reverse("escalations:feedback-one", args=[one.pk])
    context = {"ref": one.case.ref, "subject": subject, "back": back, "receiver": one.receiver, "changes": one}
    return _form_page(request, form, {**context, "until": one.at + OPEN_FOR})


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _kept(request: HttpRequest, form: FeedbackForm, keep: Callable[[], PeerFeedback]) -> HttpResponse | None:
    """Kept, and on to its page; None if there is a form to be shown."""
    if not form.is_valid():
        return None
    try:
        made = keep()
    except actions.Refused as error:
        form.add_error(None, refusal(error))
        return None
    return moved_on(request, reverse("escalations:feedback-one", args=[made.pk]), _("Saved"))


def _form_page(request: HttpRequest, form: FeedbackForm, context: Mapping[str, Any]) -> HttpResponse:
    data = {**context, "form": form, "form_url": request.path}
    return render(request, "escalations/feedback_form.html", data, status=422 if form.errors else 200)


def _found(actor: Actor, pk: int) -> PeerFeedback:
    one = found.feedback_seen_by(actor).filter(pk=pk).first() if pk <= _BIGGEST else None
    if one is None:
        raise Http404
    return one


def _sees(actor: Actor, one: PeerFeedback) -> bool:
    return queries.visible_to(actor).filter(pk=one.case_id).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def feedback_one(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One, for who gave it, who got it, and the leads of the service; the receiver answers (POST)."""
    actor = actor_of(request)
    one = _found(actor, pk)
    if request.method != "POST":
        return _shown(request, one, AnswerForm())
    if one.receiver_id != actor.user_id:
        raise PermissionDenied
    form = AnswerForm(request.POST)
    if form.is_valid():
        try:
            actions.answer_feedback(actor=actor, feedback_id=one.pk, text=form.cleaned_data["answer"])
        except actions.Refused as error:
            form.add_error(None, refusal(error))
        else:
            return moved_on(request, request.path, _("Saved"))
    return _shown(request, one, form)


def _shown(request: HttpRequest, one: PeerFeedback, form: AnswerForm) -> HttpResponse:
    actor, given = actor_of(request), found.given(one)
    sees = _sees(actor, one)
    context = {
        "one": one,
        "ref": one.case.ref,
        "case_url": case_url(one.case) if sees else "",
        "subject": one.case.subject if sees else "",
        "ratings": [
            (each.label, getattr(one, each.value), Rating(getattr(one, each.value)).label) for each in Criterion
        ],
        "langs": {name: lang_of(getattr(one, name)) for name in ("good", "to_try", "answer")},
        "may_change": can_change_feedback(actor, given, timezone.now()).ok,
        "until": one.at + OPEN_FOR,
        "may_answer": can_answer_feedback(actor, given).ok,
        "form": form,
    }
    return render(request, "escalations/feedback_one.html", context, status=422 if form.errors else 200)


def feedback_link(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """Beside a closed case, for colleagues of whoever owned it. No query: its page asks for the rest."""
    # The case is in sight: of a restricted one the reader holds the grant.
    if not isinstance(obj, Case) or not can_give_feedback(actor, queries.plain_facts(obj, granted=True)).ok:
        return None
    return {"feedback_url": reverse("escalations:case-feedback", args=[obj.ref])}
