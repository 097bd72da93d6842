"""Carries a mailing out: the page as a PDF to its owner, by the rights they have when it is sent."""

from django.core.mail import EmailMultiAlternatives, mailers
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.notifications.delivery.composing import message_id
from portal.notifications.delivery.rendering import render
from portal.notifications.models import OutboxRow

from ..models import Mailing
from ..queries.scope import reads_figures
from .pages_as_pdf import NotAllowedError, pdf_of


def deliver(row: OutboxRow) -> None:
    """Send one. Without a mailing, nothing; an owner who reads no figures any more ends it, and so does a page that cannot be drawn
    for them any more, which they are told."""
    mailing = Mailing.objects.select_related("view__user").filter(pk=row.payload["mailing"]).first()
    if mailing is None:
        return
    person = mailing.view.user
    actor = reader(person)
    if actor is None:
        mailing.delete()
        return
    try:
        message = _message(mailing, person, pdf_of(mailing.view, person, actor), row.idempotency_key)
    except NotAllowedError:
        mailers.default.send_messages([_written("kpis/email/mailing_ended", mailing, person, row.idempotency_key)])
        mailing.delete()
    else:
        mailers.default.send_messages([message])


def reader(person: User) -> Actor | None:
    """Somebody as they may read now; None when deactivated, without figures to read, or kept out for want of a second factor."""
    if not person.is_active:
        return None
    actor = accounts.actor_for(person)
    if actor.has(Role.ADMINISTRATOR) and not accounts.has_second_factor(person.pk):
        return None
    return actor if reads_figures(actor) else None


def _message(mailing: Mailing, person: User, pdf: bytes, key: str) -> EmailMultiAlternatives:
    message = _written("kpis/email/mailing", mailing, person, key)
    name = f"{mailing.view.path.strip('/').replace('/', '-')}-{timezone.localdate()}.pdf"
    message.attach(name, pdf, "application/pdf")
    return message


def _written(template: str, mailing: Mailing, person: User, key: str) -> EmailMultiAlternatives:
    mail = render(template, {"person": person, "view": mailing.view}, person.language)
    headers = {"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[person.email], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    return message
