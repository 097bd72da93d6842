"""What a view answers to htmx: fragments, toasts, refusals; and the same for a page without script."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Tone = Literal["ok", "red"]
# What `is_htmx` looks at.
ASKED_BY: Final = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request")
_LEVELS: Final[Mapping[Tone, int]] = {"ok": messages.SUCCESS, "red": messages.ERROR}


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment; a page restored from its history or boosted is a whole page."""
    asked, *whole_page = (request.headers.get(name) for name in ASKED_BY)
    return asked == "true" and not any(whole_page)


def toast_html(
    text: StrOrPromise, tone: Tone = "ok", undo_url: str | None = None, reload_url: str | None = None
) -> str:
    """A toast as HTML, to be put into the toasts region."""
    return render_to_string(
        "ui/_toast.html", {"text": text, "tone": tone, "undo_url": undo_url, "reload_url": reload_url}
    )


def toast(response: HttpResponse, text: StrOrPromise, tone: Tone = "ok", undo_url: str | None = None) -> HttpResponse:
    """Append a toast to an htmx response, out of band. An empty 204 becomes a 200 that swaps nothing else."""
    if response.status_code == 204:
        response.status_code = 200
        response["HX-Reswap"] = "none"
    html = toast_html(text, tone, undo_url)
    response.write(f'<div hx-swap-oob="beforeend:#toasts">{html}</div>')
    return response


def flash(request: HttpRequest, text: StrOrPromise, tone: Tone = "ok", undo_url: str | None = None) -> None:
    """A toast on the next page that is shown (after a redirect)."""
    messages.add_message(request, _LEVELS[tone], str(text), extra_tags=undo_url or "")


def form_response(request: HttpRequest, template: str, context: Mapping[str, object]) -> HttpResponse:
    """A form with its errors: 422, the fragment or page that `template` names."""
    return render(request, template, dict(context), status=422)


def conflict(request: HttpRequest, text: StrOrPromise, reload_url: str) -> HttpResponse:
    """Somebody else was faster: 409. htmx keeps what was typed and shows the toast; without script a page says the same."""
    if is_htmx(request):
        response = HttpResponse(toast_html(text, "red", reload_url=reload_url), status=409)
        response["X-Toast"] = "1"
        return response
    return render(request, "ui/conflict.html", {"text": text, "reload_url": reload_url}, status=409)


def not_modified() -> HttpResponse:
    """Nothing is new: 204, and htmx leaves the page as it is."""
    return HttpResponse(status=204)


def version_of(*parts: object) -> str:
    """A short token that changes when any of the parts does; for `?v=` of a poll."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
