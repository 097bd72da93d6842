"""Levels for clocks with a fixed due instant that began before such clocks had any."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db import connection

from sla.choices import ClockState
from sla.models import Clock
from sla.rules import Levels

# The steps ahead stay in order: levels come after the breach, and nothing else does. Whoever acknowledged a breach is not asked anew.
_GIVE: Final = """
UPDATE sla_clock
   SET plan_at = plan_at || ARRAY(SELECT due_at + make_interval(secs => s) FROM unnest(%(after)s::float8[]) WITH ORDINALITY AS t(s, n) ORDER BY n),
       plan_code = plan_code || %(codes)s::varchar[],
       next_event_at = COALESCE(next_event_at, due_at + make_interval(secs => %(first)s))
 WHERE subject_kind = %(kind)s AND subject_id = ANY (%(subjects)s) AND metric = ANY (%(metrics)s) AND state = 'running'
   AND target_seconds IS NULL AND acknowledged_at IS NULL AND NOT plan_code @> ARRAY['escalated:1']::varchar[]
"""


def without_levels(subject_kind: str, metrics: Collection[str], *, after: int, limit: int) -> list[int]:
    """The next subjects after this one, in order, of which such a clock runs without any level."""
    rows = Clock.objects.filter(subject_kind=subject_kind, metric__in=metrics, state=ClockState.RUNNING)
    rows = rows.filter(target_seconds=None, acknowledged_at=None, subject_id__gt=after)
    found = (
        rows.exclude(plan_code__contains=["escalated:1"]).order_by("subject_id").values_list("subject_id", flat=True)
    )
    return list(found.distinct()[:limit])


def give_levels(*, subject_kind: str, metrics: Collection[str], levels: Mapping[int, Levels]) -> int:
    """Put these levels, by subject, into the plans of such clocks that have none; how many clocks. Those gone by fire with the
    next tick. The caller holds the subjects."""
    alike: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for subject_id, wanted in levels.items():
        if wanted:
            alike.setdefault(tuple(sorted(wanted, key=lambda one: (one[1], one[0]))), []).append(subject_id)
    given = 0
    with connection.cursor() as cursor:
        for same, subjects in alike.items():
            after = [seconds for _level, seconds in same]
            arguments: dict[str, Any] = {
                "kind": subject_kind,
                "metrics": list(metrics),
                "subjects": sorted(subjects),
                "after": after,
                "first": after[0],
                "codes": [f"escalated:{level}" for level, _seconds in same],
            }
            cursor.execute(_GIVE, arguments)
            given += cursor.rowcount
    return given
