"""Restricted cases: breaking the glass, reviewing that, and who holds a grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, actions, queries, rules
from escalations.choices import GrantKind
from escalations.forms import BreakGlassForm, GrantForm, ReviewForm, RevokeForm
from escalations.views.case_page import holder_line
from escalations.views.common import case_url, moved_on, refusal
from escalations.views.namesakes import told_apart
from portal.accounts.decorators import require_right, require_role
from portal.accounts.queries import live_memberships
from portal.accounts.requests import actor_of
from portal.ui.htmx import flash

if TYPE_CHECKING:
    from escalations.models import CaseGrant
    from portal.accounts.rules import Actor

_REVIEWED_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(*rules.GRANTABLE_ROLES)
def break_glass(request: HttpRequest) -> HttpResponseBase:
    """Which case and why (GET); opening it for an hour (POST)."""
    if request.method != "POST":
        return _show_break_glass(request, BreakGlassForm(initial={"ref": request.GET.get("ref", "")[:24]}))
    form = BreakGlassForm(request.POST)
    if not form.is_valid():
        return _show_break_glass(request, form, status=422)
    actor, ref = actor_of(request), form.cleaned_data["ref"]
    try:
        grant = actions.break_glass(actor=actor, ref=ref, reason=form.cleaned_data["reason"])
    except Http404:
        form.add_error("ref", _("There is no restricted case of this number that you could open."))
    except actions.Refused as error:
        form.add_error("ref" if error.code == "already_open_to_you" else "reason", refusal(error))
    else:
        return moved_on(
            request, case_url(f"EC-{grant.case_id}"), _("Open to you for 60 minutes. The service lead has been told.")
        )
    return _show_break_glass(request, form, status=422)


def _show_break_glass(request: HttpRequest, form: BreakGlassForm, status: int = 200) -> HttpResponse:
    return render(request, "escalations/break_glass.html", {"form": form}, status=status)


@require_safe
@require_right("review_break_glass")
def break_glass_reviews(request: HttpRequest) -> HttpResponseBase:
    """Who opened what in an emergency, in the services that the reader leads: to review first, then the latest verdicts."""
    actor = actor_of(request)
    mine = list(queries.break_glass_reviews(actor))
    everything = queries.grants_led_by(actor).filter(kind=GrantKind.BREAK_GLASS).select_related("user")
    not_mine = (
        everything.filter(reviewed_at=None).exclude(pk__in=[grant.pk for grant in mine]).order_by("starts_at", "pk")
    )
    done = everything.exclude(reviewed_at=None).order_by("-reviewed_at", "-pk")[:_REVIEWED_SHOWN]
    rows = [
        *(_grant_line(g, may=True) for g in mine),
        *(_grant_line(g) for g in not_mine),
        *(_grant_line(g) for g in done),
    ]
    return render(request, "escalations/break_glass_reviews.html", {"grants": rows, "open_count": len(mine)})


def _grant_line(grant: CaseGrant, *, may: bool = False) -> dict[str, Any]:
    return {
        "pk": grant.pk,
        "ref": f"EC-{grant.case_id}",
        "user": grant.user,
        "starts_at": grant.starts_at,
        "reason": grant.reason,
        "reviewed_at": grant.reviewed_at,
        "verdict": _("Was needed") if grant.review_upheld else _("Was not needed"),
        "may_review": may,
    }


@require_POST
@require_right("review_break_glass")
def break_glass_review(request: HttpRequest, grant_id: int) -> HttpResponseBase:
    """The verdict on one of them."""
    form = ReviewForm(request.POST)
    back = reverse("escalations:break-glass-reviews")
    if not form.is_valid():
        return _say(request, back, _("Choose a verdict."))
    try:
        actions.review_break_glass(actor=actor_of(request), grant_id=grant_id, upheld=form.cleaned_data["upheld"])
    except actions.Refused as error:
        return _say(request, back, refusal(error))
    return moved_on(request, back, _("Reviewed"))


def _say(request: HttpRequest, back: str, text: str) -> HttpResponse:
    """Nothing was done, and why, as a toast on the page one came from."""
    flash(request, text, "red")
    return redirect(back)


@require_safe
@require_right("grant_restricted")
def restricted(request: HttpRequest) -> HttpResponseBase:
    """Restricted cases of the services that the reader leads: that they are there, and who may see them."""
    stubs = [_stub_line(stub) for stub in queries.restricted_stubs(actor_of(request))]
    return render(request, "escalations/restricted.html", {"stubs": stubs})


def _stub_line(stub: queries.Stub) -> dict[str, Any]:
    users = [{"pk": holder.user_id, "name": holder.name} for holder in stub.holders]
    return {"ref": stub.ref, "pk": stub.ref, "opened_at": stub.opened_at, "service": stub.service, "users": users}


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("grant_restricted")
def case_grants(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Who may see one restricted case (GET); letting somebody in, or ending it (POST). The case itself is not shown."""
    actor = actor_of(request)
    number = access.case_id(ref)
    stub = queries.restricted_stub(actor, number) if number else None
    if stub is None:
        raise Http404
    if request.method != "POST":
        return _show_grants(request, stub, _grant_form(actor))
    return _revoke(request, actor, stub) if request.POST.get("do") == "revoke" else _grant(request, actor, stub)


def _grant(request: HttpRequest, actor: Actor, stub: queries.Stub) -> HttpResponse:
    form = _grant_form(actor, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.grant_access(actor=actor, ref=stub.ref, user_id=data["user"], reason=data["reason"])
        except actions.Refused as error:
            form.add_error("user", refusal(error))
        else:
            return moved_on(request, reverse("escalations:case-grants", args=[stub.ref]), _("Access granted"))
    return _show_grants(request, stub, form, status=422)


def _revoke(request: HttpRequest, actor: Actor, stub: queries.Stub) -> HttpResponse:
    form, back = RevokeForm(request.POST), reverse("escalations:case-grants", args=[stub.ref])
    mine = {holder.grant_id for holder in stub.holders}
    if not form.is_valid() or form.cleaned_data["grant"] not in mine:
        return _say(request, back, _("This access has ended already."))
    try:
        actions.revoke_grant(actor=actor, grant_id=form.cleaned_data["grant"])
    except actions.Refused as error:
        return _say(request, back, refusal(error))
    return moved_on(request, back, _("Access ended"))


def _grant_form(actor: Actor, data: Any = None) -> GrantForm:
    """Anybody else in a role that may hold grants; the action asks the rule."""
    held = live_memberships(timezone.now()).filter(role__in=rules.GRANTABLE_ROLES).exclude(user=actor.user_id)
    people = held.order_by("user__name", "user_id").values_list("user_id", "user__name").distinct()
    return GrantForm(data, users=list(told_apart(people).items()))


def _show_grants(request: HttpRequest, stub: queries.Stub, form: GrantForm, status: int = 200) -> HttpResponse:
    case = {"ref": stub.ref, "opened_at": stub.opened_at}
    context = {"case": case, "grants": [holder_line(one) for one in stub.holders], "form": form}
    return render(request, "escalations/grants.html", context, status=status)
