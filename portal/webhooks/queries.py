"""Reads."""

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from portal.accounts.rules import Actor
from portal.webhooks.models import WebhookAttempt, WebhookTarget

ATTEMPTS_SHOWN = 50


def may_configure(actor: Actor) -> bool:
    """Whether the actor keeps the targets."""
    return actor.can("configure")


def targets(actor: Actor) -> QuerySet[WebhookTarget]:
    """All targets by name, for whoever keeps them, with when and how the last request went."""
    last = WebhookAttempt.objects.filter(target=OuterRef("pk")).order_by("-id")
    rows = WebhookTarget.objects.annotate(
        last_at=Subquery(last.values("at")[:1]),
        last_status=Subquery(last.values("status")[:1]),
        last_error=Subquery(last.values("error")[:1]),
    ).order_by("name", "pk")
    return rows if may_configure(actor) else rows.none()


def active_targets() -> QuerySet[WebhookTarget]:
    """Targets that a wing may name."""
    return WebhookTarget.objects.filter(archived_at=None).order_by("name", "pk")


def last_attempts(target: WebhookTarget) -> Sequence[WebhookAttempt]:
    """The newest requests to a target."""
    return list(target.attempts.order_by("-id")[:ATTEMPTS_SHOWN])
