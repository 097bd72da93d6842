"""The demo's mail server: a table that a page shows."""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from portal.notifications.models import DemoMail


class DemoMailBackend(BaseEmailBackend):
    """Keeps each message instead of sending it; the same Message-ID is kept once, as a mail reader would show it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages. Returns how many were handed over."""
        DemoMail.objects.bulk_create([_kept(message) for message in email_messages], ignore_conflicts=True)
        return len(email_messages)


def _kept(message: EmailMessage) -> DemoMail:
    html: list[Any] = [part.content for part in getattr(message, "alternatives", []) if part.mimetype == "text/html"]
    return DemoMail(
        message_id=str(message.message()["Message-ID"])[:200],
        to=", ".join(message.recipients())[:1000],
        subject=str(message.subject)[:500],
        text=str(message.body),
        html=html[0] if html else "",
    )
