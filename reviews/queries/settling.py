"""Whether the figures of a pack's period stand still, or are being counted anew."""

from datetime import datetime, timedelta
from typing import Final

from kpis.queries.trends import freshness

from ..models import Pack
from .sections import context_of

#: Figures that are never done being counted hold no pack up for longer.
PATIENCE: Final = timedelta(minutes=15)


def is_settled(pack: Pack, now: datetime) -> bool:
    """True when no day of the period waits to be summed up again, or the pack has waited long enough."""
    if now - pack.created_at >= PATIENCE:
        return True
    context = context_of(pack, now)
    found = freshness(context.site_ids, {}, context.period) if context.sites else {}
    return not any(one.waiting for one in found.values())
