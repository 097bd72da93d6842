"""Screens of configuration: services and their severity matrices. Administrators; leads for their own service."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, actions, queries
from escalations.forms import MatrixForm, ServiceForm, VersionForm
from escalations.views.common import moved_on, refusal
from portal.accounts.choices import Role
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.queries import live_memberships
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict
from sla.queries import calendar_choices

if TYPE_CHECKING:
    from escalations.models import Service
    from portal.accounts.models import Membership
    from portal.accounts.rules import Actor

_FIELDS = {"code_taken": "code", "code_unfit": "code", "name_needed": "name"}


def _shown_to(actor: Actor) -> Any:
    """Services whose settings the actor may look at: all for auditors, else those they may change."""
    rows = queries.services_visible_to(actor) if actor.can("read_all") else queries.configurable_services(actor)
    return rows.select_related("calendar")


def shown_service(actor: Actor, code: str) -> Service:
    """One of those by its code. Raises Http404."""
    found = access.get_service(actor, code)
    if not _shown_to(actor).filter(pk=found.pk).exists():
        raise Http404
    return found


def may_change(actor: Actor, service: Service) -> bool:
    """Whether the actor may change the service's settings."""
    return queries.configurable_services(actor).filter(pk=service.pk).exists()


def looks_at_settings(actor: Actor) -> None:
    """Raises Http404 for whom no settings concern."""
    if not (actor.can("configure_service") or actor.can("read_all")):
        raise Http404


@require_safe
@require_actor
def services(request: HttpRequest) -> HttpResponseBase:
    """All services with calendar and members. Two queries for any number of them."""
    actor = actor_of(request)
    looks_at_settings(actor)
    rows = list(_shown_to(actor))
    members = _members([row.pk for row in rows])
    lines = [ServiceLine(row, members.get(row.pk, [])) for row in rows]
    return render(request, "escalations/services.html", {"services": lines, "may_configure": actor.can("configure")})


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service with its members."""

    service: Service
    members: list[Membership]

    @property
    def leads(self) -> list[Membership]:
        """Those who lead it."""
        return [member for member in self.members if member.is_lead]


def _members(service_ids: list[int]) -> dict[int, list[Membership]]:
    """Members in force of each service; one query."""
    rows = live_memberships(timezone.now()).filter(role=Role.ASSOCIATE, service_id__in=service_ids)
    found: dict[int, list[Membership]] = defaultdict(list)
    for row in rows.select_related("user").order_by("user__name", "pk"):
        found[row.service_id or 0].append(row)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def service_new(request: HttpRequest) -> HttpResponseBase:
    """A service that does not exist yet."""
    form = ServiceForm(request.POST if request.method == "POST" else None, calendars=calendar_choices(), new=True)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.add_service(
                actor=actor_of(request),
                code=data["code"],
                name=data["name"],
                name_zh=data["name_zh"],
                calendar_id=data["calendar"],
            )
        except actions.Refused as error:
            form.add_error(_FIELDS.get(error.code), refusal(error))
        else:
            return moved_on(request, reverse("escalations:service", args=[made.code]), _("Service created"))
    context = {"form": form, "form_url": reverse("escalations:service-new"), "may_configure": True}
    return render(request, "escalations/service.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def service(request: HttpRequest, code: str) -> HttpResponseBase:
    """One service: its settings and its members."""
    actor = actor_of(request)
    looks_at_settings(actor)
    found = shown_service(actor, code)
    may = may_change(actor, found)
    if request.method != "POST":
        return _show_service(request, found, _service_form(found), may=may)
    if not may:
        raise PermissionDenied
    form = _service_form(found, request.POST)
    return _save_service(request, found, form)


def _service_form(found: Service, data: Any = None) -> ServiceForm:
    initial = {
        "name": found.name,
        "name_zh": found.name_zh,
        "calendar": found.calendar_id,
        "version": found.version,
        "gives_cases": found.gives_cases,
    }
    choices = calendar_choices()
    if found.calendar_id and found.calendar_id not in dict(choices):
        choices.append((found.calendar_id, str(found.calendar)))
    return ServiceForm(data, calendars=choices, initial=initial)


def _save_service(request: HttpRequest, found: Service, form: ServiceForm) -> HttpResponse:
    if not form.is_valid():
        return _show_service(request, found, form, status=422)
    data = form.cleaned_data
    try:
        actions.change_service_settings(
            actor=actor_of(request),
            service_id=found.pk,
            name=data["name"],
            name_zh=data["name_zh"],
            calendar_id=data["calendar"],
            gives_cases=data["gives_cases"],
            expected_version=data["version"],
        )
    except actions.Refused as error:
        if error.code == "stale":
            return _show_service(request, found, form, status=409, conflict_text=stale_text())
        form.add_error(_FIELDS.get(error.code), refusal(error))
        return _show_service(request, found, form, status=422)
    return moved_on(request, reverse("escalations:service", args=[found.code]), _("Saved"))


def stale_text() -> str:
    """Somebody else saved first."""
    return _("Not saved. Somebody changed this a moment ago. What you typed is below.")


def _show_service(
    request: HttpRequest,
    found: Service,
    form: forms.Form,
    *,
    may: bool = True,
    status: int = 200,
    conflict_text: str = "",
) -> HttpResponse:
    members = queries.members_of(found)
    context = {
        "service": found,
        "members": members,
        "form": form,
        "form_url": reverse("escalations:service", args=[found.code]),
        "may_change": may,
        "may_configure": actor_of(request).can("configure"),
        "conflict_text": conflict_text,
    }
    return render(request, "escalations/service.html", context, status=status)


@require_POST
@require_right("configure")
def service_archive(request: HttpRequest, code: str) -> HttpResponseBase:
    """Take no more cases, or take them again."""
    actor = actor_of(request)
    found, form = shown_service(actor, code), VersionForm(request.POST)
    back = reverse("escalations:service", args=[found.code])
    if not form.is_valid():
        return conflict(request, stale_text(), back)
    archived = request.POST.get("archived") == "1"
    try:
        actions.archive_service(
            actor=actor, service_id=found.pk, archived=archived, expected_version=form.expected_version
        )
    except actions.Refused:
        return conflict(request, stale_text(), back)
    return moved_on(request, back, _("Archived") if archived else _("Brought back"))


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def matrix(request: HttpRequest, code: str) -> HttpResponseBase:
    """The severity matrix of a service."""
    actor = actor_of(request)
    looks_at_settings(actor)
    found = shown_service(actor, code)
    may = may_change(actor, found)
    if request.method != "POST":
        cells = queries.matrix_of(found.pk)
        return _show_matrix(request, found, MatrixForm(cells=cells, initial={"version": found.version}), may=may)
    if not may:
        raise PermissionDenied
    form = MatrixForm(request.POST)
    if not form.is_valid():
        return _show_matrix(request, found, form, status=422)
    try:
        actions.set_matrix(
            actor=actor, service_id=found.pk, cells=form.matrix(), expected_version=form.expected_version
        )
    except actions.Refused as error:
        if error.code == "stale":
            return _show_matrix(request, found, form, status=409, conflict_text=stale_text())
        form.add_error(None, refusal(error))
        return _show_matrix(request, found, form, status=422)
    return moved_on(request, reverse("escalations:matrix", args=[found.code]), _("Matrix saved"))


def _show_matrix(
    request: HttpRequest,
    found: Service,
    form: MatrixForm,
    *,
    may: bool = True,
    status: int = 200,
    conflict_text: str = "",
) -> HttpResponse:
    context = {
        "service": found,
        "service_url": reverse("escalations:service", args=[found.code]),
        "form": form,
        "matrix_rows": form.rows(),
        "columns": form.columns(),
        "may_edit": may,
        "conflict_text": conflict_text,
    }
    return render(request, "escalations/matrix.html", context, status=status)
