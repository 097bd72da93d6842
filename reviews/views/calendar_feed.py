"""One's own calendar under a secret address, and that address."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.choices import Role
from portal.accounts.decorators import require_actor, require_role
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash
from portal.ui.pagination import keyset_page

from ..access import meetings as access
from ..actions import calendar_feed as acts
from ..queries import calendar_feed as queries
from ..rendering.meeting_calendar import feed
from .saving import press


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def calendar(request: HttpRequest) -> HttpResponseBase:
    """Whether there is an address; POST makes a new one, which is shown this once."""
    actor = actor_of(request)
    access.permit_reading(actor)
    url = ""
    if request.method == "POST":
        url = request.build_absolute_uri(reverse("reviews:calendar_read", args=[acts.make_feed(actor=actor)]))
    return render(
        request,
        "reviews/calendar.html",
        {"feed": queries.feed_of(actor), "url": url, "oversees": access.oversees(actor)},
    )


@require_POST
@require_actor
def calendar_revoke(request: HttpRequest) -> HttpResponse:
    """The address leads nowhere from now on."""
    actor = actor_of(request)
    access.permit_reading(actor)
    return press(
        request,
        lambda: acts.revoke_feed(actor=actor),
        reverse("reviews:calendar"),
        _("The address does not work any more"),
    )


@require_safe
@require_role(Role.ADMINISTRATOR)
def calendars(request: HttpRequest) -> HttpResponse:
    """Whose calendars are read from outside, and since when."""
    page = keyset_page(queries.feeds(), order=("-created_at", "-id"), cursor=request.GET.get("cursor"))
    return render(request, "reviews/calendars.html", {"page": page})


@require_POST
@require_role(Role.ADMINISTRATOR)
def calendar_revoke_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody's address leads nowhere from now on."""
    found = acts.revoke_feed_of(actor=actor_of(request), pk=pk)
    flash(request, _("The address of %(name)s does not work any more") % {"name": found.user.name})
    return redirect("reviews:calendars")


@never_cache
@require_safe
def calendar_read(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar of whose address this is. No sign-in: the address is the secret."""
    found = queries.meetings_of_token(token)
    if found is None:
        raise Http404
    read, rows = found
    acts.note_reading(read)
    with override(read.user.language):
        text = feed(rows, _("Partner Operations"))
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Referrer-Policy"] = "no-referrer"
    return response
