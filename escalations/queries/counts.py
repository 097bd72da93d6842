"""How many cases sites had in a period, for wings that report on them to those who may not see each.

For callers that have chosen sites. Standard cases only: a number that moved with a sensitive case would tell of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from escalations.choices import OPEN_STATES, Sensitivity, State
from escalations.models import Case
from sla import queries as sla

from .queue import KIND


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases opened and ended from `since` to `until`, those open now, and those of which a promise was broken in between."""

    opened: int
    closed: int
    open: int
    breached: int


@dataclass(frozen=True, slots=True)
class OfIssue:
    """An issue type of the top level with how many cases of it were opened, and are open; no type: the empty name."""

    code: str
    name: str
    name_zh: str
    opened: int
    open: int


def counts(site_ids: Collection[int], since: datetime, until: datetime) -> Counts:
    """Cases of these sites; those that were merged into another are counted there. Two queries."""
    rows = _counted(site_ids).annotate(over=Coalesce("resolved_at", "closed_at"))
    found = rows.aggregate(
        opened=Count("pk", filter=_opened(since, until)),
        closed=Count("pk", filter=Q(over__gte=since, over__lt=until) & ~Q(state__in=OPEN_STATES)),
        open=Count("pk", filter=Q(state__in=OPEN_STATES)),
    )
    live = rows.filter(opened_at__lt=until).filter(Q(state__in=OPEN_STATES) | Q(updated_at__gte=since))
    broken = sla.breached_between(KIND, live.values_list("pk", flat=True), since, until)
    return Counts(**found, breached=broken)


def by_issue(site_ids: Collection[int], since: datetime, until: datetime) -> list[OfIssue]:
    """Cases by the top level of their issue type, most opened first. One query."""
    rows = _counted(site_ids)
    named = {
        one: Coalesce(f"issue_type__parent__parent__{one}", f"issue_type__parent__{one}", f"issue_type__{one}")
        for one in ("code", "name", "name_zh")
    }
    grouped = rows.annotate(top=named["code"], top_name=named["name"], top_name_zh=named["name_zh"])
    found = grouped.values_list("top", "top_name", "top_name_zh").annotate(
        opened=Count("pk", filter=_opened(since, until)), open=Count("pk", filter=Q(state__in=OPEN_STATES))
    )
    kept = [
        OfIssue(code or "", name or "", zh or "", opened, still)
        for code, name, zh, opened, still in found
        if opened or still
    ]
    return sorted(kept, key=lambda one: (-one.opened, -one.open, one.name))


def _counted(site_ids: Collection[int]) -> QuerySet[Case]:
    return Case.objects.filter(site__in=site_ids, sensitivity=Sensitivity.STANDARD).exclude(state=State.MERGED)


def _opened(since: datetime, until: datetime) -> Q:
    return Q(opened_at__gte=since, opened_at__lt=until)
