"""What a change of policies or calendars would do to open clocks, computed and not saved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched

from django.utils import timezone

from sla import registry
from sla.business_time import BusinessCalendar
from sla.choices import OPEN_STATES, ClockState
from sla.models import Clock
from sla.rules import Rule, Rulebook

LIMIT = 20_000
_NOT_SAVED = 0  # the version id of what is being tried


@dataclass(slots=True)
class Preview:
    """Of `looked_at` open clocks `moved` would be due at another instant, `breach` at once, `cancelled` not any more.

    `exact` is False where there were too many to look at all.
    """

    looked_at: int = 0
    moved: int = 0
    breach: int = 0
    cancelled: int = 0
    exact: bool = True


def with_calendar(book: Rulebook, calendar_id: int, calendar: BusinessCalendar) -> Rulebook:
    """The same policies, one of their calendars changed."""
    return Rulebook(
        tuple(
            replace(
                rule,
                targets={
                    metric: replace(target, calendar=calendar, calendar_version_id=_NOT_SAVED)
                    if target.calendar_id == calendar_id
                    else target
                    for metric, target in rule.targets.items()
                },
            )
            for rule in book.rules
        )
    )


def with_rule(book: Rulebook, rule: Rule, position: int) -> Rulebook:
    """The same policies, one of them changed or new, at its place in the list (1 is the first)."""
    others = [known for known in book.rules if known.policy_id != rule.policy_id]
    others.insert(max(0, position - 1), rule)
    return Rulebook(tuple(others))


def preview(
    subject_kind: str,
    book: Rulebook,
    *,
    calendar_id: int | None = None,
    now: datetime | None = None,
    limit: int = LIMIT,
) -> Preview:
    """Try other policies on the kind's open clocks (only those on one calendar, if given)."""
    found, moment = Preview(), now or timezone.now()
    clocks = Clock.objects.filter(subject_kind=subject_kind, state__in=OPEN_STATES, policy_version__isnull=False)
    if calendar_id is not None:
        clocks = clocks.filter(calendar_version__calendar=calendar_id)
    rows = list(clocks.order_by("-pk")[: limit + 1])
    found.exact = len(rows) <= limit
    for clock, rule in _judged(subject_kind, book, rows[:limit]):
        _count(found, clock, rule, moment)
    return found


def _judged(subject_kind: str, book: Rulebook, clocks: Sequence[Clock]) -> Iterator[tuple[Clock, Rule | None]]:
    kind = registry.kind_of(subject_kind)
    for chunk in batched(clocks, 2000):
        dimensions = kind.dimensions_of(sorted({clock.subject_id for clock in chunk}))
        for clock in chunk:
            yield clock, book.rule_for(dimensions.get(clock.subject_id, {}))


def _count(found: Preview, clock: Clock, rule: Rule | None, now: datetime) -> None:
    found.looked_at += 1
    target = rule.targets.get(clock.metric) if rule else None
    if target is None:
        found.cancelled += 1
        return
    pauses = [(pause.lower, pause.upper) for pause in clock.pauses]
    due = target.calendar.add(clock.started_at, target.seconds, pauses)
    if due != clock.due_at:
        found.moved += 1
        found.breach += due < now <= clock.due_at and clock.state == ClockState.RUNNING
