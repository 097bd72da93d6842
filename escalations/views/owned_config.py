"""What the pages of macros and of reply templates share: both belong to a service or to all, are changed as they were read, and archived."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from escalations import actions, queries
from escalations.forms import VersionForm
from escalations.views.common import moved_on, refusal
from escalations.views.config import stale_text
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse, HttpResponseBase

    from portal.accounts.rules import Actor


def may_change(actor: Actor, service_id: int | None) -> bool:
    """Whether the actor keeps what belongs to this service; to all: administrators."""
    if service_id is None:
        return actor.can("configure")
    return queries.configurable_services(actor).filter(pk=service_id).exists()


def services_for(actor: Actor) -> list[tuple[int, str]]:
    """Live services that something new may belong to."""
    return [(one.pk, one.label) for one in queries.configurable_services(actor).filter(archived_at=None)]


def refused(form: forms.Form, fields: Mapping[str, str], act: Callable[[], Any]) -> actions.Refused | None:
    """Do it; what is refused is said at its field and given back."""
    try:
        act()
    except actions.Refused as error:
        if error.code != "stale":
            form.add_error(fields.get(error.code), refusal(error))
        return error
    return None


def change(
    request: HttpRequest, service_id: int | None, form: forms.Form, fields: Mapping[str, str],
    act: Callable[[], Any], show: Callable[[int, str], HttpResponse], back: str,
) -> HttpResponseBase:  # fmt: skip
    """Save a form that was sent; `show` renders it with a status and, where somebody was faster, why. Raises PermissionDenied."""
    if not may_change(actor_of(request), service_id):
        raise PermissionDenied
    if not form.is_valid():
        return show(422, "")
    if error := refused(form, fields, act):
        return show(409, stale_text()) if error.code == "stale" else show(422, "")
    return moved_on(request, back, _("Saved"))


def archive(
    request: HttpRequest, service_id: int | None, back: str, act: Callable[[bool, int | None], Any]
) -> HttpResponseBase:
    """Offer it no more, or again: `act` takes which, and the version that was read. Raises PermissionDenied."""
    if not may_change(actor_of(request), service_id):
        raise PermissionDenied
    form, archived = VersionForm(request.POST), request.POST.get("archived") == "1"
    if not form.is_valid():
        return conflict(request, stale_text(), back)
    try:
        act(archived, form.expected_version)
    except actions.Refused:
        return conflict(request, stale_text(), back)
    return moved_on(request, back, _("Archived") if archived else _("Brought back"))
