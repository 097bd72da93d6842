"""Trouble: reports and incidents."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.choices import Role
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.refusals import RefusedError
from portal.ui.htmx import flash
from portal.ui.pagination import keyset_page

from .. import access, wording
from ..actions import trouble as acts
from ..addresses import address
from ..forms.trouble import reports_somewhere
from ..queries import trouble
from ..queries.scope import SEE_ALL, SITE_READERS
from ..rules.trouble import step
from ..wording.trouble import EVENTS, check_texts

reads = require_role(*SEE_ALL, *SITE_READERS, Role.IT)
VERBS = ("take", "solve", "cancel")
_INCIDENTS = 50


@require_safe
@reads
def reports(request: HttpRequest) -> HttpResponse:
    """Open incidents and reports, or what is over."""
    actor, closed = actor_of(request), request.GET.get("show") == "over"
    rows = trouble.reports_listed(actor, closed=closed)
    order = ("-id",) if closed else ("id",)
    page = keyset_page(rows, order=order, cursor=request.GET.get("cursor"))
    incidents = [] if closed else list(trouble.incidents_open(actor)[:_INCIDENTS])
    context = {"page": page, "incidents": incidents, "closed": closed, "may_report": reports_somewhere(actor)}
    return render(request, "access_requests/trouble.html", context)


@require_safe
@reads
def report(request: HttpRequest, ref: str) -> HttpResponse:
    """One report: what is wrong, what was tried, what happened."""
    actor = actor_of(request)
    found = acts.get_report(actor, ref)
    events = found.request.events.select_related("actor", "on_behalf_of").order_by("at", "id")
    tried = [str(one) for one in found.tried.order_by("number")]
    context = {
        "report": found, "tried": tried + check_texts(found.symptom, found.checks),
        "events": [(one, EVENTS.get(one.code, one.code)) for one in events],
        "verbs": [verb for verb in VERBS if step(found.state, verb) and acts.may(actor, found, verb)],
    }  # fmt: skip
    return render(request, "access_requests/trouble_report.html", context)


@require_POST
@reads
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Take, solve or take back a report."""
    if verb not in VERBS:
        raise Http404
    done = {"take": _("It is yours"), "solve": _("Solved"), "cancel": _("Taken back")}
    try:
        found = acts.deal_with(actor=actor_of(request), ref=ref, verb=verb)
    except RefusedError as refused:
        flash(request, wording.refusal(refused.code, refused.params), tone="red")
        found = acts.get_report(actor_of(request), ref)
    else:
        flash(request, done[verb])
    return redirect(address("trouble-report", found.request.ref))


@require_safe
@reads
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """Several reports alike as one: who is affected, whether it is over."""
    actor = actor_of(request)
    found = access.one(trouble.incidents_visible_to(actor).select_related("site", "system", "closed_by"), False, pk=pk)
    members = found.members.select_related("person", "request", "taken_by").order_by("pk")
    page = keyset_page(members, order=("id",), cursor=request.GET.get("cursor"))
    context = {
        "incident": found, "page": page, "people": members.count(),
        "may_close": found.closed_at is None and acts.may(actor, found, "close") is not None,
    }  # fmt: skip
    return render(request, "access_requests/incident.html", context)


@require_POST
@reads
def incident_close(request: HttpRequest, pk: int) -> HttpResponse:
    """The incident is over: its reports are solved with it."""
    acts.close_incident(actor=actor_of(request), pk=pk)
    flash(request, _("The incident is over; its reports are solved"))
    return redirect(address("incident", pk))
