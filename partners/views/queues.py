"""Queues, which are listed on the page of their programme."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.requests import actor_of

from .. import access, actions
from ..forms import QueueForm
from ..models import Programme
from .common import FormPage, data_of, edit, press, reads, site_url
from .units import programme_url


@reads
@require_http_methods(["GET", "POST"])
def queue_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a queue to a programme."""
    actor = actor_of(request)
    programme = access.get_programme(actor, pk)
    access.permit_site(actor, programme.site)
    title = _("New queue")
    return edit(
        request,
        QueueForm(data_of(request)),
        lambda f: actions.add_queue(actor=actor, programme=programme, values=f.values()),
        FormPage(title, _crumbs(programme, title), _("Add queue"), programme_url(programme)),
        lambda row: (programme_url(programme), _("Queue added")),
    )


@reads
@require_http_methods(["GET", "POST"])
def queue_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a queue."""
    actor = actor_of(request)
    row = access.get_queue(actor, pk)
    access.permit_site(actor, row.programme.site)
    return edit(
        request,
        QueueForm(data_of(request), initial=QueueForm.initial_from(row)),
        lambda f: actions.change_queue(actor=actor, pk=pk, version=f.seen_version, values=f.values()),
        FormPage(_("Change queue"), _crumbs(row.programme, row.label), _("Save"), programme_url(row.programme)),
        lambda saved: (programme_url(row.programme), _("Queue saved")),
    )


@reads
@require_POST
def queue_archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a queue out of use."""
    actor = actor_of(request)
    url = programme_url(access.get_queue(actor, pk).programme)
    undo = reverse("partners:queue_restore", args=[pk])
    return press(request, lambda: actions.archive_queue(actor=actor, pk=pk), url, _("Queue archived"), undo)


@reads
@require_POST
def queue_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a queue back into use."""
    actor = actor_of(request)
    url = programme_url(access.get_queue(actor, pk).programme)
    return press(request, lambda: actions.restore_queue(actor=actor, pk=pk), url, _("Queue restored"))


def _crumbs(programme: Programme, label: str) -> list[str]:
    return [
        site_url(programme.site), programme.site.label, programme_url(programme), programme.label, "", label,
    ]  # fmt: skip
