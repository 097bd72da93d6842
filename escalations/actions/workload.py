"""Working hours, and what somebody takes: how much at once, which issue types, which languages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from escalations import access
from escalations.choices import Reason
from escalations.models import IssueSkill, IssueType, Workload, WorkShift
from escalations.queries.languages import LANGUAGES
from escalations.rules.assigning import Shift
from portal.accounts.choices import Role
from portal.accounts.queries import live_memberships
from portal.accounts.rules import Actor
from portal.audit import actions as audit

from ._base import Refused, known
from .configuration import may_configure_service

MAX_CAP: Final = 999


@dataclass(frozen=True, slots=True)
class Taken:
    """What somebody takes. `cap` None: no limit; no issue types or no languages: whatever comes."""

    cap: int | None = None
    issue_type_ids: Collection[int] = ()
    languages: Collection[str] = ()


@transaction.atomic
def set_own_hours(*, actor: Actor, shifts: Sequence[Shift], expected_version: int | None = None) -> None:
    """The working hours of a member of a service, set by themselves. Raises Refused, Http404."""
    if actor.user_id is None or not _member_of(actor.user_id):
        raise Http404
    row = _locked(actor.user_id, expected_version)
    _keep_hours(actor, row, shifts)


@transaction.atomic
def set_workload(
    *,
    actor: Actor,
    service_id: int,
    user_id: int,
    shifts: Sequence[Shift],
    taken: Taken,
    expected_version: int | None = None,
) -> None:
    """Hours and what they take, of a member, by a lead of the service or an administrator. Raises Refused, Http404."""
    acting = may_configure_service(actor, access.get_service(actor, service_id))
    if service_id not in _member_of(user_id):
        raise Http404
    row = _locked(user_id, expected_version)
    if taken.cap is not None and not 1 <= taken.cap <= MAX_CAP:
        raise Refused(Reason.UNKNOWN_VALUE)
    row.cap = taken.cap
    row.languages = sorted({known(one, LANGUAGES) for one in taken.languages})
    _keep_issues(user_id, set(taken.issue_type_ids))
    _keep_hours(acting, row, shifts)


def _member_of(user_id: int) -> set[int | None]:
    rows = live_memberships(timezone.now()).filter(user=user_id, role=Role.ASSOCIATE)
    return set(rows.values_list("service_id", flat=True))


def _locked(user_id: int, expected: int | None) -> Workload:
    """The person's row, made if there is none: whoever changes anything of theirs holds it."""
    Workload.objects.bulk_create([Workload(user_id=user_id, version=0)], ignore_conflicts=True)
    row = Workload.objects.select_for_update().get(user=user_id)
    if expected is not None and row.version != expected:
        raise Refused(Reason.STALE)
    return row


def _keep_hours(acting: Actor, row: Workload, shifts: Sequence[Shift]) -> None:
    WorkShift.objects.filter(user=row.pk).delete()
    WorkShift.objects.bulk_create(
        WorkShift(user_id=row.pk, weekday=one.weekday, starts=one.starts, ends=one.ends) for one in shifts
    )
    row.version += 1
    row.save()
    changes = {"shifts": len(shifts), "cap": row.cap, "languages": list(row.languages)}
    audit.record(actor=acting, verb="workload.set", subject_type="user", subject_id=row.pk, changes=changes)


def _keep_issues(user_id: int, wanted: set[int]) -> None:
    live = IssueType.objects.filter(archived_at=None)
    if wanted - set(live.filter(pk__in=wanted).values_list("pk", flat=True)):
        raise Refused(Reason.UNKNOWN_ISSUE)
    rows = IssueSkill.objects.filter(user=user_id)
    # What was archived since stays as it is: nobody can choose it, and nobody meant to drop it.
    rows.filter(issue_type__archived_at=None).exclude(issue_type__in=wanted).delete()
    IssueSkill.objects.bulk_create(
        [IssueSkill(user_id=user_id, issue_type_id=pk) for pk in sorted(wanted)], ignore_conflicts=True
    )
