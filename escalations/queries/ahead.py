"""What of somebody's own and watched cases falls due in a stretch of time. A constant number of queries and of rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case as SqlCase
from django.db.models import DateTimeField, F, Q, When

from escalations.choices.statutory import Duty
from escalations.models import OPEN, Case, Watcher
from portal.accounts.rules import Actor
from sla import queries as clocks
from sla.queries import ClockView
from sla.queries.clocks import first_due_of_each

from .owed import at_work
from .queue import KIND, clock_to_show
from .scope import visible_to


@dataclass(frozen=True, slots=True)
class Promise:
    """A running clock of a case. `by_law`: an answer that the law asks for; `watched`: the case is not the reader's own."""

    case_id: int
    subject: str
    clock: ClockView
    by_law: bool
    watched: bool

    @property
    def ref(self) -> str:
        """The case's reference, like EC-20418."""
        return f"EC-{self.case_id}"


def due_between(
    actor: Actor, since: datetime, until: datetime, shown: Collection[int] = (), *, most: int
) -> list[Promise]:
    """Of each open case that the actor owns or watches the clock that is due first, and every answer by law; due after `since`
    and before `until`, the first ones by time. Of cases that the page `shown` already, answers by law alone, without that whose
    clock it shows. Two queries besides those of the scope."""
    rows = _first_cases(actor, since, until, shown, most)
    found = clocks.open_clocks_of(KIND, [row["pk"] for row in rows])
    promises = [
        Promise(row["pk"], row["subject"], view, view.metric in Duty.values, row["owner_id"] != actor.user_id)
        for row in rows
        for view in _due(found.get(row["pk"], ()), since, until, on_page=row["pk"] in shown, late=row["late"])
    ]
    return sorted(promises, key=lambda one: one.clock.due_at)[:most]


def _due(views: Iterable[ClockView], since: datetime, until: datetime, *, on_page: bool, late: bool) -> list[ClockView]:
    """Of a case's clocks those that stand for it. What the page shows of it and what is late has only its answers by law."""
    known = list(views)
    told = clock_to_show(known) if on_page else None
    due = [view for view in known if view.state == "running" and since < view.due_at < until and view != told]
    law = [view for view in due if view.metric in Duty.values]
    plain = [] if on_page or late else [view for view in due if view.metric not in Duty.values]
    return [*sorted(plain, key=lambda view: view.due_at)[:1], *law]


def _first_cases(
    actor: Actor, since: datetime, until: datetime, shown: Collection[int], most: int
) -> list[dict[str, Any]]:
    """The cases of the first promises, by when the first promise of each is due. Each has one for which it counts, but for those on
    the page, where that one may stand already: so many more are read."""
    mine = Case.objects.filter(OPEN, owner=actor.user_id or 0, next_due_at__lt=until).values("pk")
    watched = Watcher.objects.filter(user=actor.user_id or 0).values("case_id")
    ahead = Q(next_due_at__gt=since) & ~Q(pk__in=shown)
    by_law = first_due_of_each(KIND, Duty.values, since, until)
    first = SqlCase(When(ahead, then=F("next_due_at")), default=by_law, output_field=DateTimeField(null=True))
    rows = visible_to(at_work(actor)).filter(OPEN, next_due_at__lt=until, pk__in=mine.union(watched, all=True))
    rows = rows.annotate(first=first).order_by(F("first").asc(nulls_last=True), "pk")
    found = rows.values("pk", "subject", "owner_id", "next_due_at", "first")[: most + len(shown)]
    return [
        {**row, "late": not row["next_due_at"] or row["next_due_at"] <= since}
        for row in found
        if row["first"] is not None
    ]
