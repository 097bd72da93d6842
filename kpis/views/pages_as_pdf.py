"""A page of this wing as a PDF, drawn with the rights that its reader has at this moment. Nothing is fetched from anywhere."""

from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django_htmx.middleware import HtmxDetails

from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.notifications.registry import RetryLater
from portal.notifications.rules import zone_or_utc
from portal.ui import pdf

from ..models import SavedView

_MOVED: Final = frozenset({301, 302, 303, 307, 308})
# From one address to the next; more is a circle.
_HOPS: Final = 5


class NotAllowedError(Exception):
    """The reader may not open the page (any more), or the address does not lead to a page of this wing."""


def pdf_of(view: SavedView, person: User, actor: Actor) -> bytes:
    """The page in the reader's language and zone. Raises NotAllowedError where the page would refuse them."""
    with translation.override(person.language), timezone.override(zone_or_utc(person.time_zone)):
        return to_pdf(_page(view, person, actor))


def to_pdf(markup: str) -> bytes:
    """A page's markup on A4, without its shell. Raises RetryLater where Pango is missing."""
    try:
        return pdf.to_pdf(markup)
    except pdf.NoPangoError as error:
        raise RetryLater(str(error)) from error


def _page(view: SavedView, person: User, actor: Actor) -> str:
    path, query = view.path, view.query
    for _hop in range(_HOPS):
        response = _answer(_request(path, query, person, actor))
        if response.status_code not in _MOVED:
            break
        path, query = _led_to(response, path)
    if response.status_code != 200 or not isinstance(response, HttpResponse):
        raise NotAllowedError
    if not response.headers.get("Content-Type", "").startswith("text/html"):
        raise NotAllowedError
    return response.content.decode()


def _answer(request: HttpRequest) -> HttpResponseBase:
    """What the page at the request's address answers."""
    try:
        match = resolve(request.path)
        request.resolver_match = match
        if match.namespace != "kpis":
            raise NotAllowedError
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except (Http404, Resolver404, PermissionDenied, BadRequest) as error:
        raise NotAllowedError from error
    return response


def _led_to(response: HttpResponseBase, path: str) -> tuple[str, str]:
    """Path and query of the address that a page moved to; raises NotAllowedError when it is not this portal's."""
    here = urlsplit(settings.PORTAL_BASE_URL)
    target = urlsplit(urljoin(f"{here.scheme}://{here.netloc}{path}", response.headers.get("Location", "")))
    if (target.scheme, target.netloc) != (here.scheme, here.netloc):
        raise NotAllowedError
    return target.path, target.query


def _request(path: str, query: str, person: User, actor: Actor) -> HttpRequest:
    """The request that the reader's browser would make."""
    host = urlsplit(settings.PORTAL_BASE_URL)
    request: Any = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.META = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": host.netloc,
        "SERVER_NAME": host.hostname or "localhost", "SERVER_PORT": str(host.port or 443),
    }  # fmt: skip
    request.GET = QueryDict(f"{query}&lines=all" if query else "lines=all")
    request.user, request.actor, request.session = person, actor, SessionStore()
    request._messages, request.htmx = FallbackStorage(request), HtmxDetails(request)
    request.LANGUAGE_CODE = translation.get_language()
    made: HttpRequest = request
    return made
