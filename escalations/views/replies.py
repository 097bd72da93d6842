"""Reply templates as pages of configuration: administrators, leads for their own services; auditors read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, actions, queries
from escalations.choices.replies import VARIABLES, ReplyLanguage, variable_labels
from escalations.forms import TemplateForm, VersionForm
from escalations.rules import rendering
from escalations.views.common import moved_on, refusal
from escalations.views.config import looks_at_settings, stale_text
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict

if TYPE_CHECKING:
    from escalations.models import ReplyTemplate, ReplyTemplateVersion
    from portal.accounts.rules import Actor

_FIELDS = {"name_needed": "name", "name_taken": "name", "text_needed": "body"}


@require_safe
@require_actor
def templates(request: HttpRequest) -> HttpResponseBase:
    """All that the reader may look at. One query for any number of them."""
    actor = actor_of(request)
    looks_at_settings(actor)
    rows = queries.templates_shown_to(actor).annotate(newest=Max("versions__number"), changed=Max("versions__at"))
    context = {"templates": rows, "may_add": actor.can("configure_service")}
    return render(request, "escalations/templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure_service")
def template_new(request: HttpRequest) -> HttpResponseBase:
    """One that does not exist yet."""
    actor = actor_of(request)
    services = [(one.pk, one.label) for one in queries.configurable_services(actor).filter(archived_at=None)]
    form = TemplateForm(
        request.POST if request.method == "POST" else None,
        services=services,
        new=True,
        for_all=actor.can("configure"),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_template(actor=actor, service_id=form.cleaned_data["service"], saying=_saying(form))
        except actions.Refused as error:
            form.add_error(_FIELDS.get(error.code), refusal(error))
        else:
            return moved_on(request, reverse("escalations:template", args=[made.pk]), _("Template created"))
    context = {"form": form, "form_url": reverse("escalations:template-new"), "may_change": True, **_help()}
    return render(request, "escalations/template.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def template(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What one says now, how it looks, and what it said before."""
    actor = actor_of(request)
    looks_at_settings(actor)
    found = access.get_template(actor, pk)
    versions = list(found.versions.select_related("by").order_by("-number"))
    if request.method != "POST":
        return _show(request, found, versions, _form(found, versions[0]))
    if not _may_change(actor, found):
        raise PermissionDenied
    form = _form(found, versions[0], request.POST)
    if not form.is_valid():
        return _show(request, found, versions, form, status=422)
    try:
        actions.change_template(
            actor=actor, template_id=found.pk, saying=_saying(form), expected_version=form.expected_version
        )
    except actions.Refused as error:
        if error.code == "stale":
            return _show(request, found, versions, form, status=409, conflict_text=stale_text())
        form.add_error(_FIELDS.get(error.code), refusal(error))
        return _show(request, found, versions, form, status=422)
    return moved_on(request, reverse("escalations:template", args=[found.pk]), _("Saved"))


@require_POST
@require_right("configure_service")
def template_archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer it no more, or again."""
    actor = actor_of(request)
    found = access.get_template(actor, pk)
    if not _may_change(actor, found):
        raise PermissionDenied
    form, back = VersionForm(request.POST), reverse("escalations:template", args=[pk])
    if not form.is_valid():
        return conflict(request, stale_text(), back)
    archived = request.POST.get("archived") == "1"
    try:
        actions.archive_template(actor=actor, template_id=pk, archived=archived, expected_version=form.expected_version)
    except actions.Refused:
        return conflict(request, stale_text(), back)
    return moved_on(request, back, _("Archived") if archived else _("Brought back"))


def _may_change(actor: Actor, found: ReplyTemplate) -> bool:
    if found.service_id is None:
        return actor.can("configure")
    return queries.configurable_services(actor).filter(pk=found.service_id).exists()


def _saying(form: TemplateForm) -> actions.Saying:
    data = form.cleaned_data
    return actions.Saying(
        name=data["name"],
        name_zh=data["name_zh"],
        body=data["body"],
        body_zh=data["body_zh"],
        asks=tuple(data["asks"]),
    )


def _form(found: ReplyTemplate, newest: ReplyTemplateVersion, data: Any = None) -> TemplateForm:
    said = {"body": newest.body, "body_zh": newest.body_zh, "asks": newest.asks}
    names = {"name": found.name, "name_zh": found.name_zh, "version": found.version}
    return TemplateForm(data, initial={**said, **names})


@dataclass(frozen=True, slots=True)
class Look:
    """A text as it would begin, with its gaps."""

    language: str
    lang: str
    text: str


def _looks(version: ReplyTemplateVersion) -> list[Look]:
    found = []
    for language in ReplyLanguage:
        if text := version.text_in(language):
            with translation.override(language):
                filled = rendering.fill(rendering.parse(text, VARIABLES), {}, variable_labels())
            found.append(Look(str(language.label), "zh-Hans" if language == ReplyLanguage.CHINESE else "en", filled))
    return found


def _help() -> dict[str, Any]:
    """The closed list of variables, as they are written."""
    return {"variables": [(f"{{{{ {name} }}}}", label) for name, label in variable_labels().items()]}


def _show(
    request: HttpRequest,
    found: ReplyTemplate,
    versions: list[ReplyTemplateVersion],
    form: TemplateForm,
    *,
    status: int = 200,
    conflict_text: str = "",
) -> HttpResponse:
    context = {
        "template": found,
        "versions": versions,
        "looks": _looks(versions[0]),
        "form": form,
        "form_url": reverse("escalations:template", args=[found.pk]),
        "may_change": _may_change(actor_of(request), found),
        "conflict_text": conflict_text,
        **_help(),
    }
    return render(request, "escalations/template.html", context, status=status)
