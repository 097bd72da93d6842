"""The page of a case, and one clock of it explained."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from escalations import access, actions
from escalations.choices import Sensitivity
from escalations.views.case_page import page_context
from escalations.views.common import case_reader, case_url
from portal.accounts.requests import actor_of


@require_safe
@case_reader
def case(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Everything about one case. Opening one that not everybody may know of is recorded: the audit's duty, which
    changes nothing that anybody sees on a page, and the one thing that a GET writes."""
    actor = actor_of(request)
    found = access.get_case(actor, ref)
    if ref != found.ref:
        return redirect(case_url(found))
    context = page_context(request, found)
    if found.sensitivity != Sensitivity.STANDARD and request.method == "GET":
        actions.record_view(actor=actor, case=found)
    return render(request, "escalations/case.html", context)
