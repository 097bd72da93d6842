"""What people should hold, hold, and are about to hold. For workers and for callers that have chosen visible people."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from partners import queries as directory
from portal.accounts.rules import SYSTEM

from ..choices import ITEM_STATES_UNDER_WAY, ItemState, Operation, ReasonKind
from ..models import Bundle, BundleItem, Grant, GrantReason, RequestItem, SodException, SodRule
from ..rules import Conflict, Holding, Pattern, PersonPlan, Place, conflicts_of, plan_of, wanted_of


def patterns() -> list[Pattern]:
    """The current versions of all bundles in use. Two queries."""
    bundles = list(Bundle.objects.filter(archived_at=None, current__isnull=False))
    items = BundleItem.objects.filter(
        version__in=[one.current_id for one in bundles],
        entitlement__archived_at=None,
        entitlement__system__archived_at=None,
    )
    content: dict[int, set[int]] = defaultdict(set)
    for version, entitlement in items.values_list("version_id", "entitlement_id"):
        content[version].add(entitlement)
    return [
        Pattern(one.current_id, one.job_role_id, one.programme_code, one.site_id, frozenset(content[one.current_id]))
        for one in bundles
        if one.current_id is not None
    ]


def places(person_ids: Collection[int], at: datetime) -> list[Place]:
    """Placements of these people that are not over on the site's day of `at`, those to come included. One query."""
    # Somewhere it is still the day before.
    rows = directory.placements_visible_to(SYSTEM).filter(
        Q(period__upper_inf=True) | Q(period__endswith__gt=at.date() - timedelta(days=1)), person_id__in=person_ids
    )
    columns = ("person_id", "job_role_id", "programme__code", "site_id", "site__time_zone", "period")
    return [
        Place(person, role, programme or "", site)
        for person, role, programme, site, zone, period in rows.values_list(*columns)
        if period.upper is None or period.upper > at.astimezone(ZoneInfo(zone)).date()
    ]


def wanted(
    person_ids: Collection[int], at: datetime, bundles: Sequence[Pattern] | None = None
) -> dict[int, dict[int, tuple[int, ...]]]:
    """Person -> entitlement -> bundle versions that bring it, of the bundles in use unless others are given. Three queries."""
    return wanted_of(places(person_ids, at), patterns() if bundles is None else bundles)


def held(person_ids: Collection[int]) -> dict[int, dict[int, Holding]]:
    """Person -> entitlement -> what they hold now, as far as anybody knows. Two queries."""
    grants = list(
        Grant.objects.filter(person_id__in=person_ids, ended_at=None).values_list(
            "pk", "person_id", "entitlement_id", "verified_at"
        )
    )
    bundles: dict[int, set[int]] = defaultdict(set)
    others: dict[int, int] = defaultdict(int)
    reasons = GrantReason.objects.filter(grant__person_id__in=person_ids, grant__ended_at=None, ended_at=None)
    for grant, kind, bundle in reasons.values_list("grant_id", "kind", "bundle_id"):
        if kind == ReasonKind.BUNDLE and bundle is not None:
            bundles[grant].add(bundle)
        else:
            others[grant] += 1
    found: dict[int, dict[int, Holding]] = defaultdict(dict)
    for pk, person, entitlement, verified_at in grants:
        found[person][entitlement] = Holding(pk, verified_at is not None, frozenset(bundles[pk]), others[pk])
    return found


def under_way(person_ids: Collection[int], operation: str) -> dict[int, set[int]]:
    """Person -> entitlements with an item of this operation on its way. One query."""
    rows = RequestItem.objects.filter(person_id__in=person_ids, operation=operation, state__in=ITEM_STATES_UNDER_WAY)
    found: dict[int, set[int]] = defaultdict(set)
    for person, entitlement in rows.values_list("person_id", "entitlement_id"):
        found[person].add(entitlement)
    return found


def coming(person_ids: Collection[int]) -> dict[int, set[int]]:
    """Person -> entitlements that they are about to get: on their way and not blocked. One query."""
    states = set(ITEM_STATES_UNDER_WAY) - {ItemState.BLOCKED_SOD}
    rows = RequestItem.objects.filter(person_id__in=person_ids, operation=Operation.GRANT, state__in=states)
    found: dict[int, set[int]] = defaultdict(set)
    for person, entitlement in rows.values_list("person_id", "entitlement_id"):
        found[person].add(entitlement)
    return found


def conflicts(holdings: Mapping[int, Collection[int]], at: datetime) -> list[Conflict]:
    """Conflicts among what each person holds or would hold, without those under an exception in force. Two queries."""
    rules = sod_rules()
    return conflicts_of(holdings, rules, exceptions(holdings.keys(), at)) if rules else []


def sod_rules() -> list[tuple[int, int, int]]:
    """What must not be held together: (rule, left, right). One query."""
    return list(SodRule.objects.filter(archived_at=None).order_by("pk").values_list("pk", "left_id", "right_id"))


def exceptions(person_ids: Collection[int], at: datetime) -> dict[tuple[int, int], int]:
    """(person, rule) -> the exception in force. One query."""
    rows = SodException.objects.filter(person_id__in=person_ids, ended_at=None, starts_at__lte=at, ends_at__gt=at)
    return {(person, rule): pk for person, rule, pk in rows.values_list("person_id", "rule_id", "pk")}


def plans(
    person_ids: Collection[int],
    at: datetime,
    *,
    adding: Mapping[int, Iterable[int]] | None = None,
    bundles: Sequence[Pattern] | None = None,
) -> dict[int, PersonPlan]:
    """Everything that a request's form shows of these people, conflicts included, in ten queries whatever their number.

    `adding` are entitlements that would come on top of what the bundles bring; `bundles` stand for those in use.
    """
    brought, holds = wanted(person_ids, at, bundles), held(person_ids)
    coming, going = under_way(person_ids, Operation.GRANT), under_way(person_ids, Operation.REVOKE)
    found = {
        person: plan_of(
            person,
            wanted=brought.get(person, {}),
            held=holds.get(person, {}),
            coming=coming.get(person, set()),
            going=going.get(person, set()),
        )
        for person in person_ids
    }
    extra = adding or {}
    would = {
        person: (plan.has - plan.going) | plan.coming | plan.lacks.keys() | set(extra.get(person, ()))
        for person, plan in found.items()
    }
    clashes: dict[int, list[Conflict]] = defaultdict(list)
    for one in conflicts(would, at):
        clashes[one.person_id].append(one)
    return {person: replace(plan, conflicts=tuple(clashes[person])) for person, plan in found.items()}
