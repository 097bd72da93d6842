"""Reply templates as pages of configuration: administrators, leads for their own services; auditors read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, actions, queries
from escalations.choices.replies import VARIABLES, ReplyLanguage, variable_labels
from escalations.forms import TemplateForm
from escalations.rules import rendering
from escalations.views.common import moved_on
from escalations.views.config import looks_at_settings
from escalations.views.owned_config import archive, change, may_change, refused, services_for
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of

if TYPE_CHECKING:
    from escalations.models import ReplyTemplate, ReplyTemplateVersion

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
    form = TemplateForm(
        request.POST if request.method == "POST" else None,
        services=services_for(actor),
        new=True,
        for_all=actor.can("configure"),
    )
    made: list[ReplyTemplate] = []

    def add() -> None:
        saying = _saying(form)
        made.append(actions.add_template(actor=actor, service_id=form.cleaned_data["service"], saying=saying))

    if request.method == "POST" and form.is_valid() and not refused(form, _FIELDS, add):
        return moved_on(request, reverse("escalations:template", args=[made[0].pk]), _("Template created"))
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
    form = _form(found, versions[0], request.POST)
    return change(
        request, found.service_id, form, _FIELDS,
        lambda: actions.change_template(
            actor=actor, template_id=found.pk, saying=_saying(form), expected_version=form.expected_version
        ),
        lambda status, why: _show(request, found, versions, form, status=status, conflict_text=why),
        reverse("escalations:template", args=[found.pk]),
    )  # fmt: skip


@require_POST
@require_right("configure_service")
def template_archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer it no more, or again."""
    actor = actor_of(request)
    found = access.get_template(actor, pk)
    return archive(
        request, found.service_id, reverse("escalations:template", args=[pk]),
        lambda archived, version: actions.archive_template(
            actor=actor, template_id=pk, archived=archived, expected_version=version
        ),
    )  # fmt: skip


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
        "may_change": may_change(actor_of(request), found.service_id),
        "conflict_text": conflict_text,
        **_help(),
    }
    return render(request, "escalations/template.html", context, status=status)
