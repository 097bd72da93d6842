"""The inbox, what failed, and the demo's mail."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.notifications import access, actions, queries
from portal.numbers import whole

ROWS_SHOWN = 200
HELD_SHOWN = 20
# The page that frames a mail is as strict as any other, but may frame what comes from here.
_FRAMING: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
# The mail itself may load, run, send and reach nothing at all.
_SEALED: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "form-action": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.SELF],
    "sandbox": [""],
}


@require_GET
@require_actor
def inbox(request: HttpRequest) -> HttpResponse:
    """The reader's own notifications, unread ones or all, newest first."""
    show = request.GET.get("show", "unread")
    if show not in {"unread", "all"}:
        raise BadRequest("unknown tab")
    page = queries.inbox_page(actor_of(request), unread_only=show == "unread", cursor=request.GET.get("cursor", ""))
    unread = queries.unread_count(actor_of(request))
    context = {"page": page, "show": show, "unread": queries.capped(unread)}
    return render(request, "notifications/inbox.html", context)


@require_POST
@require_actor
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and stay in the inbox."""
    actions.mark_read(actor=actor_of(request), notification_id=pk)
    return redirect("notifications:inbox")


@require_POST
@require_actor
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go to what it is about; htmx is told to move the whole page."""
    notification = actions.mark_read(actor=actor_of(request), notification_id=pk)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": notification.url})
    return HttpResponseRedirect(notification.url)


@require_POST
@require_actor
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read that the page showed or that came before it."""
    up_to = whole(request.POST.get("up_to", ""))
    if up_to is None:
        raise BadRequest("unknown row")
    actions.mark_all_read(actor=actor_of(request), up_to=up_to)
    messages.success(request, _("Everything is marked as read."))
    return redirect("notifications:inbox")


@require_GET
@require_right("dead_letters")
def failed(request: HttpRequest) -> HttpResponse:
    """What could not be sent or handed round, why, and what to do about it."""
    rows = queries.failures(actor_of(request), ROWS_SHOWN + 1)
    context = {"rows": rows[:ROWS_SHOWN], "more": len(rows) > ROWS_SHOWN, "shown": ROWS_SHOWN}
    return render(request, "notifications/failed.html", context)


@require_POST
@require_right("dead_letters")
def retry_failed(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a failed row again."""
    actions.retry(actor=actor_of(request), row_id=pk)
    messages.success(request, _("It will be tried again within seconds."))
    return redirect("notifications:failed")


@require_POST
@require_right("dead_letters")
def discard_failed(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a failed row away."""
    actions.discard(actor=actor_of(request), row_id=pk)
    messages.success(request, _("Put away. It will not be sent."))
    return redirect("notifications:failed")


@require_GET
@require_right("dead_letters")
def mails(request: HttpRequest) -> HttpResponse:
    """What the demo would have mailed, and what waits for its hour. 404 outside a demo."""
    access.require_demo(actor_of(request))
    kept = list(queries.demo_mails(actor_of(request)).defer("text", "html")[: ROWS_SHOWN + 1])
    context = {
        "mails": kept[:ROWS_SHOWN],
        "more": len(kept) > ROWS_SHOWN,
        "held": queries.held_mails(actor_of(request))[:HELD_SHOWN],
        "shown": ROWS_SHOWN,
    }
    return render(request, "notifications/mails.html", context)


@require_GET
@require_right("dead_letters")
@csp_override(_FRAMING)
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail of the demo: its text, and its HTML in a sealed frame."""
    return render(request, "notifications/mail.html", {"mail": access.get_demo_mail(actor_of(request), pk)})


@require_GET
@require_right("dead_letters")
@xframe_options_sameorigin
@csp_override(_SEALED)
def mail_body(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of a demo mail, for the frame."""
    return HttpResponse(access.get_demo_mail(actor_of(request), pk).html)
