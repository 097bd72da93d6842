"""Pages of job roles: configuration for administrators."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts.choices import Role
from portal.accounts.decorators import require_right, require_role
from portal.accounts.requests import actor_of

from .. import access, actions, queries
from ..forms import JobRoleForm, NameFilter
from .common import FormPage, data_of, edit, listing, press

configures = require_right("configure")


@require_role(Role.ADMINISTRATOR, Role.AUDITOR)
@require_safe
def job_roles(request: HttpRequest) -> HttpResponse:
    """The list of job roles; auditors read it."""
    filters = NameFilter(request.GET)

    def rows() -> Any:
        data = filters.cleaned_data
        return queries.named_like(queries.listed(queries.job_roles(), archived=data["archived"]), data["q"])

    may_change = actor_of(request).can("configure")
    return listing(request, "partners/job_roles.html", filters, rows, lambda _items: {"may_change": may_change})


@configures
@require_http_methods(["GET", "POST"])
def job_role_new(request: HttpRequest) -> HttpResponse:
    """Add a job role."""
    actor, url = actor_of(request), reverse("partners:job_roles")
    return edit(
        request,
        JobRoleForm(data_of(request)),
        lambda f: actions.add_job_role(actor=actor, values=f.values()),
        FormPage(_("New job role"), ["partners:job_roles", _("Job roles"), "", _("New")], _("Add job role"), url),
        lambda _row: (url, _("Job role added")),
    )


@configures
@require_http_methods(["GET", "POST"])
def job_role_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a job role."""
    actor, url = actor_of(request), reverse("partners:job_roles")
    row = access.get_job_role(actor, pk)
    return edit(
        request,
        JobRoleForm(data_of(request), initial=JobRoleForm.initial_from(row)),
        lambda f: actions.change_job_role(actor=actor, pk=pk, version=f.seen_version, values=f.values()),
        FormPage(_("Change job role"), ["partners:job_roles", _("Job roles"), "", row.label], _("Save"), url),
        lambda _row: (url, _("Job role saved")),
    )


@configures
@require_POST
def job_role_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a job role out of use."""
    actor, url = actor_of(request), reverse("partners:job_roles")
    undo = reverse("partners:job_role_restore", args=[pk])
    return press(request, lambda: actions.archive_job_role(actor=actor, pk=pk), url, _("Job role archived"), undo)


@configures
@require_POST
def job_role_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a job role back into use."""
    actor, url = actor_of(request), reverse("partners:job_roles")
    return press(request, lambda: actions.restore_job_role(actor=actor, pk=pk), url, _("Job role restored"))
