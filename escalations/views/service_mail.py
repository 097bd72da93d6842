"""The mailboxes of a service: which are its own, and what it does with them. Administrators; leads for their own service."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escalations import actions
from escalations.forms.base import Choice
from escalations.forms.mail import BindMailboxForm, MailboxSettingsForm
from escalations.queries import mail as mails
from escalations.views.common import moved_on, refusal
from escalations.views.config import looks_at_settings, may_change, shown_service, stale_text
from partners import queries as directory
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of

if TYPE_CHECKING:
    from escalations.models import Service, ServiceMailbox
    from portal.accounts.rules import Actor

_FIELDS = {"mailbox_taken": "mailbox", "unknown_site": "site"}


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def service_mail(request: HttpRequest, code: str) -> HttpResponseBase:
    """The mailboxes of a service (GET), and giving it one more (POST)."""
    actor, service = _service(request, code)
    may = may_change(actor, service)
    if request.method != "POST":
        return _list(request, service, _bind_form(actor) if may else None)
    if not may:
        raise PermissionDenied
    form = _bind_form(actor, request.POST)

    def bind() -> object:
        mailbox = form.cleaned_data["mailbox"]
        return actions.bind_mailbox(actor=actor, service_id=service.pk, mailbox_id=mailbox, **form.settings())

    if not _saved(form, bind):
        return _list(request, service, form, status=422)
    return moved_on(request, _url(service), _("The service has the mailbox. Its mail becomes cases within a minute."))


def _service(request: HttpRequest, code: str) -> tuple[Actor, Service]:
    actor = actor_of(request)
    looks_at_settings(actor)
    return actor, shown_service(actor, code)


def _saved(form: MailboxSettingsForm, run: Callable[[], object]) -> bool:
    """Whether the form was good and was carried out; what was wrong stands at the form."""
    if not form.is_valid():
        return False
    try:
        run()
    except actions.Refused as error:
        form.add_error(_FIELDS.get(error.code), stale_text() if error.code == "stale" else refusal(error))
        return False
    return True


def _sites(actor: Actor) -> list[Choice]:
    rows = directory.sites_visible_to(actor).filter(archived_at=None).order_by("name", "pk")
    return [(site.pk, site.label) for site in rows]


def _bind_form(actor: Actor, data: Any = None) -> BindMailboxForm:
    offered = [(one.pk, f"{one.name} ({one.address})") for one in mails.free_mailboxes()]
    return BindMailboxForm(data, mailboxes=offered, sites=_sites(actor))


def _url(service: Service) -> str:
    return reverse("escalations:service-mail", args=[service.code])


def _list(request: HttpRequest, service: Service, form: BindMailboxForm | None, status: int = 200) -> HttpResponse:
    context = {
        "service": service,
        "service_url": reverse("escalations:service", args=[service.code]),
        "rows": list(mails.mailboxes_of(service)),
        "form": form,
        "any_free": form is not None and mails.free_mailboxes().exists(),
    }
    return render(request, "escalations/service_mail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@require_actor
def service_mailbox(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """What a service does with one of its mailboxes."""
    actor, service = _service(request, code)
    row = _row(service, pk)
    if not may_change(actor, service):
        raise PermissionDenied
    initial = {
        "version": row.version,
        "site": row.site_id,
        "signature": row.signature,
        "signature_zh": row.signature_zh,
        "plus_address": row.plus_address,
    }
    form = MailboxSettingsForm(request.POST if request.method == "POST" else None, sites=_sites(actor), initial=initial)

    def change() -> object:
        version = form.expected_version
        return actions.change_mailbox(
            actor=actor, service_id=service.pk, pk=row.pk, expected_version=version, **form.settings()
        )

    if request.method == "POST" and _saved(form, change):
        return moved_on(request, _url(service), _("Saved"))
    context = {"service": service, "row": row, "form": form, "back_url": _url(service)}
    return render(request, "escalations/service_mailbox.html", context, status=422 if form.errors else 200)


def _row(service: Service, pk: int) -> ServiceMailbox:
    row = mails.mailboxes_of(service).filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    return row


@require_POST
@require_actor
def service_mailbox_release(request: HttpRequest, code: str, pk: int) -> HttpResponseBase:
    """The mailbox is this service's no more."""
    actor, service = _service(request, code)
    _row(service, pk)
    if not may_change(actor, service):
        raise PermissionDenied
    actions.release_mailbox(actor=actor, service_id=service.pk, pk=pk)
    return moved_on(request, _url(service), _("The mailbox is this service’s no more. Its cases stay."))
