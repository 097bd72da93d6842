"""Clocks with what an action needs to know of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sla.actions.ledger import RuleOf
from sla.choices import FIRED_KINDS, OPEN_STATES
from sla.models import Clock, ClockEvent
from sla.queries.calendars import calendars_for
from sla.queries.rulebook import on_calendar, rules_of
from sla.rules import Rule


def open_clocks(subject_kind: str, subject_id: int, metrics: Sequence[str] | None = None) -> list[Clock]:
    """A subject's open clocks (of these metrics), locked."""
    found = Clock.objects.filter(subject_kind=subject_kind, subject_id=subject_id, state__in=OPEN_STATES)
    if metrics is not None:
        found = found.filter(metric__in=metrics)
    return list(found.order_by("pk").select_for_update(no_key=True))


def terms(clocks: Sequence[Clock]) -> RuleOf:
    """The rule under which each clock stands, on the version of the calendar that it started with."""
    rules = rules_of({clock.policy_version_id for clock in clocks})
    calendars = calendars_for({clock.calendar_version_id for clock in clocks})

    def rule_of(clock: Clock) -> Rule | None:
        if clock.policy_version_id is None or clock.calendar_version_id is None:
            return None
        version = clock.calendar_version_id
        return on_calendar(rules[clock.policy_version_id], clock.metric, version, calendars[version])

    return rule_of


def fired_codes(clocks: Sequence[Clock]) -> Mapping[int, set[str]]:
    """What was ever fired of each clock, as codes of a plan."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = ClockEvent.objects.filter(clock__in=[clock.pk for clock in clocks], kind__in=FIRED_KINDS)
    for clock_id, kind, threshold in rows.values_list("clock_id", "kind", "threshold"):
        found[clock_id].add(f"{kind}:{threshold}")
    return found
