"""Preconditions of views: somebody is signed in, in one of these roles."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.requests import actor_of

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _to_login(request: HttpRequest) -> HttpResponseBase:
    """The login page, coming back here after it; htmx is told to move the whole page."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("account_login")})
    next_url = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("home:day")
    return redirect_to_login(next_url, reverse("account_login"))


def require_actor[**P](view: View[P]) -> View[P]:
    """Signed-out visitors are sent to the login page."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return _to_login(request)
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
