"""Mail to an address: invitations, password resets, answers."""

from collections.abc import Mapping
from datetime import datetime

from portal.notifications.choices import Topic
from portal.notifications.delivery.outbox import NewRow, enqueue
from portal.notifications.delivery.rendering import render


def send_mail(
    *,
    to: str,
    template: str,
    context: Mapping[str, object],
    language: str,
    idempotency_key: str,
    not_before: datetime | None = None,
) -> None:
    """Queue one multipart mail in the caller's transaction; it goes when that commits, and only once for a key.

    `template` is a path without its ending ("accounts/email/invitation"): `.subject.txt`, `.txt` and `.html` are
    rendered now, in `language`. The body is kept until the mail is sent. Raises TemplateDoesNotExist.
    """
    mail = render(template, context, language)
    payload = {"to": to, "subject": mail.subject, "text": mail.text, "html": mail.html, "language": language}
    enqueue(Topic.MAIL, [NewRow(idempotency_key, payload, not_before=not_before)])
