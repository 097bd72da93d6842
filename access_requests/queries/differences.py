"""What other content of a bundle would change for the people whom it fits."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from partners import queries as directory
from portal.accounts.rules import SYSTEM

from ..models import Bundle, BundleItem, Entitlement
from ..rules import Pattern, PersonPlan
from .leavers import reported
from .planning import patterns, plans
from .seating import promised


@dataclass(frozen=True, slots=True)
class Difference:
    """What somebody would get and lose, and at which site the bundle fits them; `blocked`: would get into a conflict.

    What is lost is all that no bundle brings then, nor anything else holds.
    """

    person_id: int
    site_id: int
    gets: frozenset[int]
    loses: frozenset[int]
    blocked: bool = False


def content_of(bundle: Bundle) -> frozenset[int]:
    """The entitlements in a bundle's current version, archived ones included. One query."""
    return frozenset(BundleItem.objects.filter(version=bundle.current_id).values_list("entitlement_id", flat=True))


def fitted(bundle: Bundle, at: datetime) -> dict[int, int]:
    """Person -> site of everybody whom the bundle fits on the day of `at` or later. One query."""
    rows = directory.placements_visible_to(SYSTEM).filter(
        Q(period__upper_inf=True) | Q(period__endswith__gt=at.date()), job_role_id=bundle.job_role_id
    )
    if bundle.programme_code:
        rows = rows.filter(programme__code=bundle.programme_code)
    if bundle.site_id is not None:
        rows = rows.filter(site_id=bundle.site_id)
    # Of two placements the primary one, then the first.
    return dict(rows.order_by("kind", "-period", "-pk").values_list("person_id", "site_id"))


def differences(bundle: Bundle, content: frozenset[int], at: datetime) -> list[Difference]:
    """A line for everybody whom the bundle fits, whether anything changes for them or not; a constant number of queries.

    `content` is what the bundle would bring from now on; nothing, if it were archived.
    """
    people = fitted(bundle, at)
    before = content_of(bundle) if bundle.archived_at is None else frozenset()
    others = [one for one in patterns() if one.version_id != bundle.current_id]
    would = Pattern(bundle.current_id or 0, bundle.job_role_id, bundle.programme_code, bundle.site_id, _usable(content))
    found = plans(people.keys(), at, bundles=[*others, would])
    came, leaving = content - before, reported(people.keys())
    return [
        _difference(plan, people[person], frozenset() if person in leaving else frozenset(plan.lacks) & came)
        for person, plan in found.items()
    ]


def _difference(plan: PersonPlan, site_id: int, gets: frozenset[int]) -> Difference:
    would = (plan.has - plan.going) | plan.coming | gets
    clashes = [{one.left_id, one.right_id} for one in plan.conflicts]
    blocked = any(pair <= would and pair & gets for pair in clashes)
    return Difference(plan.person_id, site_id, gets, plan.surplus, blocked)


def _usable(content: Collection[int]) -> frozenset[int]:
    """Without what is archived, which no bundle brings."""
    rows = Entitlement.objects.filter(pk__in=content, archived_at=None, system__archived_at=None)
    return frozenset(rows.values_list("pk", flat=True))


def counted(found: Collection[Difference]) -> tuple[Counter[int], Counter[int]]:
    """Entitlement -> how many people get it, and how many lose it."""
    gets = Counter(one for line in found for one in line.gets)
    loses = Counter(one for line in found for one in line.loses)
    return gets, loses


@dataclass(frozen=True, slots=True)
class Short:
    """A system in which more people would need a seat than are left."""

    label: str
    needed: int
    free: int


def short_of_seats(found: Collection[Difference]) -> list[Short]:
    """Where there are too few seats for what would be given. Three queries."""
    gets = {one for line in found for one in line.gets}
    rows = Entitlement.objects.filter(pk__in=gets, system__seat_limit__isnull=False).select_related("system")
    systems = {row.pk: row.system for row in rows}
    taken = promised({one.pk for one in systems.values()})
    wanted = {(systems[one].pk, line.person_id) for line in found for one in line.gets if one in systems}
    made = []
    for system in sorted(set(systems.values()), key=lambda one: (one.label, one.pk)):
        needed = sum(pk == system.pk for pk, _person in wanted - taken)
        free = max(0, (system.seat_limit or 0) - sum(pk == system.pk for pk, _person in taken))
        if needed > free:
            made.append(Short(system.label, needed, free))
    return made
