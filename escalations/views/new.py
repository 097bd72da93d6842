"""Raising a case, and what the matrix says while one fills in the form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from escalations import actions, queries
from escalations.access import case_id
from escalations.choices import Impact, Signal, Urgency
from escalations.forms import NewCaseForm, issue_groups
from escalations.views.common import case_reader, case_url, moved_on, refusal
from escalations.views.similar import hints_for, unseen
from portal.accounts.choices import Role
from portal.accounts.decorators import require_right
from portal.accounts.requests import actor_of
from portal.audit.wording import listed
from portal.numbers import whole
from portal.ui.pressing import once

if TYPE_CHECKING:
    from portal.accounts.rules import Actor

__all__ = ["FIELDS", "case_new", "place_of", "severity_preview"]

_COMPANY = (Role.COORDINATOR, Role.MANAGER, Role.ASSOCIATE)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("raise_case")
def case_new(request: HttpRequest) -> HttpResponseBase:
    """The form (GET); raising the case (POST), once however often the button is pressed."""
    actor = actor_of(request)
    form = _form(actor, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _show(request, form)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        ref = once(request, form.cleaned_data["token"], lambda: _looked_then_create(request, actor, form.cleaned_data))
    except _LookFirstError as look:
        return _show(request, form, status=422, hints={**look.hints, "asked": True})
    except actions.Refused as error:
        form.add_error(FIELDS.get(error.code), refusal(error))
        return _show(request, form, status=422)
    return moved_on(request, place_of(actor, ref), _("%(ref)s created. Its clocks have started.") % {"ref": ref})


FIELDS = {
    "unknown_service": "service",
    "unknown_site": "site",
    "unknown_issue": "issue_type",
    "subject_needed": "subject",
}


class _LookFirstError(Exception):
    """There are cases that this one may be the same as, which were not on the page."""

    def __init__(self, hints: dict[str, Any]) -> None:
        super().__init__()
        self.hints = hints


def _looked_then_create(request: HttpRequest, actor: Actor, data: dict[str, Any]) -> str:
    hints = hints_for(actor, request.POST)
    if unseen(hints, request.POST):
        raise _LookFirstError(hints)
    return _create(actor, data)


def _form(actor: Actor, data: QueryDict | None) -> NewCaseForm:
    company = actor.has(*_COMPANY)
    return NewCaseForm(
        data,
        services=[(one.pk, one.label) for one in queries.raisable_services(actor)],
        sites=queries.raisable_sites(actor),
        issue_types=issue_groups(queries.issue_choices()),
        site_required=not actor.has(Role.ASSOCIATE),
        may_override=company,
        may_mark=company,
    )


def _show(
    request: HttpRequest, form: NewCaseForm, status: int = 200, hints: dict[str, Any] | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "preview": _preview(request.POST), **(hints or {})}
    context["preview_url"] = reverse("escalations:severity-preview")
    return render(request, "escalations/case_new.html", context, status=status)


def _create(actor: Actor, data: dict[str, Any]) -> str:
    case = actions.create_case(
        actor=actor,
        service_id=data["service"],
        site_id=data["site"],
        subject=data["subject"],
        description=data["description"],
        issue_type_id=data["issue_type"],
        channel=data["channel"],
        customer_ref=data["customer_ref"],
        contact_hint=data["contact_hint"],
        impact=data["impact"],
        urgency=data["urgency"],
        signals=data["signals"],
        severity_override=data.get("override"),
        override_reason=data.get("override_reason", ""),
        sensitivity=data.get("sensitivity") or "standard",
    )
    return case.ref


def place_of(actor: Actor, ref: str) -> str:
    """The new case, or the queue for somebody who may not see it."""
    if queries.visible_to(actor).filter(pk=case_id(ref) or 0).exists():
        return case_url(ref)
    return reverse("escalations:queue")


@require_safe
@case_reader
def severity_preview(request: HttpRequest) -> HttpResponseBase:
    """What the service's matrix and the signals make of the form as it stands."""
    if not (actor_of(request).can("raise_case") or actor_of(request).can("work_case")):
        raise Http404
    return render(request, "escalations/_severity_preview.html", {"preview": _preview(request.GET)})


def _preview(data: QueryDict) -> dict[str, Any] | None:
    signals = [one for one in data.getlist("signals") if one in Signal.values]
    if signals:
        names = listed(Signal(one).label for one in signals)
        return {"severity": 1, "why": _("because of: %(signals)s") % {"signals": names}}
    impact, urgency, service = data.get("impact", ""), data.get("urgency", ""), whole(data.get("service", ""))
    if impact not in Impact.values or urgency not in Urgency.values:
        return None
    if service is None:
        return None
    words = {"impact": Impact(impact).label, "urgency": Urgency(urgency).label}
    found = queries.severity_for(service, impact, urgency)
    return {"severity": found, "why": _("%(impact)s × %(urgency)s by the service’s matrix") % words}
