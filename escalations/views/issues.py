"""The tree of issue types, for administrators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalations import access, actions, queries
from escalations.forms import IssueTypeForm, RenameIssueTypeForm, VersionForm
from escalations.models import IssueType
from escalations.views.common import moved_on, refusal
from escalations.views.config import stale_text
from portal.accounts.decorators import require_actor, require_right
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict

_FIELDS = {"code_taken": "code", "code_unfit": "code", "name_needed": "name", "unknown_issue": "parent"}


@require_safe
@require_actor
def issue_types(request: HttpRequest) -> HttpResponseBase:
    """All of them in the order of the tree, archived ones included, for administrators and auditors. One query."""
    actor = actor_of(request)
    if not (actor.can("configure") or actor.can("read_all")):
        raise Http404
    rows = IssueType.objects.select_related("parent__parent")
    return render(
        request,
        "escalations/issue_types.html",
        {"types": sorted(rows, key=queries.path_of), "may_configure": actor.can("configure")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def issue_type_new(request: HttpRequest) -> HttpResponseBase:
    """One that does not exist yet, at the top or below another one."""
    parents = [(one.id, one.path) for one in queries.issue_choices() if one.level < 3]
    form = IssueTypeForm(
        request.POST if request.method == "POST" else None,
        parents=parents,
        initial={"parent": request.GET.get("parent")},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.add_issue_type(
                actor=actor_of(request),
                code=data["code"],
                name=data["name"],
                name_zh=data["name_zh"],
                parent_id=data["parent"],
            )
        except actions.Refused as error:
            form.add_error(_FIELDS.get(error.code), refusal(error))
        else:
            return moved_on(request, reverse("escalations:issue-types"), _("Issue type created"))
    return _show(request, None, form, reverse("escalations:issue-type-new"), status=422 if form.errors else 200)


def _show(
    request: HttpRequest,
    found: IssueType | None,
    form: forms.Form,
    url: str,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"type": found, "form": form, "form_url": url, **more}
    return render(request, "escalations/issue_type.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require_right("configure")
def issue_type(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Another name for one."""
    actor = actor_of(request)
    found = access.get_issue_type(actor, pk)
    url = reverse("escalations:issue-type", args=[pk])
    initial = {"name": found.name, "name_zh": found.name_zh, "version": found.version}
    form = RenameIssueTypeForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method != "POST":
        return _show(request, found, form, url)
    if not form.is_valid():
        return _show(request, found, form, url, status=422)
    data = form.cleaned_data
    try:
        actions.rename_issue_type(
            actor=actor, issue_type_id=pk, name=data["name"], name_zh=data["name_zh"], expected_version=data["version"]
        )
    except actions.Refused as error:
        if error.code == "stale":
            return _show(request, found, form, url, status=409, conflict_text=stale_text())
        form.add_error(_FIELDS.get(error.code), refusal(error))
        return _show(request, found, form, url, status=422)
    return moved_on(request, reverse("escalations:issue-types"), _("Saved"))


@require_POST
@require_right("configure")
def issue_type_archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Offer it no more, or again."""
    actor = actor_of(request)
    access.get_issue_type(actor, pk)
    form, back = VersionForm(request.POST), reverse("escalations:issue-type", args=[pk])
    if not form.is_valid():
        return conflict(request, stale_text(), back)
    archived = request.POST.get("archived") == "1"
    try:
        actions.archive_issue_type(
            actor=actor, issue_type_id=pk, archived=archived, expected_version=form.expected_version
        )
    except actions.Refused:
        return conflict(request, stale_text(), back)
    return moved_on(request, back, _("Archived") if archived else _("Brought back"))
