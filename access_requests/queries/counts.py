"""Numbers of access for wings that report on sites. For callers that have chosen sites."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count

from ..choices import ITEM_STATES_UNDER_WAY
from ..models import RequestItem


def overdue_by_site(site_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many items under way are past their time, by the site that asked. One query."""
    rows = RequestItem.objects.filter(request__site__in=site_ids, state__in=ITEM_STATES_UNDER_WAY, due_at__lt=now)
    found = rows.order_by().values("request__site").annotate(n=Count("pk"))
    return {row["request__site"]: row["n"] for row in found}
