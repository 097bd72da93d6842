"""Endpoints of channels, signed requests to them, and receivers that hear of cases."""

import json
import time
import uuid
from typing import Any

import factory
from django.test import Client
from django.urls import reverse
from factory.django import DjangoModelFactory

from escalations import actions
from escalations.actions.channels_in import take_one
from escalations.choices.hooks import Happening
from escalations.models import CaseSubscription, ChannelEndpoint, ChannelMessage, Service
from portal.accounts.queries import actor_for
from portal.sealing import seal
from portal.webhooks.signing import headers_for, new_secret
from tests.factories.accounts import administrator
from tests.factories.escalations import ServiceFactory


class ChannelEndpointFactory(DjangoModelFactory[ChannelEndpoint]):
    """An endpoint for a chat."""

    class Meta:
        model = ChannelEndpoint

    service = factory.SubFactory(ServiceFactory)
    kind = "chat"
    name = factory.Sequence(lambda n: f"Chat {n}")
    key = factory.Sequence(lambda n: f"key_{n:040}")
    sealed_secret = factory.LazyFunction(lambda: seal(new_secret()))


def said(kind: str = "chat", text: str = "The door does not open", **more: Any) -> dict[str, Any]:
    """A payload as the guide has it; `thread`, `name`, `sender` and what else belongs into the message."""
    thread, name, sender = more.pop("thread", "t-1"), more.pop("name", "m-1"), more.pop("sender", "mei")
    message = {"id": name, "from": sender, "text": text, **more}
    if kind == "social":
        post = {"id": thread, "permalink": "https://social.test/p/1", "reach": 1200}
        return {"post": post, "mention": message}
    return {"conversation" if kind == "chat" else "thread": {"id": thread}, "message": message}


def knock(
    endpoint: ChannelEndpoint, payload: Any = None, *, request_id: str = "", at: float | None = None, secret: str = "",
    body: bytes | None = None, client: Client | None = None, key: str = "", **headers: Any,
) -> Any:  # fmt: skip
    """Send a signed request to the endpoint; the answer. Nothing is taken yet."""
    raw = body if body is not None else json.dumps(said(endpoint.kind) if payload is None else payload).encode()
    moment = int(time.time() if at is None else at)
    signed = headers_for(secret or endpoint.secrets()[0], request_id or f"msg-{uuid.uuid4()}", moment, raw)
    url = reverse("escalations:channel-door", args=[key or endpoint.key])
    caller = client or Client(enforce_csrf_checks=True)
    kind = headers.pop("content_type", "application/json")
    # Without a body the test's browser would leave its type out.
    return caller.post(url, raw, content_type=kind, headers={**signed, **headers}, CONTENT_TYPE=kind)


def take() -> None:
    """Make entries and cases of all that is due."""
    while take_one():
        pass


def bring(endpoint: ChannelEndpoint, text: str = "Hello", **more: Any) -> ChannelMessage:
    """A message comes in and is taken."""
    request_id = f"msg-{uuid.uuid4()}"
    answer = knock(endpoint, said(endpoint.kind, text, **more), request_id=request_id)
    assert answer.status_code == 202, answer.content
    take()
    return ChannelMessage.objects.get(endpoint=endpoint, message_id=request_id)


def listener(target_id: int, *services: Service, events: Any = tuple(Happening.values)) -> CaseSubscription:
    """A receiver hears of these services' cases."""
    actor = actor_for(administrator())
    return actions.subscribe(actor=actor, target_id=target_id, events=events, service_ids=[one.pk for one in services])
