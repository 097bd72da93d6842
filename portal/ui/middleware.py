"""Bodies for refusals that Django sends empty; what caches have to know of answers to htmx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

from portal.ui.htmx import ASKED_BY

_PAGES: Final = {405: "405.html", 413: "413.html"}


class ErrorPageMiddleware:
    """Gives 405 and 413 without a body a page of ours; what has a body keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request; fill the page in if the answer is a bare refusal."""
        response = self.get_response(request)
        template = _PAGES.get(response.status_code)
        if template and not response.streaming and not response.content and request.method != "HEAD":
            response.content = render_to_string(template, {}, request).encode()
            response["Content-Type"] = "text/html; charset=utf-8"
        return response


class VaryByHtmxMiddleware:
    """Says that an answer hangs on who asks: a browser that kept a fragment would show it in place of the page, as when somebody goes back.

    Of every answer: even a page that knows nothing of htmx sends it to the sign-in by another way.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request; name the headers that the answer may hang on."""
        response = self.get_response(request)
        patch_vary_headers(response, ASKED_BY)
        return response
