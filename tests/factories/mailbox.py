"""Mailboxes and messages made for tests."""

from email.message import EmailMessage
from typing import Any

import factory
from django.utils import timezone

from portal.files.models import StoredFile
from portal.mailbox.choices import FILE_OWNER
from portal.mailbox.models import InboundMessage, Mailbox
from portal.sealing import seal


class MailboxFactory(factory.django.DjangoModelFactory):
    """A mailbox on a server without encryption."""

    class Meta:
        model = Mailbox

    name = factory.Sequence(lambda n: f"Box {n}")
    address = "box@portal.example.test"
    host = "127.0.0.1"
    port = 1
    security = "none"
    username = factory.Sequence(lambda n: f"box{n}")
    sealed_password = factory.LazyFunction(lambda: seal("secret"))
    handler = "test.mail"


class RawFactory(factory.django.DjangoModelFactory):
    """The row of a stored message; no bytes."""

    class Meta:
        model = StoredFile

    name = "message.eml"
    size = 1
    content_type = "message/rfc822"
    sha256 = "0" * 64
    owner_kind = FILE_OWNER
    owner_id = "0"


class InboundMessageFactory(factory.django.DjangoModelFactory):
    """A message that waits."""

    class Meta:
        model = InboundMessage

    mailbox = factory.SubFactory(MailboxFactory)
    fingerprint = factory.Sequence(lambda n: f"<{n}@guest>")
    subject = factory.Sequence(lambda n: f"Subject {n}")
    raw = factory.SubFactory(RawFactory)
    sent_at = factory.LazyFunction(timezone.now)


def message(
    text: str = "Hello", *, subject: str = "A question", headers: dict[str, str] | None = None, **more: Any
) -> bytes:
    """A mail as it lies on a server; `html`, `files` ({name: bytes}), `headers`, `date` ("" for none) besides."""
    mail = EmailMessage()
    mail["From"] = more.get("sender", "Ming Li <ming@guest.example.test>")
    mail["To"] = more.get("to", "box@portal.example.test")
    mail["Subject"] = subject
    date = more.get("date", "Sun, 22 Nov 2026 08:30:00 +0800")
    if date:
        mail["Date"] = date
    for name, value in (headers or {}).items():
        mail[name] = value
    mail.set_content(text)
    if "html" in more:
        mail.add_alternative(more["html"], subtype="html")
    for name, content in more.get("files", {}).items():
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
