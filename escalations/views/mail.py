"""A whole message of a case on a page of its own, and sending one again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from escalations import access, actions
from escalations.choices import Sensitivity
from escalations.choices.mail import Delivery
from escalations.queries import mail as mails
from escalations.views.common import case_reader, case_url, lang_of, moved_on, refusal
from escalations.views.mail_html import files_html, mail_url, state_badge
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict

if TYPE_CHECKING:
    from escalations.models import InboundMail, TimelineEntry
    from escalations.queries import CaseRights


@require_safe
@case_reader
def message(request: HttpRequest, ref: str, entry_id: int) -> HttpResponseBase:
    """All of a message. On a sensitive case this is an opening of the case, and recorded as one."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    entry = access.get_shown_entry(actor, case, entry_id)
    inbound, outbound = mails.mail_in(entry), mails.mail_out(entry)
    if inbound is None and outbound is None:
        raise Http404
    rights = access.rights_of(actor, case)
    if entry.case_id != case.pk:  # it came along, or was merged: acted on where it was written
        rights = replace(rights, redact_any=False, contact=False)
    context: dict[str, Any] = {
        "case": case,
        "case_url": case_url(case),
        "entry": entry,
        "url": mail_url(entry.pk, case.ref),
    }
    context |= _incoming(entry, inbound, rights) if inbound else _outgoing(entry, rights)
    if case.sensitivity != Sensitivity.STANDARD and request.method == "GET":
        actions.record_view(actor=actor, case=case)
    return render(request, "escalations/message.html", context)


def _words(entry: TimelineEntry) -> tuple[str, bool]:
    body = getattr(entry, "body", None)
    return (body.text if body else ""), bool(body and body.redacted_at)


def _incoming(entry: TimelineEntry, mail: InboundMail, rights: CaseRights) -> dict[str, Any]:
    shown, redacted = _words(entry)
    found = mail.message
    text = "" if redacted else found.text or shown
    return {
        "title": _("E-mail from %(address)s") % {"address": mail.sender},
        "facts": [
            (pgettext("sender", "From"), f"{found.sender_name} <{mail.sender}>" if found.sender_name else mail.sender),
            (pgettext("recipient", "To"), ", ".join(found.recipients)),
            (_("Subject"), found.subject),
        ],
        "sent_at": found.sent_at,
        "text": text,
        "lang": lang_of(text),
        "redacted": redacted,
        "quoted": found.quoted,
        # Made harmless when it came in, see `portal.mailbox.text.harmless`.
        "html": SafeString(found.html),
        "files": _files(entry),
        "held": mails.held_of(mail),
        "may_have_held": rights.redact_any,
        "stranger": not mail.is_known and not mail.automatic,
    }


def _files(entry: TimelineEntry) -> SafeString:
    return files_html(mails.files_of([entry]).get(entry.pk, ()))


def _outgoing(entry: TimelineEntry, rights: CaseRights) -> dict[str, Any]:
    mail = mails.mail_out(entry)
    if mail is None:
        raise Http404
    shown, redacted = _words(entry)
    return {
        "title": _("E-mail to %(address)s") % {"address": mail.to},
        "facts": [(pgettext("recipient", "To"), mail.to), (_("Subject"), mail.subject)],
        "sent_at": entry.at,
        "text": shown,
        "lang": lang_of(shown),
        "redacted": redacted,
        "state": state_badge(mail.state),
        "error": mail.error,
        "bounced": mail.state == Delivery.BOUNCED,
        "may_retry": mail.state == Delivery.FAILED and rights.contact and not redacted,
    }


@require_POST
@case_reader
def message_again(request: HttpRequest, ref: str, entry_id: int) -> HttpResponseBase:
    """Send a mail again that could not be sent."""
    actor = actor_of(request)
    case = access.get_case(actor, ref)
    access.get_entry(actor, case, entry_id)
    if not access.rights_of(actor, case).contact:
        raise PermissionDenied
    try:
        actions.send_again(actor=actor, ref=case.pk, entry_id=entry_id)
    except actions.Refused as error:
        return conflict(request, refusal(error), case_url(case))
    return moved_on(request, case_url(case), _("E-mail on its way"))
