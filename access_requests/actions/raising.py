"""Requests are made, sent and taken back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError
from sla.queries.calendars import calendars_for, newest_versions

from .. import access, queries, rules
from ..choices import ItemState, Operation, Origin, RequestKind
from ..models import AccessRequest, Entitlement, RequestItem
from . import granting, inserting, sending
from ._base import lock_key, lock_people, move, note

if TYPE_CHECKING:
    from partners.models import Site

MAX_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One entitlement for one person. `bundle_version_id`: the job brings it; `ends_at`: until when."""

    person_id: int
    entitlement_id: int
    operation: str = Operation.GRANT
    ends_at: datetime | None = None
    bundle_version_id: int | None = None


@transaction.atomic
def raise_request(
    *,
    actor: Actor,
    kind: str,
    site_id: int,
    lines: Sequence[Line],
    reason: str = "",
    first_shift_at: datetime | None = None,
    last_shift_at: datetime | None = None,
    starts_at: datetime | None = None,
    origin: str = Origin.PERSON,
    origin_key: str = "",
    submit: bool = True,
    caused: bool = False,
) -> AccessRequest:
    """Make a request for people of one site, and send it unless it is to stay a draft. Audited.

    `starts_at`: nothing is handed over before (a leaver whose last shift is to come). `caused`: it follows from
    something else that the actor was allowed to do, who counts as the requester; people and number are not checked.

    The same `origin_key` a second time gives the first request back. Raises Http404 for a site out of sight,
    PermissionDenied, RefusedError (person_elsewhere, entitlement_unknown, too_many_lines, nothing_asked).
    """
    found = already(origin_key)
    if found is not None:
        return found
    lock_people(one.person_id for one in lines)
    site = _site(SYSTEM if caused else actor, site_id)
    allowed = actor if caused else access.permit(rules.requesting(actor, rules.Site(site_id, site.partner_id)))
    asked = _checked(None if caused else site_id, lines)
    at = timezone.now()
    request = AccessRequest.objects.create(
        kind=kind, origin=origin, origin_key=origin_key, site_id=site_id, requested_by_id=allowed.user_id,
        on_behalf_of_id=allowed.principal_id, reason=reason, first_shift_at=first_shift_at,
        last_shift_at=last_shift_at, created_at=at,
        due_at=due_at(kind, site, first_shift_at=first_shift_at, last_shift_at=last_shift_at, at=at),
    )  # fmt: skip
    items = _insert(request, asked, at, starts_at)
    note([(request.pk, None)], "request.made", actor=allowed, at=at, params={"items": len(items)})
    record(actor=allowed, verb="access_request.created", subject_type="access_request", subject_id=request.pk,
           changes={"kind": kind, "site_id": site_id, "items": len(items)})  # fmt: skip
    if submit:
        sending.send(request, items, actor=allowed, at=at)
    request.refresh_from_db()
    return request


@transaction.atomic
def submit_request(*, actor: Actor, ref: str | int, version: int | None = None) -> AccessRequest:
    """Send a draft. Twice is once. Raises Http404, PermissionDenied, ConflictError, RefusedError (nothing_asked)."""
    request = access.get_request(actor, ref)
    allowed = access.permit(rules.requesting(actor, rules.Site(request.site_id, request.site.partner_id)))
    lock_people(request.items.values_list("person_id", flat=True))
    request = access.get_request(actor, ref, for_update=True)
    if version is not None and version != request.version:
        raise ConflictError(request)
    drafts = list(request.items.filter(state=ItemState.DRAFT).order_by("pk"))
    if drafts:
        sending.send(request, drafts, actor=allowed, at=timezone.now())
        request.refresh_from_db()
    elif request.submitted_at is None:
        raise RefusedError("nothing_asked")
    return request


@transaction.atomic
def cancel(*, actor: Actor, ref: str | int, item_ids: Collection[int] | None = None) -> list[int]:
    """Take a request back, or some of its items: those that no system may know of yet; their ids.

    Removals go on, but those of leavers whose last shift is to come: what they hold then lives as long as before.
    Raises Http404, PermissionDenied, RefusedError (removal_goes_on).
    """
    request = access.get_request(actor, ref)
    lock_people(request.items.values_list("person_id", flat=True))
    request = access.get_request(actor, ref, for_update=True)
    allowed = access.permit(rules.requesting(actor, rules.Site(request.site_id, request.site.partner_id)))
    at = timezone.now()
    rows = request.items.all() if item_ids is None else request.items.filter(pk__in=item_ids)
    if request.kind == RequestKind.LEAVER and request.submitted_at is not None:
        if request.last_shift_at is None or request.last_shift_at <= at:
            raise RefusedError("removal_goes_on")
        if item_ids is None:
            request.empty_reports.filter(cancelled_at=None).update(cancelled_at=at)
    else:
        rows = rows.filter(Q(operation=Operation.GRANT) | Q(state=ItemState.DRAFT))
    # What has been tried may have had an effect: it is revoked, not forgotten.
    untried = rows.filter(generation=0).values_list("pk", flat=True)
    done = move(untried, "cancel", actor=allowed, at=at)
    granting.live_on(done)
    return done


def due_at(
    kind: str,
    site: "Site",
    *,
    first_shift_at: datetime | None,
    last_shift_at: datetime | None,
    at: datetime,
) -> datetime | None:
    """By when a request must be through; None where nothing sets a date (its policy's clock does then)."""
    zone, calendar_id = ZoneInfo(site.time_zone), site.calendar_id
    if kind == RequestKind.LEAVER:
        return rules.leaver_due(max(last_shift_at or at, at))
    if kind == RequestKind.MOVER:
        return rules.mover_due(max(first_shift_at or at, at))
    if first_shift_at is None:
        return None
    calendar = None
    if calendar_id is not None:
        version = newest_versions([calendar_id]).get(calendar_id)
        calendar = calendars_for([version]).get(version) if version else None
    return max(rules.ready_by(first_shift_at, zone, calendar), at)


def already(origin_key: str) -> AccessRequest | None:
    """What was raised under this key; whoever else raises under it waits for the end of this transaction."""
    if not origin_key:
        return None
    lock_key(origin_key)
    return AccessRequest.objects.filter(origin_key=origin_key).first()


def _site(actor: Actor, site_id: int) -> "Site":
    site = directory.sites_visible_to(actor).filter(pk=site_id).first()
    if site is None:
        raise Http404
    return site


def _checked(site_id: int | None, lines: Sequence[Line]) -> list[Line]:
    """The lines without doubles, if all of them may be asked for (at this site)."""
    asked = list({(one.person_id, one.entitlement_id, one.operation): one for one in lines}.values())
    if site_id is not None:
        _check_people(site_id, asked)
    wanted = {one.entitlement_id for one in asked if one.operation == Operation.GRANT}
    offered = Entitlement.objects.filter(pk__in=wanted, archived_at=None, system__archived_at=None)
    if wanted - set(offered.values_list("pk", flat=True)):
        raise RefusedError("entitlement_unknown", "entitlements")
    return asked


def _check_people(site_id: int, lines: Sequence[Line]) -> None:
    if len(lines) > MAX_LINES:
        raise RefusedError("too_many_lines", params={"most": MAX_LINES})
    people = {one.person_id for one in lines}
    # Who has moved on to another site is that site's matter.
    here = queries.people_of_site(site_id, RequestKind.LEAVER).filter(pk__in=people)
    if elsewhere := people - set(here.values_list("pk", flat=True)):
        raise RefusedError("person_elsewhere", "people", {"people": sorted(elsewhere)})


def _insert(
    request: AccessRequest, lines: Iterable[Line], at: datetime, starts_at: datetime | None
) -> list[RequestItem]:
    longest = dict(Entitlement.objects.filter(max_days__isnull=False).values_list("pk", "max_days"))
    start = request.first_shift_at or at
    rows = [
        inserting.Fresh(
            one.person_id, one.entitlement_id, one.operation, one.bundle_version_id,
            _until(one, longest.get(one.entitlement_id), start),
        )
        for one in lines
    ]  # fmt: skip
    return inserting.insert(request, rows, at=at, starts_at=starts_at)


def _until(line: Line, max_days: int | None, start: datetime) -> datetime | None:
    """Until when access is asked for: never longer than the entitlement allows."""
    if line.operation == Operation.REVOKE or max_days is None:
        return line.ends_at if line.operation == Operation.GRANT else None
    latest = start + timedelta(days=max_days)
    return min(line.ends_at, latest) if line.ends_at else latest
