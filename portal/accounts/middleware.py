"""What every request knows about the person behind it: who acts, in which language and zone, and with a second factor."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for, has_second_factor
from portal.accounts.requests import actor_of
from portal.accounts.rules import ANONYMOUS, Actor

GetResponse = Callable[[HttpRequest], HttpResponse]


def _actor(request: HttpRequest) -> Actor:
    return actor_for(request.user) if isinstance(request.user, User) else ANONYMOUS


class ActorMiddleware:
    """Sets `request.actor`, computed (one query) when first looked at. Signed out: ANONYMOUS, with no standing."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request with its actor."""
        vars(request)["actor"] = SimpleLazyObject(lambda: _actor(request))
        return self.get_response(request)


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of this name; UTC for a name that this machine does not know (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


class LocaleMiddleware:
    """Language and time zone: the user's own; signed out, the cookie's or the browser's language and UTC."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request in the reader's language and zone."""
        user = request.user
        if isinstance(user, User):
            language, zone = user.language, zone_or_utc(user.time_zone)
        else:
            language, zone = translation.get_language_from_request(request), ZoneInfo("UTC")
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = translation.get_language() or language
            response = self.get_response(request)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", language)
        return response


# What an administrator without a second factor may still open: the way to get one, and the way out.
_SECOND_FACTOR_PAGES = frozenset({"mfa_activate_totp", "account_reauthenticate", "account_logout"})
# Carry no data of the tenant: how the page looks, and health.
_OPEN_VIEWS = frozenset({"ui:theme", "ui:language", "home:healthz", "home:readyz"})


class RequireSecondFactorMiddleware:
    """Sends an administrator (or whoever stands in for one) without a second factor to its activation, and nowhere else."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; the check needs the resolved view."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Redirect when the second factor is missing, before the view runs."""
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in _SECOND_FACTOR_PAGES or name in _OPEN_VIEWS or not _lacks_second_factor(request):
            return None
        target = reverse("mfa_activate_totp")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        return HttpResponseRedirect(target)


def _lacks_second_factor(request: HttpRequest) -> bool:
    if not isinstance(request.user, User):
        return False
    return actor_of(request).has(Role.ADMINISTRATOR) and not has_second_factor(request.user.pk)
