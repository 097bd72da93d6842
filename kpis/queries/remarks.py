"""What stands beside figures over time: annotations, and time that both sides took out."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q, QuerySet

from ..choices import ExclusionState
from ..models import Annotation, Exclusion

if TYPE_CHECKING:
    from .sums import Scope

# No place on earth is farther from UTC.
_FARTHEST = timedelta(hours=14)


def annotations(site_ids: Collection[int], scope: "Scope", first: date, last: date) -> QuerySet[Annotation]:
    """What was written about these sites, or about all, that touches these days; of queues only those in the scope."""
    rows = Annotation.objects.filter(withdrawn_at=None, first_day__lte=last, last_day__gte=first)
    rows = rows.filter(Q(site=None) | Q(site__in=site_ids)).filter(_of_queues(scope))
    return rows.select_related("site", "kpi", "queue", "made_by")


def taken_out(site_ids: Collection[int], scope: "Scope", first: date, last: date) -> QuerySet[Exclusion]:
    """Approved exclusions of these sites that may touch these local days."""
    since, until = (
        datetime.combine(day, time(), tzinfo=UTC) + step
        for day, step in ((first, -_FARTHEST), (last + timedelta(days=1), _FARTHEST))
    )
    rows = Exclusion.objects.filter(state=ExclusionState.APPROVED, site__in=site_ids)
    rows = rows.filter(_of_queues(scope), period__overlap=DateTimeTZRange(since, until))
    return rows.select_related("site", "queue").order_by("period")


def _of_queues(scope: "Scope") -> Q:
    if scope.queue_ids is not None:
        return Q(queue=None) | Q(queue__in=scope.queue_ids)
    if scope.programme_ids is not None:
        return Q(queue=None) | Q(queue__programme__in=scope.programme_ids)
    return Q()
