"""What is done with a meeting's agenda and while it runs: points, notes as they are typed, decisions, the end, minutes."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.numbers import wholes
from portal.refusals import RefusedError
from portal.ui.htmx import flash

from ..access import meetings as access
from ..actions import agenda as acts
from ..actions import notes, running
from ..forms.meetings import DecisionForm, NotesForm, TopicForm
from ..models import Engagement
from ..queries import agenda
from ..wording import refusal_text
from .meetings import page_of
from .saving import press

type Permit = Callable[[Actor, Engagement], Actor]


@require_POST
@require_actor
def agenda_build(request: HttpRequest, pk: int) -> HttpResponse:
    """Add exceptions and open actions that are not on it yet."""
    return _counted(
        request, pk, lambda: acts.build(actor=actor_of(request), pk=pk),
        lambda n: ngettext("%(n)d point added", "%(n)d points added", n) % {"n": n} if n else _("Nothing new for the agenda"),
    )  # fmt: skip


@require_POST
@require_actor
def agenda_add(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A point of one's own."""
    return _typed(
        request,
        pk,
        "topic",
        TopicForm,
        access.permit_writing,
        lambda data: acts.add_topic(actor=actor_of(request), pk=pk, title=data["title"]),
    )


@require_POST
@require_actor
def agenda_item(request: HttpRequest, pk: int, item: int, act: str) -> HttpResponse:
    """Up, down, dealt with, not dealt with, off the agenda."""
    actor = actor_of(request)
    acted: dict[str, Callable[[], Any]] = {
        "up": lambda: acts.move(actor=actor, pk=pk, item=item, up=True),
        "down": lambda: acts.move(actor=actor, pk=pk, item=item, up=False),
        "done": lambda: acts.mark_done(actor=actor, pk=pk, item=item, done=True),
        "open": lambda: acts.mark_done(actor=actor, pk=pk, item=item, done=False),
        "remove": lambda: acts.remove(actor=actor, pk=pk, item=item),
    }
    texts = {
        "up": _("Order changed"),
        "down": _("Order changed"),
        "done": _("Dealt with"),
        "open": _("Taken up again"),
        "remove": _("Removed"),
    }
    return press(request, acted[act], _page(pk), texts[act])


@require_POST
@require_actor
def notes_save(request: HttpRequest, pk: int, item: int) -> HttpResponseBase:
    """Notes on a point; a script gets JSON, a form its page again."""
    actor, form = actor_of(request), NotesForm(request.POST)
    asks_json = request.headers.get("Accept") == "application/json"
    try:
        if not form.is_valid():
            acts_on = access.get_engagement(actor, pk)
            access.permit_writing(actor, acts_on)
            raise RefusedError("notes_too_long")
        saved = notes.save_notes(
            actor=actor, pk=pk, item=item, base=form.cleaned_data["base"], text=form.cleaned_data["text"]
        )
    except RefusedError as refused:
        text = refusal_text(refused.code, refused.params)
        if asks_json:
            return JsonResponse({"error": text}, status=422)
        return render(
            request,
            "reviews/engagement.html",
            page_of(request, access.get_engagement(actor, pk), error=text),
            status=422,
        )
    if asks_json:
        said = both_kept() if saved.conflict else ""
        return JsonResponse({"version": saved.version, "own": saved.own, "text": saved.text, "conflict": said})
    flash(request, both_kept() if saved.conflict else _("Saved"))
    return redirect(f"{_page(pk)}#point-{item}")


@require_safe
@require_actor
def notes_now(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Notes of all points as they stand, for whoever has the page open."""
    actor = actor_of(request)
    found = access.get_engagement(actor, pk)
    rows = agenda.items_of(actor, found).values_list("pk", "note_version", "notes")
    return JsonResponse(
        {"state": found.state, "items": {pk: {"version": version, "text": text} for pk, version, text in rows}}
    )


@require_POST
@require_actor
def decision_add(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What was decided."""
    return _typed(
        request,
        pk,
        "decision",
        DecisionForm,
        access.permit_running,
        lambda data: running.decide(actor=actor_of(request), pk=pk, text=data["text"]),
    )


@require_POST
@require_actor
def decision_withdraw(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    """Not decided after all."""
    return press(
        request, lambda: running.withdraw(actor=actor_of(request), pk=pk, decision=decision), _page(pk), _("Taken back")
    )


@require_POST
@require_actor
def engagement_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting begins."""
    return press(request, lambda: running.begin(actor=actor_of(request), pk=pk), _page(pk), _("The meeting has begun"))


@require_POST
@require_actor
def engagement_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting is over; who came is kept."""
    came = wholes(request.POST.getlist("came"))
    return _counted(
        request, pk, lambda: running.hold(actor=actor_of(request), pk=pk, came=came),
        lambda n: ngettext("Held. %(n)d action goes on the next agenda.", "Held. %(n)d actions go on the next agenda.", n) % {"n": n} if n else _("Held"),
    )  # fmt: skip


@require_POST
@require_actor
def minutes_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Minutes to everybody who was asked."""
    return press(
        request, lambda: running.send_minutes(actor=actor_of(request), pk=pk), _page(pk), _("Minutes are on their way")
    )


def both_kept() -> str:
    """What a writer is told whose line somebody else wrote too."""
    return _(
        "Somebody else wrote in the same place. Both texts are kept, each under its writer’s name: make one of them."
    )


def _page(pk: int) -> str:
    return reverse("reviews:engagement", args=[pk])


def _counted(request: HttpRequest, pk: int, act: Callable[[], int], text: Callable[[int], str]) -> HttpResponse:
    try:
        number = act()
    except RefusedError as refused:
        flash(request, refusal_text(refused.code, refused.params), tone="red")
    else:
        flash(request, text(number))
    return redirect(_page(pk))


def _typed(
    request: HttpRequest, pk: int, name: str, kind: type[Any], permit: Permit, act: Callable[[dict[str, Any]], Any]
) -> HttpResponseBase:
    """A small form on the meeting's page: errors come back there."""
    actor = actor_of(request)
    found = access.get_engagement(actor, pk)
    permit(actor, found)
    form = kind(request.POST, auto_id=f"{name}-%s")
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except RefusedError as refused:
            form.add_error(None, refusal_text(refused.code, refused.params))
        else:
            return redirect(f"{_page(pk)}#{name}")
    return render(request, "reviews/engagement.html", page_of(request, found, **{name: form}), status=422)
