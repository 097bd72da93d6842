"""Report jobs are set up, changed, paused and let go on; a pack of one is made at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.notifications.rules import zone_or_utc
from portal.refusals import ConflictError, RefusedError

from ..access.jobs import job_to_change, permitted
from ..choices import Scope
from ..models import Pack, ReportJob, ReviewKind, Subscription
from ..queries import jobs as queries
from ..rules.standing import Place
from ..rules.timing import due_at, first_due_after, period_of
from . import making


@dataclass(frozen=True, slots=True)
class Terms:
    """When a job's packs are made, as what, and whom they are sent to."""

    weekday: int
    days_after: int
    at: time
    time_zone: str
    formats: Collection[str]
    language: str
    recipients: Collection[int] = ()


@transaction.atomic
def add_job(*, actor: Actor, kind: ReviewKind, scope: str, place: Place, terms: Terms) -> ReportJob:
    """Set up a job; its first pack is of the earliest period that is due from now on. Raises RefusedError, Http404, PermissionDenied."""
    if not queries.sees(actor, place):
        raise Http404
    allowed = permitted(actor, place)
    if allowed.user_id is None:
        raise PermissionDenied
    job = ReportJob(
        kind=kind, scope=scope, site_id=place.site_id, partner_id=place.partner_id if scope == Scope.PARTNER else None,
        made_by_id=allowed.user_id,
    )  # fmt: skip
    _apply(job, terms)
    _begin(job)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError as error:
        raise RefusedError("job_taken", "kind") from error
    _send_to(job, place, terms.recipients)
    _record(allowed, "report_job.added", job)
    return job


@transaction.atomic
def change_job(*, actor: Actor, job_id: int, seen: int, terms: Terms) -> ReportJob:
    """Change when and to whom; the period that is next stays. Raises RefusedError, ConflictError."""
    job, allowed = job_to_change(actor, job_id)
    if job.version != seen:
        raise ConflictError(job)
    _apply(job, terms)
    period = period_of(job.kind.rhythm, job.next_period)
    job.next_at = due_at(job.kind.rhythm, period.last, job.weekday, job.days_after, job.at, zone_or_utc(job.time_zone))
    _save(job)
    _send_to(job, queries.place_of(job), terms.recipients)
    _record(allowed, "report_job.changed", job)
    return job


@transaction.atomic
def pause_job(*, actor: Actor, job_id: int) -> None:
    """Make no packs until it goes on. Raises RefusedError when it is paused already."""
    job, allowed = job_to_change(actor, job_id)
    if job.paused_at:
        raise RefusedError("job_is_paused")
    job.paused_at = timezone.now()
    _save(job)
    _record(allowed, "report_job.paused", job)


@transaction.atomic
def resume_job(*, actor: Actor, job_id: int) -> None:
    """Go on with the next period that falls due; what fell into the pause is not made. Raises RefusedError when it is not paused."""
    job, allowed = job_to_change(actor, job_id)
    if job.paused_at is None:
        raise RefusedError("job_is_not_paused")
    job.paused_at = None
    _begin(job)
    _save(job)
    _record(allowed, "report_job.resumed", job)


@transaction.atomic
def archive_job(*, actor: Actor, job_id: int) -> None:
    """Let a job end; its packs stay."""
    job, allowed = job_to_change(actor, job_id)
    job.archived_at = timezone.now()
    _save(job)
    _record(allowed, "report_job.ended", job)


@transaction.atomic
def make_now(*, actor: Actor, job_id: int) -> tuple[Pack, bool]:
    """The job's pack of the last period that is over, and whether it is new; its numbers come with the next tick."""
    job, allowed = job_to_change(actor, job_id)
    today = timezone.now().astimezone(zone_or_utc(job.time_zone)).date()
    period = period_of(job.kind.rhythm, today).previous()
    made = making.make_pack(job, period, actor=allowed)
    if made:
        return made, True
    place = {"scope": job.scope, "site_id": job.site_id, "partner_id": job.partner_id}
    return making.by_hand(job.kind, place, period, language=job.language, formats=job.formats, actor=allowed), False


def _apply(job: ReportJob, terms: Terms) -> None:
    job.weekday, job.days_after, job.at, job.time_zone = terms.weekday, terms.days_after, terms.at, terms.time_zone
    job.formats, job.language = sorted(set(terms.formats)), terms.language


def _begin(job: ReportJob) -> None:
    """From the earliest period that falls due from now on."""
    zone = zone_or_utc(job.time_zone)
    period, due = first_due_after(job.kind.rhythm, job.weekday, job.days_after, job.at, zone, timezone.now())
    job.next_period, job.next_at = period.first, due


def _save(job: ReportJob) -> None:
    job.version += 1
    job.save()


def _send_to(job: ReportJob, place: Place, user_ids: Collection[int]) -> None:
    """These from now on; who is new has to be somebody who may see it."""
    before = set(job.subscriptions.values_list("user_id", flat=True))
    new = set(user_ids) - before
    if new - queries.who_sees(place, new):
        raise RefusedError("recipient_sees_nothing", "recipients")
    job.subscriptions.exclude(user__in=user_ids).delete()
    Subscription.objects.bulk_create(Subscription(job=job, user_id=pk) for pk in sorted(new))


def _record(actor: Actor, verb: str, job: ReportJob) -> None:
    facts = {
        "weekday": job.weekday, "days_after": job.days_after, "at": job.at.strftime("%H:%M"), "time_zone": job.time_zone,
        "formats": ",".join(job.formats), "recipients": job.subscriptions.count(),
    }  # fmt: skip
    told = facts if verb in {"report_job.added", "report_job.changed"} else {}
    record(actor=actor, verb=verb, subject_type="report_job", subject_id=job.pk, changes=told)
