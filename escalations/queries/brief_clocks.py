"""The promises of a case as a brief tells them."""

from datetime import datetime

from escalations.models import Case
from escalations.rules.briefs.building import Clock
from sla import queries as clocks

from .queue import KIND


def clocks_at(case: Case, now: datetime) -> list[Clock]:
    """The newest clock of each metric, the first to fall due first; by how much it was over then. One query."""
    views = clocks.by_metric(clocks.clocks_of(KIND, [case.pk])[case.pk]).values()
    rows = [Clock(one.metric, one.state, one.due_at, _over(one, now)) for one in views if one.state != "cancelled"]
    return sorted(rows, key=lambda one: (one.due_at, one.metric))


def _over(view: clocks.ClockView, now: datetime) -> int:
    """Whole seconds beyond the due time, up to where it was met or stands still."""
    until = view.met_at or view.paused_at or now
    return max(0, int((until - view.due_at).total_seconds()))
