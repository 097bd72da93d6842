"""Mail to an address: invitations, password resets, answers."""

from collections.abc import Mapping
from datetime import datetime

from portal.notifications.choices import Topic
from portal.notifications.delivery.composing import message_id
from portal.notifications.delivery.outbox import NewRow, enqueue
from portal.notifications.delivery.rendering import render
from portal.notifications.models import LetterReference


def send_mail(
    *,
    to: str,
    template: str,
    context: Mapping[str, object],
    language: str,
    idempotency_key: str,
    not_before: datetime | None = None,
    reference: str = "",
    reply_to: str = "",
    in_reply_to: str = "",
) -> None:
    """Queue one multipart mail in the caller's transaction; it goes when that commits, and only once for a key.

    `template` is a path without its ending ("accounts/email/invitation"): `.subject.txt`, `.txt` and `.html` are
    rendered now, in `language`. The body is kept until the mail is sent. Raises TemplateDoesNotExist.
    A letter that may be answered names its `reference` ("AR-1182"): it is put into the subject, and replies are matched
    by it; `reply_to` is the address of a mailbox that is read, `in_reply_to` the Message-ID that this answers.
    """
    mail = render(template, context, language)
    payload = {"to": to, "subject": mail.subject, "text": mail.text, "html": mail.html, "language": language}
    if reference:
        payload["subject"] = f"[{reference}] {mail.subject}" if f"[{reference}]" not in mail.subject else mail.subject
        remembered = LetterReference(message_id=message_id(idempotency_key), reference=reference)
        LetterReference.objects.bulk_create([remembered], ignore_conflicts=True)
    payload |= {name: value for name, value in (("reply_to", reply_to), ("in_reply_to", in_reply_to)) if value}
    enqueue(Topic.MAIL, [NewRow(idempotency_key, payload, not_before=not_before)])
