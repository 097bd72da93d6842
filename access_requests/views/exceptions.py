"""Exceptions from conflict rules: asked for at a blocked item, decided by a manager of the site, ended."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.refusals import RefusedError
from portal.ui.htmx import flash

from .. import access, actions, rules
from ..actions.exceptions import may_decide
from ..choices import ItemState, Verdict
from ..forms.approvals import ExceptionForm
from ..models import ExceptionRequest
from ..wording import refusal
from .approvals import safe_next


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def exception_ask(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Ask that the person of a blocked item may hold both sides for a while."""
    actor = actor_of(request)
    item = access.get_item(actor, pk)
    site = item.request.site
    access.permit(rules.requesting(actor, rules.Site(site.pk, site.partner_id)))
    form = ExceptionForm(request.POST or None)
    back = reverse("access:request", args=[item.request.ref])
    problem = "" if item.state == ItemState.BLOCKED_SOD else refusal("not_blocked")
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            actions.ask_exception(actor=actor, item_id=pk, reason=data["reason"], ends_at=data["ends_on"])
        except RefusedError as error:
            form.add_error(error.field if error.field in form.fields else None, refusal(error.code, error.params))
        else:
            flash(request, _("Asked. A manager of the site decides."))
            return redirect(safe_next(request, request.POST.get("next", "") or back))
    context = {"form": form, "item": item, "problem": problem, "back": back}
    status = 422 if request.method == "POST" else 200
    return render(request, "access_requests/exception_ask.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def exception(request: HttpRequest, pk: int) -> HttpResponseBase:
    """An exception that somebody asked for: what it is about, and the decision."""
    actor = actor_of(request)
    wanted = access.get_exception(actor, pk)
    if request.method != "POST":
        return _page(request, actor, wanted)
    verdict, comment = request.POST.get("verdict", ""), request.POST.get("comment", "")
    try:
        if verdict == Verdict.APPROVED:
            actions.grant_exception(actor=actor, pk=pk, comment=comment)
            flash(request, _("Exception granted. What it held up goes on."))
        else:
            actions.refuse_exception(actor=actor, pk=pk, comment=comment)
            flash(request, _("Exception refused"))
    except RefusedError as error:
        return _page(request, actor, wanted, problem=refusal(error.code, error.params), comment=comment)
    return redirect("access:approvals")


@require_POST
@require_actor
def exception_end(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End an exception before its time."""
    actions.end_exception(actor=actor_of(request), exception_id=pk)
    flash(request, _("Exception ended. What was granted under it is taken away."))
    return redirect(safe_next(request, request.POST.get("next", "")))


def _page(
    request: HttpRequest, actor: Actor, wanted: ExceptionRequest, *, problem: str = "", comment: str = ""
) -> HttpResponse:
    allowed = may_decide(actor, wanted)
    context: dict[str, Any] = {
        "wanted": wanted,
        "open": wanted.decided_at is None,
        "may": not isinstance(allowed, str),
        "why": refusal(allowed) if isinstance(allowed, str) else "",
        "problem": problem,
        "comment": comment,
    }
    return render(request, "access_requests/exception.html", context, status=422 if problem else 200)
