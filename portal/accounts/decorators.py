"""Preconditions of views: somebody is signed in, in one of these roles."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from portal.accounts.models import User
from portal.accounts.requests import actor_of

# Where to sign in, of an answer to htmx: the page may stay and offer it.
SIGN_IN: Final = "X-Sign-In"
_ASKING: Final = frozenset({"GET", "HEAD"})

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def to_login(request: HttpRequest) -> HttpResponseBase:
    """The login page, coming back here after it. htmx moves the whole page for what it asked; for what somebody sent the
    page stays as it is with what they typed, and offers the way (static/js/returning.js)."""
    place = reverse("account_login")
    if request.headers.get("HX-Request") == "true":
        page = _page_shown(request)
        place += f"?{urlencode({'next': page})}" if page else ""
        if request.method in _ASKING:
            return HttpResponse(status=204, headers={SIGN_IN: place, "HX-Redirect": place})
        return HttpResponse(status=401, headers={SIGN_IN: place})
    next_url = request.get_full_path() if request.method in _ASKING else reverse("home:day")
    return redirect_to_login(next_url, place)


def _page_shown(request: HttpRequest) -> str:
    """Path and query of the page that htmx sends from; empty for none, or one that is not ours."""
    url = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(url, {request.get_host()}):
        return ""
    parts = urlsplit(url)
    page = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return page if page.startswith("/") and url_has_allowed_host_and_scheme(page, None) else ""


def is_for_another(request: HttpRequest) -> bool:
    """Whether the page that htmx sends from was made for somebody else than is signed in by now."""
    reader = request.headers.get("X-Reader")
    return reader is not None and reader != str(request.user.pk)


def for_another() -> HttpResponse:
    """Nothing is done or shown in the name of one person on the page of another."""
    return HttpResponse(status=409, headers={"X-Somebody-Else": "1", "Cache-Control": "no-store"})


def require_actor[**P](view: View[P]) -> View[P]:
    """Signed-out visitors are sent to the login page."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return to_login(request)
        if is_for_another(request):
            return for_another()
        return view(request, *args, **kwargs)

    return checked


def require_role[**P](*roles: str) -> Callable[[View[P]], View[P]]:
    """As `require_actor`; whoever has none of these roles gets 404, as if there were no such page."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not actor_of(request).has(*roles):
                raise Http404
            return view(request, *args, **kwargs)

        return require_actor(checked)

    return decorate


def require_right[**P](right: str) -> Callable[[View[P]], View[P]]:
    """As `require_role`, by a right of `rules.RIGHTS`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not actor_of(request).can(right):
                raise Http404
            return view(request, *args, **kwargs)

        return require_actor(checked)

    return decorate
