"""Site visits: begun with a checklist, pictures, sent in."""

import uuid
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.files import actions as files
from portal.refusals import RefusedError

from ..access.visits import author, site_visit_to_change, visit_of, visit_to_change, visiting
from ..choices import EngagementState
from ..models import Engagement, Photo, Question, Visit
from ..queries.visits import released_versions

#: What photos hang on, by the id of the visit.
OWNER: Final = "reviews.visit"
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})


def permit(actor: Actor, visit: Visit) -> None:
    """Raises PermissionDenied for those who may look but not answer."""
    if visiting(actor, visit.engagement) is None:
        raise PermissionDenied


@transaction.atomic
def begin_visit(*, actor: Actor, visit_id: int, version_id: int) -> Visit:
    """Begin a site visit (`visit_id`: the engagement's) with the newest version of a checklist; it keeps that version.

    Begun already, by whomever: that one. Raises RefusedError, Http404, PermissionDenied.
    """
    engagement, allowed = site_visit_to_change(actor, visit_id)
    if found := visit_of(engagement):
        return found
    if engagement.state == EngagementState.CANCELLED:
        raise RefusedError("visit_cancelled")
    version = released_versions().filter(pk=version_id).first()
    if version is None:
        raise RefusedError("checklist_not_in_use", "version")
    visit = Visit.objects.create(engagement=engagement, checklist_version=version, begun_at=timezone.now())
    if engagement.state == EngagementState.PLANNED:
        _move(engagement, EngagementState.RUNNING)
    record(actor=allowed, verb="visit.begun", subject_type="engagement", subject_id=engagement.pk)
    return visit


@transaction.atomic
def finish_visit(*, actor: Actor, visit_id: int) -> Visit:
    """Send a visit in: from now on its answers stay. Sent in already: nothing more happens."""
    engagement, _allowed = site_visit_to_change(actor, visit_id)
    visit, allowed = visit_to_change(actor, visit_id)
    if visit.finished_at:
        return visit
    visit.finished_at, visit.finished_by_id = timezone.now(), allowed.user_id
    visit.save(update_fields=["finished_at", "finished_by"])
    if engagement.state != EngagementState.HELD:
        engagement.held_at = visit.finished_at
        _move(engagement, EngagementState.HELD)
    record(actor=allowed, verb="visit.finished", subject_type="engagement", subject_id=engagement.pk)
    return visit


@transaction.atomic
def add_photo(*, actor: Actor, visit_id: int, question_id: int, key: uuid.UUID, upload: Any) -> Photo:
    """Keep a picture of an answer; one that came before, by its key, is there once. Raises RefusedError, and ValidationError for what is no picture."""
    visit, allowed = visit_to_change(actor, visit_id)
    if found := Photo.objects.filter(pk=key).select_related("file").first():
        if (found.visit_id, found.question_id) != (visit.pk, question_id):
            raise RefusedError("change_of_another")
        return found
    if visit.finished_at:
        raise RefusedError("visit_is_finished")
    if not Question.objects.filter(pk=question_id, section__version=visit.checklist_version_id).exists():
        raise RefusedError("question_unknown")
    stored = files.store(actor=allowed, upload=upload, allowed=PICTURES, owner=(OWNER, visit.pk))
    return Photo.objects.create(key=key, visit=visit, question_id=question_id, file=stored, by_id=author(allowed))


@transaction.atomic
def remove_photo(*, actor: Actor, visit_id: int, key: uuid.UUID) -> None:
    """Take a picture out of the visit. Raises RefusedError once it was sent in."""
    visit, _allowed = visit_to_change(actor, visit_id)
    photo = visit.photos.filter(pk=key, removed_at=None).first()
    if photo is None:
        raise Http404
    if visit.finished_at:
        raise RefusedError("visit_is_finished")
    photo.removed_at = timezone.now()
    photo.save(update_fields=["removed_at"])


def _move(engagement: Engagement, state: EngagementState) -> None:
    engagement.state = state
    engagement.version += 1
    engagement.save(update_fields=["state", "held_at", "version"])
