"""A mailbox of the service, and a mail on a case that could not be sent, for the addresses of mail."""

import uuid
from typing import Any

from django.utils import timezone

from escalations import actions
from escalations.models import Case, OutboundMail
from portal.notifications.models import OutboxRow
from tests.escalations.pages_world import World
from tests.factories.case_mail import ServiceMailboxFactory


def case_mail_args(made: World, case: Case) -> dict[str, dict[str, Any]]:
    """What addresses of mail need."""
    box = ServiceMailboxFactory(service=made.service)
    entry = actions.send_mail(
        actor=made.actor("coordinator"), ref=case.pk, to="guest@guest.test", subject="Door", text="Hello",
        once=uuid.UUID(int=6),
    )  # fmt: skip
    letters = OutboundMail.objects.filter(entry=entry)
    OutboxRow.objects.filter(idempotency_key__in=letters.values("key")).update(state="dead", last_error="550 no")
    letters.update(state="failed", error="550 no", settled_at=timezone.now())
    return {
        "letter": {"ref": case.ref, "entry_id": entry.pk},
        "service_mailbox": {"code": made.service.code, "pk": box.pk},
    }
