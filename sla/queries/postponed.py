"""Clocks that the worker put off because something raised."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import DateTimeField, F, Func, QuerySet
from django.utils.translation import gettext as _

from portal.accounts.rules import Actor
from sla import registry
from sla.choices import ClockState
from sla.models import Clock

# The instant for which the next step was planned; arrays count from 1.
_PLANNED = Func(
    F("plan_at"), F("plan_pos"), arg_joiner="[", template="(%(expressions)s + 1])", output_field=DateTimeField()
)


@dataclass(frozen=True, slots=True)
class PostponedLine:
    """One of them as the screen shows it; `url` is "" and the error only its kind if the reader may not see the subject."""

    clock_id: int
    title: str
    url: str
    error: str
    attempts: int
    planned_at: datetime
    next_at: datetime


def postponed_clocks() -> QuerySet[Clock, Clock]:
    """Running clocks that wait for another attempt: they would have fired, had nothing raised. Served by an index."""
    return (
        Clock.objects.filter(error_count__gt=0, state=ClockState.RUNNING, next_event_at__gt=_PLANNED)
        .filter(subject_kind__in=[kind.key for kind in registry.kinds()])
        .order_by("next_event_at", "pk")
    )


def postponed_lines(actor: Actor, clocks: Iterable[Clock]) -> list[PostponedLine]:
    """The lines of these clocks. One query per kind of subject."""
    rows = list(clocks)
    seen = _seen(actor, rows)
    return [_line(row, is_seen=(row.subject_kind, row.subject_id) in seen) for row in rows]


def _seen(actor: Actor, rows: Iterable[Clock]) -> set[tuple[str, int]]:
    by_kind: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        by_kind[row.subject_kind].add(row.subject_id)
    found = set()
    for key, ids in by_kind.items():
        seen_among = registry.kind_of(key).seen_among
        found |= {(key, pk) for pk in seen_among(actor, ids)} if seen_among else set()
    return found


def _line(row: Clock, *, is_seen: bool) -> PostponedLine:
    kind = registry.kind_of(row.subject_kind)
    subject = kind.title_of(row.subject_id) if is_seen and kind.title_of else str(kind.label)
    title = _("%(subject)s: %(clock)s") % {"subject": subject, "clock": kind.metric_label(row.metric)}
    return PostponedLine(
        clock_id=row.pk,
        title=title,
        url=kind.url_of(row.subject_id) if is_seen and kind.url_of else "",
        # What follows the colon may quote the subject's data.
        error=row.last_error if is_seen else row.last_error.partition(":")[0],
        attempts=row.error_count,
        planned_at=row.plan_at[row.plan_pos],
        next_at=row.next_event_at or row.plan_at[row.plan_pos],
    )
