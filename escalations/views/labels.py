"""Names of the rows that the queue's filters point at, all in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import BigIntegerField, CharField, QuerySet, Value
from django.db.models.functions import Cast

from escalations import queries
from escalations.models import IssueType
from escalations.models.configuration import in_language
from partners import queries as directory

if TYPE_CHECKING:
    from typing import Any

    from escalations.queries import QueueFilters
    from portal.accounts.rules import Actor

Labels = dict[tuple[str, int], str]


def filter_labels(actor: Actor, filters: QueueFilters) -> Labels:
    """Names by filter and id, for what the actor may know of; no query when no filter points at a row."""
    sources: dict[str, QuerySet[Any]] = {
        "service": queries.services_visible_to(actor),
        "site": directory.sites_visible_to(actor),
        "owner": queries.owners_known_to(actor),
        "issue": IssueType.objects.all(),
    }
    parts = [_named(kind, rows, getattr(filters, kind)) for kind, rows in sources.items() if getattr(filters, kind)]
    if not parts:
        return {}
    # Without the order that some models have by default: it is none of the columns.
    found = parts[0].union(*parts[1:]).order_by()
    return {(kind, pk): in_language(name, name_zh) for kind, pk, name, name_zh in found}


def _named(kind: str, rows: QuerySet[Any], ids: tuple[int, ...]) -> QuerySet[Any, Any]:
    name_zh = Value("") if kind == "owner" else Cast("name_zh", CharField())
    found = (
        rows.order_by()
        .filter(pk__in=ids)
        .annotate(
            kind=Value(kind, CharField()),
            row=Cast("pk", BigIntegerField()),
            name_one=Cast("name", CharField()),
            name_two=name_zh,
        )
    )
    named: QuerySet[Any, Any] = found.values_list("kind", "row", "name_one", "name_two")
    return named
