"""Looks for signals where sums have changed, and tells of each once: a KPI that crosses red, or a signal of its control chart.

Looked at are the last week whose days all have figures, as on a scorecard, and the month that its figures reach into, in the
site's own days. What is told stands in
`AlertEvent`, whose key the database holds unique: workers at once, and a signal that goes and comes back, tell nothing twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.notifications.actions import Emission, emit

from ..choices import SignalKind
from ..models import Follow, Kpi, SignalDue
from ..queries import Card, cards, judged_on, kpis_in_use, readings, sites_visible_to
from ..queries.signals import rebased, smallest_samples, weekly
from ..queries.trends import with_newest
from ..rules.formulas import Reading
from ..rules.periods import Period, containing, last_complete_week, run_up, whole_until
from ..rules.scoring import Terms
from ..rules.signals import appeared, crossed

if TYPE_CHECKING:
    from partners.models import Site

SIGNAL: Final = "kpis.signal"
WEEKS: Final = 26
# Sites in one run; the rest waits for the next.
MOST: Final = 200

_NEXT = """
SELECT s.site_id FROM kpis_signaldue s WHERE NOT EXISTS (SELECT 1 FROM kpis_dirtybucket d WHERE d.site_id = s.site_id)
ORDER BY s.id LIMIT 1 FOR UPDATE OF s SKIP LOCKED
"""
_TAKE = """
DELETE FROM kpis_signaldue WHERE id IN (SELECT id FROM kpis_signaldue WHERE site_id = %s FOR UPDATE SKIP LOCKED)
"""
_WRITE = """
INSERT INTO kpis_alertevent (site_id, kpi_id, kind, grain, period, value, created_at)
SELECT %s, kpi, kind, grain, period, value, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[], %s::numeric[]) AS given (kpi, kind, grain, period, value)
ORDER BY kpi, kind, grain, period
ON CONFLICT (site_id, kpi_id, kind, grain, period) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A signal of a KPI in a period."""

    kpi_id: int
    kind: str
    period: Period
    value: Decimal


def look_for_signals(now: datetime | None = None) -> int:
    """Look at the sites whose sums have changed since; how many signals are new. A site with days still to be summed up waits."""
    new = 0
    for _number in range(MOST):
        with transaction.atomic():
            site = _claimed()
            if site is None:
                return new
            new += look_at(site, now or timezone.now())
    return new


def look_everywhere() -> int:
    """Have every site looked at: weeks have passed, contracts and annotations changed. How many sites."""
    ids = sorted(sites_visible_to(SYSTEM).values_list("pk", flat=True))
    SignalDue.objects.bulk_create(SignalDue(site_id=pk) for pk in ids)
    return len(ids)


def look_at(site: "Site", now: datetime) -> int:
    """Tell of what is new at one site, in the caller's transaction; how many signals."""
    until = _known_until(site, now)
    found = [*_reds(site.pk, until), *_controls(site.pk, until)]
    new = _write(site.pk, found, now) if found else []
    tick = f"{SIGNAL}:{site.pk}:{min(new, default=0)}"
    emit([Emission(SIGNAL, f"{SIGNAL}:{pk}", {"event": pk}, tick) for pk in new])
    return len(new)


def _claimed() -> "Site | None":
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(_TAKE, row)
    return sites_visible_to(SYSTEM).get(pk=row[0])


def _known_until(site: "Site", now: datetime) -> date:
    """The last whole day of the site with figures; yesterday where only figures handed in by others are kept."""
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    newest = with_newest(sites_visible_to(SYSTEM)).get(pk=site.pk).newest
    return whole_until(min(newest or today, today), today)


def _reds(site_id: int, until: date) -> Iterator[Found]:
    """A week that is off target after one that was not; a month that is off target, because each is judged on its own."""
    week, month = last_complete_week(until), containing("month", until)
    for period, earlier in ((week, week.previous()), (month, None)):
        now, before = _judged(site_id, period), _judged(site_id, earlier) if earlier else {}
        for kpi_id, (terms, reading) in now.items():
            if crossed((terms, reading), before.get(kpi_id)) and reading.value is not None:
                yield Found(kpi_id, SignalKind.RED, period, reading.value)


def _judged(site_id: int, period: Period) -> dict[int, tuple[Terms, Reading]]:
    """The lines of the contract in force with their readings, by KPI."""
    judged = cards([site_id], judged_on(period))
    read = readings(judged, period).get(site_id, {})
    return {
        line.kpi_id: (terms, read[terms.kpi])
        for card in judged.values()
        for line, terms in zip(card.lines, card.terms, strict=True)
        if terms.kpi in read
    }


def _controls(site_id: int, until: date) -> Iterator[Found]:
    week = last_complete_week(until)
    weeks, card = run_up(week, WEEKS), cards([site_id], judged_on(week)).get(site_id)
    kpis = _watched(site_id, card)
    read = weekly(site_id, kpis, weeks, card.pins if card else None)
    fewest, changed = smallest_samples(kpis, card, week.last), rebased(site_id, weeks)
    for kpi in kpis:
        last = read[kpi.code][-1].value
        if last is not None:
            starts = changed.get(None, set()) | changed.get(kpi.pk, set())
            for kind in appeared(read[kpi.code], kpi.unit, fewest[kpi.pk], starts):
                yield Found(kpi.pk, kind, week, last)


def _watched(site_id: int, card: Card | None) -> list[Kpi]:
    """What the contract names and what somebody follows by name; without a contract all, for nobody said what matters."""
    kpis = kpis_in_use()
    if card is None:
        return kpis
    followed = set(Follow.objects.filter(Q(site=None) | Q(site=site_id)).values_list("kpi_id", flat=True))
    wanted = followed | {line.kpi_id for line in card.lines}
    return [kpi for kpi in kpis if kpi.pk in wanted]


def _write(site_id: int, found: Sequence[Found], now: datetime) -> list[int]:
    """Ids of those that nobody has been told of yet."""
    columns: list[Any] = [
        [one.kpi_id for one in found],
        [str(one.kind) for one in found],
        [one.period.grain for one in found],
        [one.period.first for one in found],
        [one.value for one in found],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [site_id, now, *columns])
        return [pk for (pk,) in cursor.fetchall()]
