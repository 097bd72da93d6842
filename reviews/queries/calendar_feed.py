"""The address of somebody's calendar, and what is read there."""

from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.rules import Actor
from portal.accounts.tokens import hash_of

from ..models import CalendarFeed, Engagement
from .meetings import engagements

BEFORE: Final = timedelta(days=60)
AFTER: Final = timedelta(days=400)
MOST: Final = 500


def feed_of(actor: Actor) -> CalendarFeed | None:
    """The actor's own, if there is one."""
    return CalendarFeed.objects.filter(user=actor.user_id).first()


def feeds() -> QuerySet[CalendarFeed]:
    """Everybody's, the newest first."""
    return CalendarFeed.objects.select_related("user")


def meetings_of_token(token: str) -> tuple[CalendarFeed, list[Engagement]] | None:
    """Whose address it is, and the meetings that they are asked to and may see now; None for an address of nobody who may sign in."""
    found = CalendarFeed.objects.select_related("user").filter(token_hash=hash_of(token), user__is_active=True).first()
    if found is None:
        return None
    now = timezone.now()
    rows = engagements(accounts.actor_for(found.user)).filter(attendees__user=found.user)
    rows = rows.filter(starts_at__gte=now - BEFORE, starts_at__lt=now + AFTER)
    return found, list(rows.order_by("starts_at", "pk")[:MOST])
