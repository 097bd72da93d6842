"""What of somebody's own and watched cases falls due in a stretch of time. A constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from escalations.choices.statutory import Duty
from escalations.models import OPEN, Regulation
from portal.accounts.rules import Actor
from sla import queries as clocks
from sla.queries import ClockView

from .facts import Cases
from .lines import LINE_COLUMNS, CaseLine, lines_of
from .owed import at_work
from .queue import KIND, QueueRow
from .scope import visible_to

#: So many cases are looked at of one's own, and of those one watches: more than a day has lines.
MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Promise:
    """A running clock of a case. `by_law`: an answer that the law asks for; `watched`: the case is not the reader's own."""

    case: CaseLine
    clock: ClockView
    by_law: bool
    watched: bool


def due_between(actor: Actor, since: datetime, until: datetime, shown: Iterable[QueueRow] = ()) -> list[Promise]:
    """Of each open case that the actor owns or watches the clock that is due first, and every answer by law; due after `since`
    and before `until`, in no order, without what the page shows already: its cases, and of their answers by law those whose
    clock it shows. Three queries besides those of the scope."""
    cases = _cases(actor, since, until)
    found = clocks.open_clocks_of(KIND, list(cases))
    rows = list(shown)
    said, on_page = {row.case.pk for row in rows}, {row.clock.id for row in rows if row.clock}
    promises = []
    for pk, case in cases.items():
        due = [view for view in found.get(pk, ()) if view.state == "running" and since < view.due_at < until]
        law = [view for view in due if view.metric in Duty.values and view.id not in on_page]
        plain = [] if pk in said else [view for view in due if view.metric not in Duty.values]
        first = [min(plain, key=lambda view: view.due_at)] if plain else []
        watched = case.owner is None or case.owner.pk != actor.user_id
        promises += [Promise(case, view, view in law, watched) for view in (*first, *law)]
    return promises


def _cases(actor: Actor, since: datetime, until: datetime) -> dict[int, CaseLine]:
    """Cases of which something may be due in between. What is overdue counts only for the answers by law that follow."""
    me = actor.user_id or 0
    regulated = Exists(Regulation.objects.filter(case=OuterRef("pk"), lifted_at=None))
    seen = visible_to(at_work(actor)).filter(OPEN, Q(next_due_at__gt=since) | regulated, next_due_at__lt=until)
    kinds: tuple[Cases, ...] = (seen.filter(owner=me), seen.filter(watchers__user=me))
    first = [rows.order_by("next_due_at", "pk").values(*LINE_COLUMNS)[:MOST] for rows in kinds]
    return {line.pk: line for rows in first for line in lines_of(list(rows))}
