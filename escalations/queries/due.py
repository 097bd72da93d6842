"""When a case falls due, and how far it was escalated, as its reader may know it. What the law asks for is internal, so for whoever sees a case as a partner
user it is due when the first of its other promises is, and the level of a case that the law waits for is not theirs to read."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from django.db.models import Case as SqlCase
from django.db.models import DateTimeField, Exists, F, OuterRef, PositiveSmallIntegerField, Q, QuerySet, Value, When

from escalations.choices.statutory import Duty
from escalations.models import Case, Regulation
from portal.accounts.rules import Actor
from sla.queries.clocks import ClockView, clocks_of, earliest_due_of_each

from .facts import Cases
from .scope import Scope, condition, insider, scope_of, visible_inside

# The kind of subject that cases are.
_KIND: Final = "case"
#: The annotation of rows of whoever does not see all of them inside.
SHOWN: Final = "due_shown"
#: A case's own column, which counts every promise.
STORED: Final = "next_due_at"
#: The same of its level.
LEVEL_SHOWN: Final = "level_shown"
LEVEL: Final = "escalation_level"


def inner_scope(actor: Actor) -> Scope | None:
    """The scope in which the actor sees what is internal; None if that is all that they see. Queries as `scope_of`."""
    inner = insider(actor)
    return None if inner is actor else scope_of(inner)


def due_column(inner: Scope | None) -> str:
    """By which column rows of `with_due` are due."""
    return STORED if inner is None else SHOWN


def with_due(rows: Cases, inner: Scope | None) -> Cases:
    """Rows that know when they are due for their reader; as they are if that is when they are due."""
    if inner is None:
        return rows
    regulated = Q(Exists(_marks(case=OuterRef("pk")))) | Q(Exists(_marks(case__merged_into=OuterRef("pk"))))
    plain = earliest_due_of_each(_KIND, without=Duty.values)
    shown = SqlCase(
        When(condition(inner), then=F(STORED)),
        When(regulated, then=plain),
        default=F(STORED),
        output_field=DateTimeField(null=True),
    )
    level = SqlCase(
        When(condition(inner), then=F(LEVEL)),
        When(regulated, then=Value(0)),
        default=F(LEVEL),
        output_field=PositiveSmallIntegerField(),
    )
    return rows.annotate(**{SHOWN: shown, LEVEL_SHOWN: level})


def _marks(**of: Any) -> QuerySet[Regulation]:
    """Complaints by law of a case, or of those merged into it: merging moves what is owed on to the case that goes on."""
    return Regulation.objects.order_by().filter(**of)


def shown_due(row: Any, inner: Scope | None) -> datetime | None:
    """When a case of such rows is due for its reader."""
    due: datetime | None = getattr(row, due_column(inner))
    return due


def outer_due(case: Case) -> datetime | None:
    """When a case falls due for partner users: the first of its running promises but those by law. One query."""
    known = known_clocks(clocks_of(_KIND, [case.pk])[case.pk], inside=False)
    return min((view.due_at for view in known if view.state == "running"), default=None)


def level_column(inner: Scope | None) -> str:
    """By which column rows of `with_due` say their level."""
    return LEVEL if inner is None else LEVEL_SHOWN


def shown_level(case: Case, *, inside: bool) -> int:
    """How far a case was escalated, for its reader. A query for an escalated case that is not seen inside."""
    if inside or not case.escalation_level:
        return case.escalation_level
    marked = _marks(case=case).exists() or _marks(case__merged_into=case).exists()
    return 0 if marked else case.escalation_level


def inside_among(actor: Actor, inner: Scope | None, ids: Collection[int]) -> frozenset[int]:
    """Of cases that the actor sees those that they see inside. A query for those alone who see some inside and some not."""
    if inner is None or not ids:
        return frozenset(ids)
    if inner == Scope():
        return frozenset()
    return frozenset(visible_inside(actor).filter(pk__in=ids).values_list("pk", flat=True))


def known_clocks(views: Iterable[ClockView], *, inside: bool) -> list[ClockView]:
    """Clocks of a case that its reader may know of."""
    return [view for view in views if inside or view.metric not in Duty.values]


def internal_metric(metric: object) -> bool:
    """Whether what a clock measures is known to those inside the case alone."""
    return metric in Duty.values
