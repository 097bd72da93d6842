"""An endpoint with a message in trouble, and a receiver that hears of cases, for the addresses of channels."""

from typing import Any

from escalations.models import CaseSubscription
from portal.sealing import seal
from tests.escalations.pages_world import World
from tests.factories.channels import ChannelEndpointFactory
from tests.factories.webhooks import WebhookTargetFactory


def channels_args(made: World) -> dict[str, dict[str, Any]]:
    """What addresses of channels need."""
    endpoint = ChannelEndpointFactory(service=made.service)
    message = endpoint.messages.create(
        message_id="msg-1", size=2, sealed_body=seal("e30="), state="unparsed", last_error="missing conversation"
    )
    heard = CaseSubscription.objects.create(target=WebhookTargetFactory(), events=["case.created"])
    heard.services.add(made.service)
    return {
        "channel": {"pk": endpoint.pk},
        "channel_message": {"pk": message.pk},
        "channel_door": {"key": endpoint.key},
        "case_event": {"pk": heard.pk},
    }
