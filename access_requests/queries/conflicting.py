"""Who holds both sides of a conflict rule today, and who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet

from partners import queries as directory
from portal.accounts.rules import Actor

from ..models import Grant, SodException, SodRule
from .scope import grants_visible_to, sees_all

MOST = 200


def sod_exceptions_visible_to(actor: Actor) -> QuerySet[SodException]:
    """Exceptions for people whom the actor sees."""
    rows = SodException.objects.all()
    return rows if sees_all(actor) else rows.filter(person__in=directory.people_visible_to(actor))


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds both sides; `until` is when their exception ends, None if they have none."""

    person_id: int
    name: str
    until: datetime | None


def holders_of_both(actor: Actor, rule: SodRule, at: datetime) -> list[Holder]:
    """Visible people who hold both sides, at most some hundred, those without an exception first. Two queries."""
    live = grants_visible_to(actor).filter(ended_at=None)
    right = Grant.objects.filter(ended_at=None, entitlement=rule.right_id, person=OuterRef("person"))
    both = live.filter(Exists(right), entitlement=rule.left_id).select_related("person")
    rows = [(one.person_id, one.person.label) for one in both.order_by("person__name", "person_id")[:MOST]]
    ends = dict(
        in_force(SodException.objects.filter(rule=rule, person_id__in=[pk for pk, _name in rows]), at).values_list(
            "person_id", "ends_at"
        )
    )
    found = [Holder(pk, name, ends.get(pk)) for pk, name in rows]
    return sorted(found, key=lambda one: one.until is not None)


def in_force(rows: QuerySet[SodException], at: datetime) -> QuerySet[SodException]:
    """Exceptions that let a conflict be at this instant."""
    return rows.filter(ended_at=None, starts_at__lte=at, ends_at__gt=at)


def counts_of_both(actor: Actor, rules: Sequence[SodRule]) -> dict[int, int]:
    """Rule -> how many visible people hold both sides. A query per rule: there are few of them."""
    live = grants_visible_to(actor).filter(ended_at=None)
    found: dict[int, int] = {}
    for rule in rules:
        right = Grant.objects.filter(ended_at=None, entitlement=rule.right_id, person=OuterRef("person"))
        found[rule.pk] = live.filter(Exists(right), entitlement=rule.left_id).aggregate(n=Count("pk"))["n"]
    return found
