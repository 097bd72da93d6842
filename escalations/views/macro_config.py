"""Macros as pages of configuration: administrators, leads for their own services; auditors read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, actions, queries
from escalations.forms import MacroForm
from escalations.views.common import moved_on
from escalations.views.config import looks_at_settings
from escalations.views.owned_config import archive, change, may_change, refused, services_for
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of

if TYPE_CHECKING:
    from escalations.models import Macro
    from portal.accounts.rules import Actor

_FIELDS = {"name_needed": "name", "name_taken": "name", "note_needed": "note"}


@require_safe
@require_actor
def macros(request: HttpRequest) -> HttpResponseBase:
    """All that the reader may look at. One query for any number of them."""
    actor = actor_of(request)
    looks_at_settings(actor)
    context = {"macros": queries.macros_shown_to(actor), "may_add": actor.can("configure_service")}
    return render(request, "escalations/macros.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure_service")
def macro_new(request: HttpRequest) -> HttpResponseBase:
    """One that does not exist yet."""
    actor = actor_of(request)
    form = MacroForm(
        request.POST if request.method == "POST" else None,
        replies=_replies(actor, None),
        services=services_for(actor),
        new=True,
        for_all=actor.can("configure"),
    )

    def add() -> object:
        return actions.add_macro(actor=actor, service_id=form.cleaned_data["service"], acts=_acts(form))

    if request.method == "POST" and form.is_valid() and not refused(form, _FIELDS, add):
        return moved_on(request, reverse("escalations:macros"), _("Macro created"))
    context = {"form": form, "form_url": reverse("escalations:macro-new"), "may_change": True}
    return render(request, "escalations/macro.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def macro(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What one does."""
    actor = actor_of(request)
    looks_at_settings(actor)
    found = access.get_macro(actor, pk)
    if request.method != "POST":
        return _show(request, found, _form(actor, found))
    form = _form(actor, found, request.POST)
    return change(
        request, found.service_id, form, _FIELDS,
        lambda: actions.change_macro(
            actor=actor, macro_id=found.pk, acts=_acts(form), expected_version=form.expected_version
        ),
        lambda status, why: _show(request, found, form, status=status, conflict_text=why),
        reverse("escalations:macros"),
    )  # fmt: skip


@require_POST
@require_right("configure_service")
def macro_archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer it no more, or again."""
    actor = actor_of(request)
    found = access.get_macro(actor, pk)
    return archive(
        request, found.service_id, reverse("escalations:macro", args=[pk]),
        lambda archived, version: actions.archive_macro(
            actor=actor, macro_id=pk, archived=archived, expected_version=version
        ),
    )  # fmt: skip


def _replies(actor: Actor, found: Macro | None) -> list[tuple[int, str]]:
    """Templates that the actor may look at, and the one that the macro has."""
    rows = queries.templates_shown_to(actor).filter(archived_at=None)
    shown = {one.pk: f"{one.label} ({one.service.label})" if one.service else one.label for one in rows}
    if found is not None and found.reply is not None:
        shown.setdefault(found.reply.pk, found.reply.label)
    return list(shown.items())


def _acts(form: MacroForm) -> actions.Acts:
    data = form.cleaned_data
    return actions.Acts(
        name=data["name"],
        name_zh=data["name_zh"],
        take=data["take"],
        note=data["note"],
        note_zh=data["note_zh"],
        reply_id=data["reply"],
        verb=data["verb"],
    )


def _form(actor: Actor, found: Macro, data: Any = None) -> MacroForm:
    copied = ("name", "name_zh", "take", "note", "note_zh", "verb", "version")
    initial = {name: getattr(found, name) for name in copied}
    return MacroForm(data, replies=_replies(actor, found), initial={**initial, "reply": found.reply_id})


def _show(
    request: HttpRequest, found: Macro, form: MacroForm, *, status: int = 200, conflict_text: str = ""
) -> HttpResponse:
    context = {
        "macro": found,
        "form": form,
        "form_url": reverse("escalations:macro", args=[found.pk]),
        "may_change": may_change(actor_of(request), found.service_id),
        "conflict_text": conflict_text,
    }
    return render(request, "escalations/macro.html", context, status=status)
