"""Cases that have ended while the law still asks for an answer: no tab of the queue has them."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from escalations.choices.statutory import Duty
from escalations.models import OPEN
from portal.accounts.rules import Actor
from sla import queries as clocks
from sla.queries import ClockView

from .facts import Cases
from .lines import LINE_COLUMNS, CaseLine, lines_of
from .queue import KIND
from .scope import visible_to

#: So many are counted.
MOST_OWED: Final = 100
# When a case ends, its other clocks end: what is due then is due by law. The index of the same condition holds nothing else.
_OWED: Final = ~OPEN & Q(next_due_at__isnull=False)


@dataclass(frozen=True, slots=True)
class OwedLine:
    """An ended case, and the answer by law that is due first."""

    case: CaseLine
    clock: ClockView


def owed_cases(actor: Actor) -> Cases:
    """Those that the actor sees by a role in which they work cases, in no order."""
    return visible_to(at_work(actor)).filter(_OWED)


def at_work(actor: Actor) -> Actor:
    """The actor in those roles only in which they work cases: what they merely follow by another one is not their work."""
    working = tuple(one for one in actor.standings if one.may("work_case"))
    return Actor(actor.user_id, actor.person_id, working, actor.principal_id)


def owed_by_law(actor: Actor, size: int) -> tuple[list[OwedLine], int]:
    """The first ones to fall due, and how many there are, counted to one more than `MOST_OWED`. Three queries besides those
    of the scope; one where there is none."""
    rows = owed_cases(actor)
    cases = lines_of(list(rows.order_by("next_due_at", "id").values(*LINE_COLUMNS)[:size]))
    if not cases:
        return [], 0
    found = clocks.open_clocks_of(KIND, [case.pk for case in cases])
    lines = []
    for case in cases:
        views = [view for view in found.get(case.pk, ()) if view.metric in Duty.values]
        lines += [OwedLine(case, min(views, key=lambda view: view.due_at))] if views else []
    return lines, rows.order_by()[: MOST_OWED + 1].count()
