"""What is done to packs: a comment, an acknowledgement, publication, a revision, another try."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.numbers import whole
from portal.refusals import RefusedError
from portal.ui.htmx import flash

from ..access import packs as access
from ..actions import packs as acts
from ..forms.packs import CommentForm, ReviseForm
from .pack_parts import context_of
from .saving import press


@require_POST
@require_actor
def pack_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something of a line or of the whole draft."""
    actor = actor_of(request)
    access.speaking(actor, access.get_pack(actor, pk))
    line = whole(request.POST.get("line", ""))
    form = CommentForm(request.POST, line=line)
    if form.is_valid():
        try:
            acts.comment(actor=actor, pack_id=pk, text=form.cleaned_data["text"], line_id=line)
        except RefusedError as refused:
            form.refuse(refused)
        else:
            flash(request, _("Comment added. Both sides acknowledge the pack as it stands now."))
            return redirect(f"{reverse('reviews:pack', args=[pk])}#{f'line-{line}' if line else 'comments'}")
    context = context_of(actor, access.get_pack(actor, pk), {line: form}) | {"refused": form}
    return render(request, "reviews/pack.html", context, status=422)


@require_POST
@require_actor
def pack_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Acknowledge the draft for one's side."""
    seen = request.POST.get("seen", "")[:64]
    return _press(request, pk, lambda actor: acts.acknowledge(actor=actor, pack_id=pk, seen=seen), _("Acknowledged"))


@require_POST
@require_actor
def pack_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish it for good."""
    seen = request.POST.get("seen", "")[:64]
    text = _("Published. Its files are being made, and it is sent to whoever is subscribed.")
    return _press(request, pk, lambda actor: acts.publish(actor=actor, pack_id=pk, seen=seen), text)


@require_POST
@require_actor
def pack_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Have workers take it up again."""
    return _press(request, pk, lambda actor: acts.try_again(actor=actor, pack_id=pk), _("It is tried again."))


@require_POST
@require_actor
def pack_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Have its numbers made anew as the next revision."""
    actor = actor_of(request)
    found = access.get_pack(actor, pk)
    access.revising(actor, found)
    form = ReviseForm(request.POST)
    if form.is_valid():
        try:
            made = acts.revise(actor=actor, pack_id=pk, reason=form.cleaned_data["reason"])
        except RefusedError as refused:
            form.refuse(refused)
        else:
            flash(request, _("Revision %(n)d is being made.") % {"n": made.revision})
            return redirect("reviews:pack", made.pk)
    return render(request, "reviews/pack.html", context_of(actor, found, {}, form) | {"refused": form}, status=422)


def _press(request: HttpRequest, pk: int, act: Callable[[Any], Any], text: str) -> HttpResponse:
    return press(request, lambda: act(actor_of(request)), reverse("reviews:pack", args=[pk]), text)
