"""Whoever signed in again beside a page that stood open: it may send once more what it could not."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.views.csrf import csrf_failure as refused_page
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from portal.accounts.decorators import for_another, is_for_another, require_actor, to_login
from portal.accounts.models import User
from portal.ui.htmx import is_htmx


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """403 for a form whose token is not that of the session: a page, or for htmx what says why. The token changes at each
    sign-in, so that is the usual reason, and no refusal."""
    if not is_htmx(request):
        return refused_page(request, reason)
    if not isinstance(request.user, User):
        return to_login(request)
    if is_for_another(request):
        return for_another()
    return HttpResponse(status=403, headers={"X-Out-Of-Date": "1"})


@require_GET
@never_cache
@require_actor
def token(request: HttpRequest) -> HttpResponse:
    """The token of forms by now, for a page of the same person that was made before it changed."""
    return JsonResponse({"token": get_token(request)})
