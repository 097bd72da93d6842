"""Error pages, the reader's theme and language, the palette, and the gallery of components."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.choices import Role
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.ui import context
from portal.ui.gallery import gallery_context
from portal.ui.palette import MAX_QUERY, palette_groups

if TYPE_CHECKING:
    pass

_YEAR = 365 * 24 * 3600


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a parameter that no page of ours would send."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the row may be seen but not changed."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: no such page, or not for this actor."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a page that needs neither database nor template engine."""
    return HttpResponse(_server_error_page(), status=500)


@cache
def _server_error_page() -> str:
    return (Path(settings.BASE_DIR) / "templates" / "500.html").read_text(encoding="utf-8")


@require_GET
@require_actor
def counts(request: HttpRequest) -> HttpResponse:
    """The counts of the navigation that are fetched after the page."""
    found = context.later_counts(actor_of(request))
    return render(request, "ui/_counts.html", {"counts": found})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's theme in this browser."""
    chosen = request.POST.get("theme", "")
    if chosen not in context.THEMES:
        return bad_request(request)
    response = HttpResponseRedirect(_back(request))
    response.set_cookie("theme", chosen, max_age=_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")
    return response


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language of the signed-out pages in this browser; people choose theirs in the profile."""
    chosen = request.POST.get("language", "")
    if chosen not in dict(settings.LANGUAGES):
        return bad_request(request)
    response = HttpResponseRedirect(_back(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, chosen, max_age=_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
    )
    return response


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"


@require_GET
@require_actor
def palette(request: HttpRequest) -> HttpResponse:
    """What the palette lists for a text (`q`) on a page (`at`)."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:MAX_QUERY]
    groups = palette_groups(actor_of(request), text, request.GET.get("at", ""), context.navigation(request))
    shown = {"groups": groups, "count": sum(len(group.options) for group in groups)}
    return render(request, "ui/_palette_results.html", shown)


@require_GET
@require_actor
def components(request: HttpRequest) -> HttpResponse:
    """Every piece in every state, for administrators and developers; 404 to others."""
    actor = actor_of(request)
    if not (settings.DEBUG or actor.has(Role.ADMINISTRATOR)):
        raise Http404
    return render(request, "ui/components.html", gallery_context(request))
