"""What came in, what was to be sent, and a file, for the addresses of messages."""

import uuid
from typing import Any

from portal.accounts.models import User
from tests.factories.mailbox import InboundMessageFactory
from tests.factories.notifications import DemoMailFactory, MailRowFactory, NotificationFactory
from tests.factories.webhooks import WebhookTargetFactory


def messages_args(administrator: User) -> dict[str, dict[str, Any]]:
    """A line of the administrator's inbox, mail, a webhook, a message that failed, and a file that is not there."""
    inbound = InboundMessageFactory(state="failed", last_error="RuntimeError: busy")
    return {
        "notification": {"pk": NotificationFactory(recipient=administrator, kind="case.assigned").pk},
        "failed": {"pk": MailRowFactory(state="dead", last_error="550 no such mailbox").pk},
        "mail": {"pk": DemoMailFactory().pk},
        "webhook": {"pk": WebhookTargetFactory().pk},
        "mailbox": {"pk": inbound.mailbox_id},
        "inbound": {"pk": inbound.pk},
        "day_panel": {"key": "waiting"},
        "file": {"file_id": uuid.UUID(int=1)},
    }
