"""The promises of a case as a brief tells them."""

from datetime import datetime

from escalations.models import Case
from escalations.rules.briefs.building import Clock
from sla import queries as clocks

from .queue import KIND
from .statutory import own_zones


def clocks_at(case: Case, now: datetime) -> list[Clock]:
    """The newest clock of each metric, the first to fall due first; by how much it was over then. Whose law it was is told of the
    case's own complaint alone. Two queries at most."""
    found = clocks.by_metric(clocks.clocks_of(KIND, [case.pk])[case.pk]).values()
    views = [one for one in found if one.state != "cancelled"]
    zones = own_zones(case.pk, views)
    rows = [Clock(one.metric, one.state, one.due_at, _over(one, now), zones.get(one.id, "")) for one in views]
    return sorted(rows, key=lambda one: (one.due_at, one.metric))


def _over(view: clocks.ClockView, now: datetime) -> int:
    """Whole seconds beyond the due time, up to where it was met or stands still."""
    until = view.met_at or view.paused_at or now
    return max(0, int((until - view.due_at).total_seconds()))
