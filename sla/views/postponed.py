"""Clocks that the worker put off: what raised, and another attempt."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash
from sla.actions.postponed import Tried, try_now
from sla.queries.postponed import postponed_clocks, postponed_lines

SHOWN = 100


@require_safe
@require_right("configure")
def postponed(request: HttpRequest) -> HttpResponseBase:
    """Those that are tried next, first. A constant number of queries."""
    rows = list(postponed_clocks()[: SHOWN + 1])
    lines = postponed_lines(actor_of(request), rows[:SHOWN])
    return render(request, "sla/postponed.html", {"lines": lines, "more": len(rows) > SHOWN, "shown": SHOWN})


@require_POST
@require_right("configure")
def retry(request: HttpRequest, clock_id: int) -> HttpResponseBase:
    """Try one now, and say what came of it."""
    tried = try_now(actor=actor_of(request), clock_id=clock_id)
    if tried == Tried.DONE:
        flash(request, _("Done. The clock runs on."))
    elif tried == Tried.GONE:
        flash(request, _("This clock no longer waits."))
    elif tried == Tried.BUSY:
        flash(request, _("Somebody works on this case now. Try again in a moment."), "red")
    else:
        flash(request, _("It failed again. The worker tries it in five minutes."), "red")
    return redirect("sla:postponed")
