"""Bundles and their versions. A new version proposes what it changes for the people who are there already."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ... import access, queries
from ...choices import Origin, RequestKind
from ...models import AccessRequest, Bundle, BundleItem, BundleVersion, Entitlement
from ...queries.differences import Difference, content_of, differences
from .._base import lock_people
from ..leaving import settle
from ..raising import Line, raise_request
from .base import change, configuring, create, same_version, set_archived, trail


@dataclass(frozen=True, slots=True)
class BundleValues:
    """What a bundle is called, and whether policy approves what it brings."""

    name: str
    name_zh: str = ""
    birthright: bool = False


@transaction.atomic
def add_bundle(
    *,
    actor: Actor,
    code: str,
    values: BundleValues,
    job_role_id: int,
    programme_code: str = "",
    site_id: int | None = None,
) -> Bundle:
    """A bundle for a job role; it brings nothing until its first version is saved. Audited. Raises PermissionDenied, RefusedError."""
    acting = configuring(actor)
    row = Bundle(code=code, job_role_id=job_role_id, programme_code=programme_code, site_id=site_id, **asdict(values))
    return create(row, actor=acting)


@transaction.atomic
def change_bundle(*, actor: Actor, code: str, version: int | None, values: BundleValues) -> Bundle:
    """Rename a bundle, or let policy approve it or not; whom it fits stays. Audited.

    Raises Http404, PermissionDenied, ConflictError.
    """
    row = access.get_bundle(actor, code, for_update=True)
    return change(row, asdict(values), version=version, actor=configuring(actor))


@transaction.atomic
def save_version(
    *,
    actor: Actor,
    code: str,
    version: int | None,
    entitlement_ids: Collection[int],
    ask: bool = True,
    at: datetime | None = None,
) -> list[AccessRequest]:
    """Give a bundle other content and ask for what that changes: one request per site. Audited.

    `ask` False: nothing is asked for, on the day the portal takes over (see `adopt`); `at`: since when the job has brought that.
    The same content changes nothing. Raises Http404, PermissionDenied, ConflictError, RefusedError (entitlement_unknown).
    """
    row = access.get_bundle(actor, code, for_update=True)
    acting = configuring(actor)
    before, after = content_of(row), frozenset(entitlement_ids)
    if row.current_id is not None and before == after:
        return []
    same_version(row, version)
    _offered(after - before)
    found = differences(row, after, timezone.now()) if ask and row.archived_at is None else []
    made = BundleVersion.objects.create(
        bundle=row, number=_next(row), created_by_id=acting.user_id, created_at=at or timezone.now()
    )
    BundleItem.objects.bulk_create(BundleItem(version=made, entitlement_id=pk) for pk in sorted(after))
    row.current, row.version = made, row.version + 1
    row.save(update_fields=["current", "version"])
    trail(
        row, "version_made", acting, {"number": made.number, "came": len(after - before), "went": len(before - after)}
    )
    return _propose(found, after - before, f"bundle:{made.pk}", acting)


@transaction.atomic
def archive_bundle(
    *, actor: Actor, code: str, archived: bool = True, version: int | None = None
) -> list[AccessRequest]:
    """Let a bundle bring nothing any more, or again, and ask for what that changes: one request per site. Audited.

    Raises Http404, PermissionDenied, ConflictError, RefusedError (bundle_one_per_scope).
    """
    row = access.get_bundle(actor, code, for_update=True)
    acting = configuring(actor)
    if (row.archived_at is not None) == archived:
        return []
    same_version(row, version)
    content = content_of(row)
    found = differences(row, frozenset() if archived else content, timezone.now())
    set_archived(row, archived, actor=acting)
    return _propose(found, frozenset() if archived else content, f"bundle:{row.current_id}:{row.version}", acting)


def _next(bundle: Bundle) -> int:
    last = bundle.versions.order_by("-number").first()
    return last.number + 1 if last else 1


def _offered(entitlement_ids: Collection[int]) -> None:
    offered = Entitlement.objects.filter(pk__in=entitlement_ids, archived_at=None, system__archived_at=None)
    if offered.count() < len(entitlement_ids):
        raise RefusedError("entitlement_unknown", "entitlements")


def _propose(found: Collection[Difference], came: Collection[int], key: str, actor: Actor) -> list[AccessRequest]:
    """Ask for what the bundle now brings, and take away what no bundle brings any more: a request per site."""
    lock_people({one.person_id for one in found})
    now = timezone.now()
    sites: dict[int, list[int]] = defaultdict(list)
    for one in found:
        sites[one.site_id].append(one.person_id)
    lines = {site: [*_missing(people, came, now), *settle(people, now)] for site, people in sorted(sites.items())}
    return [
        raise_request(
            actor=actor, kind=RequestKind.AD_HOC, site_id=site, lines=asked, origin=Origin.BUNDLE,
            origin_key=f"{key}:{site}", caused=True,
        )
        for site, asked in lines.items()
        if asked
    ]  # fmt: skip


def _missing(person_ids: Collection[int], came: Collection[int], at: datetime) -> list[Line]:
    """What these people lack of what is new. What was refused or taken back before is not asked for again."""
    plans = queries.plans(set(person_ids) - queries.reported(person_ids), at)
    return [
        Line(person, entitlement, bundle_version_id=versions[0])
        for person, plan in sorted(plans.items())
        for entitlement, versions in sorted(plan.lacks.items())
        if entitlement in came
    ]
