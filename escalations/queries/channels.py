"""Reads about systems that write to us for customers, and about those that we tell of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from escalations.choices.hooks import TOPIC
from escalations.models import CaseSubscription, ChannelEndpoint, ChannelMessage, Service, TimelineEntry
from portal.accounts.rules import Actor
from portal.mailbox.choices import State
from portal.notifications.queries import outbox_state
from portal.webhooks import queries as webhooks

if TYPE_CHECKING:
    from portal.webhooks.models import WebhookTarget

TROUBLE = (State.UNPARSED, State.FAILED)


def endpoints(actor: Actor) -> QuerySet[ChannelEndpoint]:
    """All endpoints by name, for whoever keeps them."""
    rows = ChannelEndpoint.objects.select_related("service", "site", "issue_type__parent__parent").order_by(
        "name", "pk"
    )
    return rows if actor.can("configure") else rows.none()


def with_figures(rows: QuerySet[ChannelEndpoint]) -> QuerySet[ChannelEndpoint]:
    """With when the last message came in, how many came, and how many are in trouble."""
    return rows.annotate(
        last_at=Max("messages__received_at"),
        received=Count("messages"),
        trouble=Count("messages", filter=Q(messages__state__in=TROUBLE)),
    )


def channel_trouble(actor: Actor) -> QuerySet[ChannelMessage]:
    """Messages that became nothing, newest first, for whoever handles failures."""
    rows = ChannelMessage.objects.filter(state__in=TROUBLE).select_related("endpoint__service").order_by("-pk")
    return rows if actor.can("dead_letters") else rows.none()


def trouble_count(actor: Actor) -> int | None:
    """How many messages are in trouble, at most 100; None if there are none."""
    return channel_trouble(actor).order_by()[:100].count() or None


def channel_in(entry: TimelineEntry) -> ChannelMessage | None:
    """What an entry came in as, if it came through a channel (selected with the stream)."""
    found: ChannelMessage | None = getattr(entry, "channel_in", None)
    return found


def subscriptions(actor: Actor) -> QuerySet[CaseSubscription]:
    """All subscriptions by the name of the receiver, for whoever keeps them."""
    services = Prefetch("services", Service.objects.order_by("name", "pk"))
    rows = CaseSubscription.objects.select_related("target").prefetch_related(services).order_by("target__name", "pk")
    return rows if actor.can("configure") else rows.none()


def targets() -> QuerySet[WebhookTarget]:
    """Receivers that may be named."""
    return webhooks.active_targets()


@dataclass(frozen=True, slots=True)
class Deliveries:
    """How the events of a subscription fare: `waiting` and `failed` up to 1,000, and the last requests to its receiver."""

    waiting: int
    failed: int
    attempts: Sequence[object]


def deliveries(row: CaseSubscription) -> Deliveries:
    """Of one subscription. Three queries."""
    waiting, failed = outbox_state(TOPIC, subscription=row.pk)
    return Deliveries(waiting, failed, webhooks.last_attempts(row.target))
