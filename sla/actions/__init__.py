"""Writes of the wing."""

from sla.actions.bulk import BulkClock, bulk_start
from sla.actions.calendars import archive_calendar, change_calendar, create_calendar, refresh_calendars, resolved
from sla.actions.clocks import (
    acknowledge,
    cancel,
    meet,
    move_fixed,
    recompute,
    run_again,
    start,
    start_fixed,
    state_changed,
)
from sla.actions.levelling import give_levels, without_levels
from sla.actions.merging import merge_due
from sla.actions.policies import (
    LevelContent,
    PolicyContent,
    TargetContent,
    archive_policy,
    change_policy,
    create_policy,
)
from sla.actions.promising import Promise, promise, start_promised
from sla.actions.sets import NewClock, cancel_many, meet_many, start_many, states_changed
from sla.actions.ticking import tick

__all__ = [
    "BulkClock",
    "LevelContent",
    "NewClock",
    "PolicyContent",
    "Promise",
    "TargetContent",
    "acknowledge",
    "archive_calendar",
    "archive_policy",
    "bulk_start",
    "cancel",
    "cancel_many",
    "change_calendar",
    "change_policy",
    "create_calendar",
    "create_policy",
    "give_levels",
    "meet",
    "meet_many",
    "merge_due",
    "move_fixed",
    "promise",
    "recompute",
    "refresh_calendars",
    "resolved",
    "run_again",
    "start",
    "start_fixed",
    "start_many",
    "start_promised",
    "state_changed",
    "states_changed",
    "tick",
    "without_levels",
]
