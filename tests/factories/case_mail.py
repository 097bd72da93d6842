"""Mailboxes of services, and mail that comes in through them."""

from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from escalations.models import Case, ServiceMailbox
from portal.mailbox import intake
from portal.mailbox.models import InboundMessage
from tests.factories.escalations import ServiceFactory
from tests.factories.mailbox import MailboxFactory, message


class ServiceMailboxFactory(DjangoModelFactory[ServiceMailbox]):
    """A service's mailbox."""

    class Meta:
        model = ServiceMailbox

    service = factory.SubFactory(ServiceFactory)
    mailbox = factory.SubFactory(
        MailboxFactory, handler="case", address=factory.Sequence(lambda n: f"care{n}@portal.example.test")
    )
    signature = "Your care team"
    signature_zh = "您的客服团队"


def receive(box: ServiceMailbox, text: str = "Hello", **more: Any) -> InboundMessage:
    """A mail comes in, and whatever waits is handed on; `id` is its Message-ID."""
    headers = dict(more.pop("headers", {}))
    if "id" in more:
        headers["Message-ID"] = more.pop("id")
    row = intake.keep(box.mailbox, message(text, headers=headers, **more))
    InboundMessage.objects.filter(state="new").update(next_attempt_at=timezone.now())
    while intake.handle_one():
        pass
    row.refresh_from_db()
    return row


def case_of(row: InboundMessage) -> Case:
    """What a message went to."""
    assert (row.state, row.subject_type) == ("done", "case"), row.last_error
    return Case.objects.get(pk=row.subject_id)
