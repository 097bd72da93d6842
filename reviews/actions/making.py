"""Packs come of report jobs that are due: one per kind, place and period, in order, whatever was missed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kpis.rules.periods import Period
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.actions import record
from portal.notifications.rules import zone_or_utc

from ..choices import PackState
from ..models import Pack, ReportJob, ReviewKind
from ..rules.timing import due_at, next_period, period_of


def make_packs(now: datetime | None = None) -> int:
    """Make the packs that are due; how many are new. Each job moves on by one period at a time, so that missed ones come in order."""
    moment, made = now or timezone.now(), 0
    while (new := _make_next(moment)) is not None:
        made += new
    return made


@transaction.atomic
def _make_next(now: datetime) -> int | None:
    """The pack of the job that waits longest; None when nothing is due that nobody else has in hand."""
    due = ReportJob.objects.filter(next_at__lte=now, paused_at=None, archived_at=None)
    due = due.exclude(site__archived_at__isnull=False).exclude(partner__archived_at__isnull=False)
    job = due.select_for_update(skip_locked=True, of=("self",)).select_related("kind").order_by("next_at", "pk").first()
    if job is None:
        return None
    period = period_of(job.kind.rhythm, job.next_period)
    pack = make_pack(job, period, actor=SYSTEM)
    move_on(job, next_period(job.kind.rhythm, job.next_period))
    job.save(update_fields=["next_period", "next_at"])
    return 1 if pack else 0


def make_pack(job: ReportJob, period: Period, *, actor: Actor) -> Pack | None:
    """A job's pack of a period, which waits for its numbers; None if there is one already. In the caller's transaction."""
    wanted = Pack(
        kind=job.kind, job=job, scope=job.scope, site_id=job.site_id, partner_id=job.partner_id, first_day=period.first,
        last_day=period.last, language=job.language, formats=job.formats, made_by_id=actor.user_id,
    )  # fmt: skip
    return insert(wanted, actor)


def insert(wanted: Pack, actor: Actor) -> Pack | None:
    """Keep a pack unless its kind, place, period and revision have one; None then."""
    Pack.objects.bulk_create([wanted], ignore_conflicts=True)
    made = (
        of_period(wanted)
        .filter(state=PackState.WAITING, made_by=wanted.made_by_id, created_at=wanted.created_at)
        .first()
    )
    if made:
        record(actor=actor, verb="pack.made", subject_type="pack", subject_id=made.pk)
    return made


def of_period(pack: Pack) -> QuerySet[Pack]:
    """The packs of the same kind, place and period, all revisions, newest first."""
    same = Pack.objects.filter(kind=pack.kind_id, scope=pack.scope, site=pack.site_id, partner=pack.partner_id)
    return same.filter(first_day=pack.first_day).order_by("-revision")


def move_on(job: ReportJob, period: Period) -> None:
    """Set what is next, not saved."""
    job.next_period = period.first
    job.next_at = due_at(job.kind.rhythm, period.last, job.weekday, job.days_after, job.at, zone_or_utc(job.time_zone))


@transaction.atomic
def by_hand(
    kind: ReviewKind, place: Mapping[str, Any], period: Period, *, language: str, formats: list[str], actor: Actor
) -> Pack:
    """The newest pack of a kind, place (`scope`, `site_id`, `partner_id`) and period, made now if there is none."""
    wanted = Pack(
        kind=kind, first_day=period.first, last_day=period.last, language=language, formats=formats,
        made_by_id=actor.user_id, **place,
    )  # fmt: skip
    return of_period(wanted).first() or insert(wanted, actor) or of_period(wanted)[0]
