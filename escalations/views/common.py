"""What the views of this wing have in common."""

from __future__ import annotations

import re
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from escalations.choices import Reason
from portal.accounts.choices import Role
from portal.accounts.decorators import View, require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.htmx import flash, is_htmx
from portal.ui.pressing import press

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from escalations.actions import Refused, Stale
    from escalations.models import Case

_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_HANGUL: Final = re.compile(r"[\uac00-\ud7af]")
_LATIN: Final = re.compile(r"[A-Za-z]")


def case_url(case: Case | str) -> str:
    """The page of a case."""
    return reverse("escalations:case", args=[case if isinstance(case, str) else case.ref])


def lang_of(text: str) -> str:
    """The `lang` of a text that people wrote, if it is not the page's: zh-Hans, ja, ko or en; else empty."""
    page = "zh" if (get_language() or "").startswith("zh") else "en"
    if _KANA.search(text):
        return "ja"
    if _HANGUL.search(text):
        return "ko"
    if _HAN.search(text):
        return "" if page == "zh" else "zh-Hans"
    return "en" if page == "zh" and _LATIN.search(text) else ""


def reason_text(code: str) -> str:
    """Why something was refused, in the reader's language."""
    return str(Reason(code).label) if code in Reason.values else str(Reason("not_possible").label)


def refusal(error: Refused) -> str:
    """The same for what an action raised."""
    return str(error) if error.words else reason_text(error.code)


def conflict_text(error: Stale) -> str:
    """Who was faster."""
    if error.changed_by_name:
        return _("Not saved. %(name)s changed this case a moment ago.") % {"name": error.changed_by_name}
    return _("Not saved. This case was changed a moment ago.")


def safe_next(request: HttpRequest, wanted: str, fallback: str) -> str:
    """An address of our own to go back to; `fallback` for any other."""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return fallback


def moved_on(request: HttpRequest, url: str, text: StrOrPromise, undo_url: str | None = None) -> HttpResponse:
    """Go to another page, where a toast says what was done."""
    flash(request, text, undo_url=undo_url)
    if is_htmx(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def by_asker(response: HttpResponse) -> HttpResponse:
    """Mark an answer that is a fragment for htmx and a page for everybody else, so that no cache confuses them."""
    patch_vary_headers(response, ["HX-Request"])
    return response


def seconds_since(at: datetime) -> int:
    """Whole seconds between an instant and now; never below zero."""
    return max(0, int((timezone.now() - at).total_seconds()))


def own_services(actor: Actor) -> list[int]:
    """Services that the actor belongs to in person, by id."""
    return [s.service_id for s in actor.of(Role.ASSOCIATE) if s.principal_id is None and s.service_id]


def sees_cases(actor: Actor) -> bool:
    """Whether cases are any of this person's business: everybody's but those who only fulfil access."""
    return actor.can("follow_case") or actor.can("see_internal")


def case_reader[**P](view: View[P]) -> View[P]:
    """For signed-in people whose role has to do with cases; 404 to others. A form with `{% once %}` counts once."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not sees_cases(actor_of(request)):
            raise Http404
        back = case_url(str(kwargs["ref"])) if "ref" in kwargs else reverse("escalations:queue")
        return press(request, lambda: view(request, *args, **kwargs), back)

    return require_actor(checked)
