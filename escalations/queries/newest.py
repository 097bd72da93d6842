"""Cases by when they were opened."""

from datetime import datetime

from django.utils import timezone

from portal.accounts.rules import Actor

from .lines import LINE_COLUMNS, CaseLine, lines_of
from .scope import visible_to


def opened_since(actor: Actor, since: datetime, size: int) -> list[CaseLine]:
    """The newest cases that the actor may see, opened at or after an instant, by others. One query besides those of the scope."""
    rows = visible_to(actor).filter(opened_at__gte=since, opened_at__lte=timezone.now())
    rows = rows.exclude(raised_by=actor.user_id or 0) if actor.user_id else rows
    return lines_of(list(rows.order_by("-opened_at", "-id").values(*LINE_COLUMNS)[:size]))
