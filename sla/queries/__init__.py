"""Reads of the wing."""

from sla.queries.calendars import CalendarContent, calendar_choices, calendars, calendars_for
from sla.queries.clocks import (
    ClockView,
    Pill,
    by_metric,
    clock_view,
    clocks_of,
    earliest_due,
    oldest_due_age,
    open_clocks_of,
    open_views,
    pill,
)
from sla.queries.explain import ExplainLine, explain, explanation
from sla.queries.kept import (
    Decided,
    Settled,
    breached_between,
    decided,
    decided_between,
    decided_page,
    touched_since,
)
from sla.queries.memory import remembering
from sla.queries.rulebook import levels_of, rulebook, rules_of

__all__ = [
    "CalendarContent",
    "ClockView",
    "Decided",
    "ExplainLine",
    "Pill",
    "Settled",
    "breached_between",
    "by_metric",
    "calendar_choices",
    "calendars",
    "calendars_for",
    "clock_view",
    "clocks_of",
    "decided",
    "decided_between",
    "decided_page",
    "earliest_due",
    "explain",
    "explanation",
    "levels_of",
    "oldest_due_age",
    "open_clocks_of",
    "open_views",
    "pill",
    "remembering",
    "rulebook",
    "rules_of",
    "touched_since",
]
