"""Leavers and movers: reasons end, removals go out, what the new job brings is asked for."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.actions import record_many
from portal.refusals import RefusedError

from .. import access, queries, rules
from ..choices import ITEM_STATES_UNDER_WAY, Operation, Origin, ReasonKind, RequestKind, RequestState
from ..models import AccessRequest, BundleVersion, Grant, GrantReason, LeaverReport, RequestItem
from . import granting
from ._base import lock_people, note
from .raising import Line, already, raise_request

BATCH = 500


@transaction.atomic
def report_leavers(
    *,
    actor: Actor,
    site_id: int,
    person_ids: Collection[int],
    last_shift_at: datetime,
    reason: str = "",
    origin: str = Origin.PERSON,
    origin_key: str = "",
    caused: bool = False,
) -> AccessRequest:
    """Take everything away from people of a site after their last shift (at once, if it is over). Audited.

    Grants under way are superseded at once. Who holds nothing leaves a line as well: reported is reported.
    `caused`: as `raise_request`. Raises Http404, PermissionDenied, RefusedError.
    """
    if not caused:
        _permit(actor, site_id)
    found = already(origin_key)
    if found is not None:
        return found
    lock_people(person_ids)
    now = timezone.now()
    lines = removal_lines(person_ids)
    empty = set(person_ids) - {one.person_id for one in lines}
    if empty and not caused:
        _check_here(site_id, empty)
    _end_all(person_ids, last_shift_at, now)
    made = raise_request(
        actor=actor, kind=RequestKind.LEAVER, site_id=site_id, lines=lines, reason=reason,
        last_shift_at=last_shift_at, starts_at=last_shift_at if last_shift_at > now else None,
        origin=origin, origin_key=origin_key, caused=caused,
    )  # fmt: skip
    return _with_empty(made, empty, actor=actor, at=now)


def _check_here(site_id: int, person_ids: set[int]) -> None:
    here = queries.people_of_site(site_id, RequestKind.LEAVER).filter(pk__in=person_ids)
    if elsewhere := person_ids - set(here.values_list("pk", flat=True)):
        raise RefusedError("person_elsewhere", "people", {"people": sorted(elsewhere)})


def _with_empty(made: AccessRequest, person_ids: Collection[int], *, actor: Actor, at: datetime) -> AccessRequest:
    """Write down who was reported and held nothing; a request about nobody else is over at once."""
    if not person_ids:
        return made
    ids = sorted(person_ids)
    LeaverReport.objects.bulk_create(LeaverReport(request=made, person_id=pk) for pk in ids)
    note([(made.pk, None)], "request.held_nothing", actor=actor, at=at, params={"people": len(ids)})
    record_many(
        actor=actor, verb="person.left_with_nothing", subject_type="person",
        changes_by_id={pk: {"site_id": made.site_id} for pk in ids},
    )  # fmt: skip
    if not made.items.exists():
        AccessRequest.objects.filter(pk=made.pk).update(state=RequestState.CLOSED, ended_at=at)
        made.refresh_from_db()
    return made


def _permit(actor: Actor, site_id: int) -> None:
    site = directory.sites_visible_to(actor).filter(pk=site_id).first()
    if site is None:
        raise Http404
    access.permit(rules.requesting(actor, rules.Site(site_id, site.partner_id)))


def removal_lines(person_ids: Collection[int]) -> list[Line]:
    """A removal of everything that these people hold or may come to hold."""
    held = Grant.objects.filter(person_id__in=person_ids, ended_at=None)
    coming = RequestItem.objects.filter(
        person_id__in=person_ids, operation=Operation.GRANT, state__in=ITEM_STATES_UNDER_WAY
    )
    pairs = {*held.values_list("person_id", "entitlement_id"), *coming.values_list("person_id", "entitlement_id")}
    return [Line(person, entitlement, Operation.REVOKE) for person, entitlement in sorted(pairs)]


def _end_all(person_ids: Collection[int], at: datetime, now: datetime) -> None:
    reasons = GrantReason.objects.filter(grant__person_id__in=person_ids, grant__ended_at=None, ended_at=None)
    if at > now:
        reasons.exclude(ends_at__lte=at).update(ends_at=at)
    else:
        granting.end_reasons(reasons, now)


@transaction.atomic
def expire_due(limit: int = BATCH) -> int:
    """End reasons whose time is over; where none is left, raise the removal. How many reasons ended. Safe to run twice."""
    now = timezone.now()
    due = GrantReason.objects.filter(ended_at=None, ends_at__lte=now)
    chosen = dict(due.order_by("ends_at", "pk").values_list("pk", "grant__person_id")[:limit])
    lock_people(chosen.values())
    # Read again under the lock.
    over = list(due.filter(pk__in=chosen).values_list("pk", flat=True))
    free = granting.end_reasons(GrantReason.objects.filter(pk__in=over), now)
    for site_id, lines in removals_by_site(free).items():
        raise_request(
            actor=SYSTEM, kind=RequestKind.AD_HOC, site_id=site_id, lines=lines, origin=Origin.EXPIRY, caused=True
        )
    return len(over)


def removals_by_site(grant_ids: Collection[int]) -> Mapping[int, list[Line]]:
    """Removals of these grants, by the site that each person belongs to. People who never belonged to one are left out."""
    rows = list(Grant.objects.filter(pk__in=grant_ids, ended_at=None).values_list("person_id", "entitlement_id"))
    sites = site_of_people({person for person, _entitlement in rows})
    found: dict[int, list[Line]] = defaultdict(list)
    for person, entitlement in rows:
        if person in sites:
            found[sites[person]].append(Line(person, entitlement, Operation.REVOKE))
    return dict(sorted(found.items()))


def site_of_people(person_ids: Collection[int]) -> dict[int, int]:
    """Person -> the site of their latest placement, a primary one if there is any; else where access was last asked for."""
    rows = directory.placements_visible_to(SYSTEM).filter(person_id__in=person_ids).order_by("kind", "period", "pk")
    found = dict(rows.values_list("person_id", "site_id"))
    placeless = set(person_ids) - found.keys()
    asked = (
        RequestItem.objects.filter(person_id__in=placeless).order_by("pk") if placeless else RequestItem.objects.none()
    )
    return {**dict(asked.values_list("person_id", "request__site_id")), **found}


@transaction.atomic
def reconcile(
    *,
    actor: Actor,
    site_id: int,
    person_ids: Collection[int],
    kind: str = RequestKind.MOVER,
    origin: str = Origin.DIRECTORY,
    origin_key: str = "",
    first_shift_at: datetime | None = None,
    caused: bool = False,
) -> AccessRequest | None:
    """Bring people's access to what their placements bring now: one request with what is missing and what is too much.

    Reasons of bundles that no longer fit end; grants that nothing else supports are revoked. Whoever was reported as
    leaving gets nothing. `caused`: as `raise_request`. None if nothing differs.
    """
    found = already(origin_key)
    if found is not None:
        return found
    lock_people(person_ids)
    now = timezone.now()
    lines = [*_missing(set(person_ids) - queries.reported(person_ids), now), *settle(person_ids, now)]
    if not lines:
        return None
    return raise_request(
        actor=actor, kind=kind, site_id=site_id, lines=lines, first_shift_at=first_shift_at, origin=origin,
        origin_key=origin_key, caused=caused,
    )  # fmt: skip


def settle(person_ids: Collection[int], at: datetime) -> list[Line]:
    """Bring the reasons for what people hold to what their bundles are now; the removals of what nothing supports then."""
    free = Grant.objects.filter(pk__in=_settle_bundles(person_ids, at))
    pairs = free.values_list("person_id", "entitlement_id")
    return [Line(person, entitlement, Operation.REVOKE) for person, entitlement in pairs]


def _missing(person_ids: Collection[int], at: datetime) -> list[Line]:
    plans = queries.plans(person_ids, at)
    return [
        Line(person, entitlement, bundle_version_id=versions[0])
        for person, plan in plans.items()
        for entitlement, versions in sorted(plan.lacks.items())
    ]


def _under_exception(person_ids: Collection[int]) -> set[int]:
    rows = GrantReason.objects.filter(grant__person_id__in=person_ids, ended_at=None, kind=ReasonKind.EXCEPTION)
    return set(rows.values_list("grant_id", flat=True))


def _settle_bundles(person_ids: Collection[int], at: datetime) -> list[int]:
    """Add the reasons that bundles now are for what is held, end those that they no longer are; grants left without any."""
    wanted, held = queries.wanted(person_ids, at), queries.held(person_ids)
    going = queries.under_way(person_ids, Operation.REVOKE)
    excepted = _under_exception(person_ids)
    bundle_of = dict(BundleVersion.objects.values_list("pk", "bundle_id"))
    new: list[GrantReason] = []
    stale: list[tuple[int, int]] = []
    for person, holdings in held.items():
        for entitlement, holding in holdings.items():
            now_for = {bundle_of[v] for v in wanted.get(person, {}).get(entitlement, ())}
            # What is being taken away ends; the job's own grant follows it.
            # What an exception lets be ends with it, whatever the job brings.
            if entitlement in going.get(person, ()) or holding.grant_id in excepted:
                continue
            new += [
                GrantReason(grant_id=holding.grant_id, kind=ReasonKind.BUNDLE, bundle_id=bundle, starts_at=at)
                for bundle in sorted(now_for - holding.bundles)
            ]
            stale += [(holding.grant_id, bundle) for bundle in holding.bundles - now_for]
    GrantReason.objects.bulk_create(new, ignore_conflicts=True)
    if not stale:
        return []
    pairs = set(stale)
    rows = GrantReason.objects.filter(
        grant_id__in={grant for grant, _b in pairs}, ended_at=None, kind=ReasonKind.BUNDLE
    )
    gone = [pk for pk, grant, bundle in rows.values_list("pk", "grant_id", "bundle_id") if (grant, bundle) in pairs]
    return granting.end_reasons(GrantReason.objects.filter(pk__in=gone), at)
