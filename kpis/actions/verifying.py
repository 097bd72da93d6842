"""The nightly check: sums of some days are derived anew from the facts, in Python, by another way than the workers make them."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from partners.queries import site_labels, sites_visible_to
from portal.accounts.choices import Role
from portal.accounts.queries import live_memberships
from portal.accounts.rules import SYSTEM
from portal.notifications.actions import notify

from ..choices import ExclusionState
from ..components import AGENTS, CONTACTS, OF_AGENTS, SUMMED
from ..models import (
    AgentDay,
    AgentInterval,
    ContactInterval,
    Difference,
    DirtyBucket,
    Exclusion,
    QaEvaluation,
    QueueDay,
    SurveyResponse,
)
from .recomputing import mark_all_moved, mark_dirty

DIFFERENCES: Final = "kpis.differences"
BUCKETS: Final = 20
SINCE: Final = timedelta(days=120)
# A bucket that is all wrong is told of by its first components; all of it is made again.
TOLD: Final = 200

# (queue or person, excluded) -> component -> sum
type Sums = dict[tuple[int | None, bool], dict[str, Decimal]]


class Bucket:
    """A site's day, and what is excluded of it."""

    def __init__(self, site_id: int, day: date, zone: ZoneInfo) -> None:
        self.site_id, self.day = site_id, day
        self.since = datetime.combine(day, datetime.min.time(), zone)
        self.until = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
        approved = Exclusion.objects.filter(site=site_id, state=ExclusionState.APPROVED)
        self.exclusions = list(approved.values_list("queue_id", "period"))

    def excluded(self, queue_id: int | None, at: datetime, seconds: int) -> bool:
        """Whether any of an interval (0 seconds: an instant) lies in an approved exclusion."""
        until = at + timedelta(seconds=seconds)
        return any(
            queue in (None, queue_id)
            and (period.upper is None or at < period.upper)
            and (period.lower is None or (until > period.lower if seconds else at >= period.lower))
            for queue, period in self.exclusions
        )

    def rows(self, model: Any, at: str) -> QuerySet[Any]:
        """The facts that begin on this day."""
        bounds = {f"{at}__gte": self.since, f"{at}__lt": self.until}
        found: QuerySet[Any] = model.objects.filter(site=self.site_id, **bounds)
        return found


def verify(buckets: int = BUCKETS) -> int:
    """Check some days at random of the last months; how many sums differ. They are written down and told of, and the days are made again.

    Of all days of these months it is looked whether each agent's team is still the one of the placement.
    """
    since = timezone.now().date() - SINCE
    mark_all_moved(since)
    known = sorted(QueueDay.objects.filter(day__gte=since).values_list("site_id", "day").distinct())
    chosen = random.sample(known, min(buckets, len(known)))
    zones = {pk: ZoneInfo(site.time_zone) for pk, site in site_labels({site for site, _day in chosen}).items()}
    return sum(check(site, day, zones[site]) for site, day in chosen)


def _tell(found: Sequence[Difference]) -> None:
    """Administrators hear of a day once, in the transaction that writes down what differs on it."""
    now = timezone.now()
    site = sites_visible_to(SYSTEM).get(pk=found[0].site_id)
    notify(
        kind=DIFFERENCES,
        recipients=live_memberships(now).filter(role=Role.ADMINISTRATOR).values_list("user_id", flat=True),
        params={"site": site.name, "site_zh": site.name_zh, "day": found[0].day.isoformat(), "n": len(found)},
        url=f"{reverse('kpis:site', args=[site.code])}?period={found[0].day}",
        dedupe_key=f"{DIFFERENCES}:{found[0].pk}",
        subject_id=found[0].pk,
    )


@transaction.atomic
def check(site_id: int, day: date, zone: ZoneInfo) -> int:
    """Check one day; a day whose sums are about to be made again is left alone."""
    waiting = DirtyBucket.objects.filter(site=site_id, day=day)
    if waiting.exists():
        return 0
    bucket = Bucket(site_id, day, zone)
    found = [
        *_compared(bucket, "queue_id", _derived(bucket, "queue_id"), _stored(QueueDay, "queue_id", SUMMED, bucket)),
        *_compared(
            bucket, "person_id", _derived(bucket, "person_id"), _stored(AgentDay, "person_id", OF_AGENTS, bucket)
        ),
    ]
    # Facts may have changed while they were read.
    if found and waiting.exists():
        return 0
    if found:
        _tell(Difference.objects.bulk_create(found[:TOLD]))
        mark_dirty([(site_id, day)])
    return len(found)


def _derived(bucket: Bucket, holder: str) -> Sums:
    """The sums as the facts say, row by row."""
    sums: Sums = defaultdict(dict)
    if holder == "queue_id":
        _add_intervals(sums, bucket, ContactInterval, [c.code for c in CONTACTS], holder)
    _add_intervals(sums, bucket, AgentInterval, [c.code for c in AGENTS], holder)
    _add_instants(sums, bucket, SurveyResponse, "responded_at", of_survey, holder)
    _add_instants(sums, bucket, QaEvaluation, "evaluated_at", of_evaluation, holder)
    return sums


def _add_intervals(sums: Sums, bucket: Bucket, model: Any, codes: Iterable[str], holder: str) -> None:
    for row in bucket.rows(model, "starts_at").iterator():
        key = (getattr(row, holder), bucket.excluded(row.queue_id, row.starts_at, row.seconds))
        values = {code: value for code in codes if (value := getattr(row, code)) is not None}
        _add(sums, key, values)


def _add_instants(
    sums: Sums, bucket: Bucket, model: Any, at: str, counted: Callable[[Any], Mapping[str, Any]], holder: str
) -> None:
    for row in bucket.rows(model, at).iterator():
        if holder == "queue_id" or row.person_id is not None:
            key = (getattr(row, holder), bucket.excluded(row.queue_id, getattr(row, at), 0))
            _add(sums, key, counted(row))


def _add(sums: Sums, key: tuple[int | None, bool], values: Mapping[str, Any]) -> None:
    total = sums[key]
    for code, value in values.items():
        total[code] = total.get(code, Decimal(0)) + value


def of_survey(row: SurveyResponse) -> dict[str, int]:
    """What an answer counts for."""
    if row.kind == "csat":
        return {"csat_responses": 1, "satisfied": int(row.score >= row.scale - 1)}
    return {
        "nps_responses": 1,
        "promoters": int(row.score >= 9),
        "passives": int(7 <= row.score <= 8),
        "detractors": int(row.score <= 6),
    }


def of_evaluation(row: QaEvaluation) -> dict[str, Any]:
    """What an evaluation counts for; one with an auto-fail gives no point."""
    return {
        "evaluations": 1,
        "qa_points": 0 if row.auto_fail else row.points,
        "qa_possible": row.possible,
        "auto_fails": int(row.auto_fail),
        "critical_errors": int(row.critical_error),
    }


def _stored(model: Any, holder: str, components: Iterable[Any], bucket: Bucket) -> Sums:
    codes = [component.code for component in components]
    return {
        (getattr(row, holder), row.excluded): {
            code: Decimal(v) for code in codes if (v := getattr(row, code)) is not None
        }
        for row in model.objects.filter(site=bucket.site_id, day=bucket.day)
    }


def _compared(bucket: Bucket, holder: str, derived: Sums, stored: Sums) -> list[Difference]:
    found = []
    for key in sorted({*derived, *stored}, key=str):
        ours, theirs = derived.get(key, {}), stored.get(key, {})
        found += [
            Difference(
                site_id=bucket.site_id,
                day=bucket.day,
                component=code,
                stored=theirs.get(code),
                derived=ours.get(code),
                **{holder: key[0]},
            )
            for code in sorted({*ours, *theirs})
            if ours.get(code) != theirs.get(code)
        ]
    return found  # fmt: skip
