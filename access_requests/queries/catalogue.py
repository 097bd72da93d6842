"""The catalogue as its readers see it: administrators and auditors all of it, those in charge of sites what concerns them,
IT its own systems."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Model, Q, QuerySet
from django.utils import timezone

from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import live_memberships
from portal.accounts.rules import COMPANY_ROLES, SYSTEM, Actor

from ..choices import ITEM_STATES_UNDER_WAY, ItemState, Operation
from ..models import ApprovalRule, Bundle, BundleItem, BundleVersion, Entitlement, Grant, Group, SodRule, System
from .scope import (
    SITE_READERS,
    grants_visible_to,
    group_ids,
    items_visible_to,
    sees_all,
    site_ids,
    systems_worked_by,
    user_ids,
)

Choice = tuple[int, str]
INSIDE = (Role.COORDINATOR, Role.MANAGER)


def systems_visible_to(actor: Actor) -> QuerySet[System]:
    """All for whoever asks for access; their own for IT and for owners."""
    if sees_all(actor) or actor.has(*SITE_READERS):
        return System.objects.all()
    return System.objects.filter(Q(pk__in=systems_worked_by(actor)) | Q(owner_id__in=user_ids(actor)))


def entitlements_visible_to(actor: Actor) -> QuerySet[Entitlement]:
    """What may be held in the systems that the actor sees."""
    return Entitlement.objects.filter(system__in=systems_visible_to(actor))


def groups_visible_to(actor: Actor) -> QuerySet[Group]:
    """All for the company's people in charge, their own for others."""
    if sees_all(actor) or actor.has(*INSIDE):
        return Group.objects.all()
    return Group.objects.filter(pk__in=group_ids(actor))


def approval_rules_visible_to(actor: Actor) -> QuerySet[ApprovalRule]:
    """All for the company's people in charge."""
    return ApprovalRule.objects.all() if sees_all(actor) or actor.has(*INSIDE) else ApprovalRule.objects.none()


def bundles_visible_to(actor: Actor) -> QuerySet[Bundle]:
    """Bundles that hold at the actor's sites."""
    if sees_all(actor):
        return Bundle.objects.all()
    if not actor.has(*SITE_READERS):
        return Bundle.objects.none()
    return Bundle.objects.filter(Q(site=None) | Q(site_id__in=site_ids(actor)))


def sod_rules_visible_to(actor: Actor) -> QuerySet[SodRule]:
    """All for whoever asks for access."""
    return SodRule.objects.all() if sees_all(actor) or actor.has(*SITE_READERS) else SodRule.objects.none()


def reads_catalogue(actor: Actor) -> bool:
    """Whether there is anything of it for the actor."""
    return sees_all(actor) or actor.has(*SITE_READERS, Role.IT) or systems_visible_to(actor).exists()


def reads_sites(actor: Actor) -> bool:
    """Whether the actor reads what holds at sites: bundles, conflict rules, exceptions."""
    return sees_all(actor) or actor.has(*SITE_READERS)


def reads_groups(actor: Actor) -> bool:
    """Whether there are groups for the actor to see."""
    return sees_all(actor) or actor.has(*INSIDE, Role.IT) or bool(group_ids(actor))


def sees_cost(actor: Actor) -> bool:
    """What a seat costs is the company's own business."""
    return sees_all(actor) or actor.has(*INSIDE)


def sees_connection(actor: Actor, system: System) -> bool:
    """Addresses and keys of the channel are for those who configure, check or work it."""
    return sees_all(actor) or systems_worked_by(actor).filter(pk=system.pk).exists()


def counted_grants(actor: Actor) -> QuerySet[Grant]:
    """Live grants that count in the numbers shown to the actor: of people they see, and of systems they work or own."""
    if sees_all(actor):
        rows = Grant.objects.all()
    elif actor.has(*SITE_READERS):
        rows = grants_visible_to(actor)
    else:
        rows = Grant.objects.filter(entitlement__system__in=systems_visible_to(actor))
    return rows.filter(ended_at=None)


def seats(actor: Actor, system_ids: Collection[int]) -> dict[int, int]:
    """System -> how many people hold something in it. One query."""
    rows = counted_grants(actor).filter(entitlement__system__in=system_ids).order_by()
    # Distinct first: counting distinct values sorts them, this hashes.
    pairs = rows.values_list("entitlement__system_id", "person_id").distinct()
    found: dict[int, int] = defaultdict(int)
    for system, _person in pairs.iterator(chunk_size=10_000):
        found[system] += 1
    return found


def waiting_people(actor: Actor, system: System) -> int:
    """How many people whom the actor sees wait for something in it. One query."""
    rows = items_visible_to(actor).filter(
        entitlement__system=system, operation=Operation.GRANT, state__in=ITEM_STATES_UNDER_WAY
    )
    return rows.exclude(state=ItemState.CLAIMED_DONE).order_by().values("person_id").distinct().count()


@dataclass(frozen=True, slots=True)
class SiteSeats:
    """How many people of a site hold something in a system, and what that costs a month."""

    site_id: int
    label: str
    people: int
    cost: Decimal | None = None


def holders_by_site(actor: Actor, entitlements: QuerySet[Entitlement], cost: Decimal | None = None) -> list[SiteSeats]:
    """Where the holders of these work today, by their primary placement; most first. Three queries."""
    held = counted_grants(actor).filter(entitlement__in=entitlements)
    people = set(held.values_list("person_id", flat=True))
    today = timezone.now().date()
    placed = directory.placements_visible_to(SYSTEM).filter(
        person_id__in=people, kind="primary", period__contains=today
    )
    number: dict[int | None, int] = defaultdict(int)
    homes = dict(placed.order_by("pk").values_list("person_id", "site_id"))
    for person in people:
        number[homes.get(person)] += 1
    labels = {row.pk: row.label for row in directory.sites_visible_to(actor).filter(pk__in=set(homes.values()))}
    rows = [
        SiteSeats(site or 0, labels.get(site or 0, ""), n, None if cost is None else cost * n)
        for site, n in number.items()
    ]
    return sorted(rows, key=lambda row: (not row.label, -row.people, row.label))


def entitlement_counts(actor: Actor, system: System) -> dict[int, int]:
    """Entitlement -> how many people hold it. One query."""
    rows = counted_grants(actor).filter(entitlement__system=system).order_by()
    return dict(rows.values_list("entitlement_id").annotate(n=Count("pk")))


def like[M: Model](rows: QuerySet[M], text: str) -> QuerySet[M]:
    """Rows whose name in either language, or whose code, has every word; more than six words are not looked for."""
    for word in text.lower().split()[:6]:
        rows = rows.filter(Q(name__icontains=word) | Q(name_zh__icontains=word) | Q(code__icontains=word))
    return rows


def possible_members() -> QuerySet[User]:
    """Who may be in a group: active people of the company."""
    held = live_memberships(timezone.now()).filter(role__in=COMPANY_ROLES)
    return User.objects.filter(is_active=True, pk__in=held.values("user_id")).order_by("name", "pk")


def named(rows: QuerySet[Any], *, but: int | None = None) -> list[Choice]:
    """Rows in use as choices, and the one that is chosen already even if it is archived."""
    offered = rows.filter(Q(archived_at=None) | Q(pk=but or 0)).order_by("name", "pk")
    return [(row.pk, row.label) for row in offered]


def entitlement_choices(but: Collection[int] = ()) -> list[tuple[str, list[Choice]]]:
    """What is offered, by system; `but` are offered whatever became of them. One query."""
    live = Q(archived_at=None, system__archived_at=None) | Q(pk__in=but)
    rows = Entitlement.objects.filter(live).select_related("system").order_by("system__name", "system_id", "name", "pk")
    found: dict[str, list[Choice]] = defaultdict(list)
    for row in rows:
        found[row.system.label].append((row.pk, row.label))
    return list(found.items())


def programme_choices() -> list[tuple[str, str]]:
    """Codes of programmes in use, with a name for each."""
    rows = directory.programmes_visible_to(SYSTEM).filter(archived_at=None).order_by("-pk")
    names = {row.code: row.label for row in rows}
    return sorted((code, f"{code} · {name}") for code, name in names.items() if code)


def bundle_sizes(bundles: Collection[Bundle]) -> dict[int, int]:
    """Bundle -> how much its current version brings. One query."""
    rows = BundleItem.objects.filter(version__in=[one.current_id for one in bundles]).order_by()
    return dict(rows.values_list("version__bundle_id").annotate(n=Count("pk")))


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version, and what came and went with it."""

    version: BundleVersion
    came: list[Entitlement]
    went: list[Entitlement]


def bundle_history(bundle: Bundle) -> list[VersionLine]:
    """All versions, newest first. Two queries."""
    versions = list(bundle.versions.select_related("created_by").order_by("number"))
    content: dict[int, dict[int, Entitlement]] = defaultdict(dict)
    items = BundleItem.objects.filter(version__in=versions).select_related("entitlement__system")
    for item in items.order_by("entitlement__name", "pk"):
        content[item.version_id][item.entitlement_id] = item.entitlement
    found: list[VersionLine] = []
    before: dict[int, Entitlement] = {}
    for one in versions:
        now = content[one.pk]
        came = [row for pk, row in now.items() if pk not in before]
        found.append(VersionLine(one, came, [row for pk, row in before.items() if pk not in now]))
        before = now
    return found[::-1]
