"""Report jobs and kinds of review, fetched and authorised. Out of sight: Http404; visible, but not theirs to change: PermissionDenied."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.accounts.rules import Actor

from ..models import ReportJob, ReviewKind
from ..queries import jobs as queries
from ..rules import standing


def get_job(actor: Actor, pk: int, *, for_update: bool = False) -> ReportJob:
    """A job about what the actor sees in whole."""
    rows = queries.jobs_visible_to(actor)
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    job = rows.filter(pk=pk, archived_at=None).first()
    if job is None:
        raise Http404
    return job


def job_to_change(actor: Actor, pk: int) -> tuple[ReportJob, Actor]:
    """A job, locked, and the actor as who they change it."""
    job = get_job(actor, pk, for_update=True)
    return job, permitted(actor, queries.place_of(job))


def permitted(actor: Actor, place: standing.Place) -> Actor:
    """The actor as who they set up jobs at a place."""
    allowed = standing.configuring(actor, place)
    if allowed is None:
        raise PermissionDenied
    return allowed


def permit_reading(actor: Actor) -> None:
    """Kinds and jobs are for the company. Raises Http404."""
    if not queries.reads_jobs(actor):
        raise Http404


def permit_kinds(actor: Actor) -> Actor:
    """The actor as who they put kinds of review together."""
    permit_reading(actor)
    if actor.is_system:
        return actor
    held = actor.of(*queries.CONFIGURERS)
    if not held:
        raise PermissionDenied
    return actor.acting_as(held[0])


def get_kind(actor: Actor, code: str, *, for_update: bool = False) -> ReviewKind:
    """A kind of review, archived or not."""
    permit_reading(actor)
    rows = ReviewKind.objects.select_for_update(no_key=True) if for_update else ReviewKind.objects.all()
    kind = rows.filter(code=code).first()
    if kind is None:
        raise Http404
    return kind
