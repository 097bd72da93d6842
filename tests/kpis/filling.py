"""Daily sums and figures for tests, written as workers and imports leave them."""

from datetime import date
from decimal import Decimal
from typing import Any

from kpis.models import AgentDay, Batch, Component, Figure, QueueDay
from kpis.queries import Scope

MONDAY = date(2026, 11, 2)
SUNDAY = date(2026, 11, 8)


def queue_day(queue: Any, day: date = MONDAY, *, excluded: bool = False, **values: Any) -> None:
    """What a queue did on a day."""
    QueueDay.objects.create(site=queue.programme.site, queue=queue, day=day, excluded=excluded, **values)


def agent_day(team: Any, person: Any, day: date = MONDAY, *, excluded: bool = False, **values: Any) -> None:
    """What somebody did on a day."""
    programme = team.programme
    AgentDay.objects.create(
        site=programme.site, programme=programme, team=team, person=person, day=day, excluded=excluded, **values
    )


def figure(code: str, site: Any, day: date, value: float | Decimal, **where: Any) -> None:
    """A day's figure of a component of its own."""
    batch, _made = Batch.objects.get_or_create(kind="figures", source="test", name="test", digest="test")
    component = Component.objects.get(code=code)
    Figure.objects.create(component=component, site=site, day=day, value=value, batch=batch, row=1, **where)


def scope_of(*sites: Any, **more: Any) -> Scope:
    """These sites, narrowed further if told to."""
    return Scope(frozenset(site.pk for site in sites), **more)
