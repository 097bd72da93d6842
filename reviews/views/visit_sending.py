"""What the browser sends of a visit when the line is there: changes, pictures. Each may come twice and counts once."""

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.numbers import whole
from portal.refusals import RefusedError

from ..access.visits import get_visit
from ..actions import visits as acts
from ..actions.answering import Change, Outcome, take_change
from ..forms.visits import changes_from, uuid_or_none
from ..models import Photo
from ..wording import refusal_text
from .saving import press


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that shows a visit's page again without a line; its address is above the pages that it serves, as browsers ask. For all: it says nothing."""
    text = (Path(settings.BASE_DIR) / "static" / "js" / "visit_worker.js").read_text("utf-8")
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})


@require_POST
@require_actor
def changes(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take changes one by one, and say what came of each."""
    actor = actor_of(request)
    found = get_visit(actor, pk)
    acts.permit(actor, found)
    sent = changes_from(request.body)
    return JsonResponse({"outcomes": [_taken(request, pk, change) for change in sent]})


def _taken(request: HttpRequest, pk: int, change: Change) -> dict[str, Any]:
    try:
        outcome = take_change(actor=actor_of(request), visit_id=pk, change=change)
    except RefusedError as refused:
        text = refusal_text(refused.code, refused.params)
        return {"key": str(change.key), "question": change.question_id, "state": "refused", "text": text}
    return outcome_json(outcome)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome with the answer as it stands, in words where somebody has to choose."""
    said: dict[str, Any] = {
        "key": str(outcome.key), "question": outcome.question_id, "state": outcome.state, "version": outcome.version, "values": now_json(outcome.answer),
    }  # fmt: skip
    if outcome.state == "conflict" and outcome.answer:
        said["text"] = _("%(name)s answered this meanwhile.") % {"name": outcome.answer.by.name}
    if outcome.state == "late":
        said["text"] = _(
            "The visit was sent in before this came through. It is kept beside the report and is in no score."
        )
    return said


def now_json(answer: Any) -> dict[str, Any]:
    """What stands, as the page's script knows it."""
    if answer is None:
        return {"score": None, "text": "", "note": "", "not_applicable": False}
    return {name: getattr(answer, name) for name in ("score", "text", "note", "not_applicable")}


@require_POST
@require_actor
def photos(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep a picture; a page without script sends its own with the form."""
    actor = actor_of(request)
    acts.permit(actor, get_visit(actor, pk))
    question, key, upload = (
        whole(request.POST.get("question", "")),
        uuid_or_none(request.POST.get("key", "")),
        request.FILES.get("file"),
    )
    if question is None or not key:
        raise BadRequest("no question, or no key")
    if upload is None:
        return _said(_("Choose a picture first."), 422)
    try:
        photo = acts.add_photo(actor=actor, visit_id=pk, question_id=question, key=key, upload=upload)
    except RefusedError as refused:
        return _said(refusal_text(refused.code, refused.params), 422)
    except ValidationError as refused:
        # For want of room nothing is wrong with the picture: the browser sends it again later.
        return _said(" ".join(refused.messages), 507 if refused.error_list[0].code == "room" else 422)
    return _said(_("Photo kept"), 200, photo)


def _said(text: str, status: int, photo: Photo | None = None) -> HttpResponse:
    url, at = (reverse("files:file", args=[photo.file_id]), photo.at.timestamp()) if photo else ("", 0)
    return JsonResponse({"text": text, "url": url, "at": at}, status=status)


@require_POST
@require_actor
def photo_remove(request: HttpRequest, pk: int, key: uuid.UUID) -> HttpResponse:
    """Take a picture out."""
    url = reverse("reviews:visit", args=[pk])
    return press(
        request, lambda: acts.remove_photo(actor=actor_of(request), visit_id=pk, key=key), url, _("Photo removed")
    )
