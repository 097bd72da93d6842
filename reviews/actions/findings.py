"""Observations and findings are written down; best practices are offered to other sites, which answer them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ..access import findings as access
from ..access.visits import author, permit_editing
from ..choices import FindingKind
from ..models import Answer, Engagement, Finding, Observation, Sharing, Theme
from ..queries.scope import sites_visible_to
from .practice_notices import tell_answered, tell_offered

WORDS: Final = ("kind", "title", "text", "theme")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a finding came out of; all None: somebody saw it."""

    engagement: Engagement | None = None
    answer: Answer | None = None
    observation: Observation | None = None


@transaction.atomic
def observe(*, actor: Actor, engagement_id: int, theme: Theme, text: str, quote: str, contact_ref: str) -> Observation:
    """Write an observation down. Raises Http404, PermissionDenied."""
    engagement = access.get_engagement(actor, engagement_id)
    allowed = access.observing(actor, engagement)
    if allowed is None:
        raise PermissionDenied
    return Observation.objects.create(
        engagement=engagement, theme=theme, text=text, quote=quote, contact_ref=contact_ref, by_id=author(allowed)
    )


@transaction.atomic
def withdraw_observation(*, actor: Actor, pk: int) -> Observation:
    """Take an observation back; what came of it stays."""
    found, _allowed = access.observation_to_change(actor, pk)
    if found.withdrawn_at is None:
        found.withdrawn_at = timezone.now()
        found.save(update_fields=["withdrawn_at"])
    return found


@transaction.atomic
def add_finding(*, actor: Actor, site: Any, origin: Origin, values: dict[str, Any]) -> Finding:
    """Write down what was found. Raises Http404, PermissionDenied."""
    if not sites_visible_to(actor).filter(pk=site.pk).exists():
        raise Http404
    allowed = access.writing(actor, site, values["kind"])
    made = Finding.objects.create(
        site=site,
        by_id=author(allowed),
        engagement=origin.engagement,
        answer=origin.answer,
        observation=origin.observation,
        **values,
    )
    _record(allowed, "finding.added", made)
    return made


@transaction.atomic
def change_finding(*, actor: Actor, pk: int, seen: int, values: dict[str, Any]) -> Finding:
    """Other words. Raises ConflictError, RefusedError once it was shared and is to be something else."""
    found, _allowed = access.finding_to_change(actor, pk)
    allowed = access.writing(actor, found.site, values["kind"])
    if found.version != seen:
        raise ConflictError(found)
    if values["kind"] != found.kind and found.sharings.exists():
        raise RefusedError("finding_is_shared", "kind")
    for name in WORDS:
        setattr(found, name, values[name])
    found.version += 1
    found.save()
    _record(allowed, "finding.changed", found)
    return found


@transaction.atomic
def withdraw_finding(*, actor: Actor, pk: int) -> None:
    """Take a finding back; offers that nobody answered go with it."""
    found, allowed = access.finding_to_change(actor, pk)
    if found.withdrawn_at:
        return
    found.withdrawn_at = timezone.now()
    found.version += 1
    found.save()
    _record(allowed, "finding.withdrawn", found)


@transaction.atomic
def share(*, actor: Actor, pk: int, site_ids: Collection[int]) -> int:
    """Offer a best practice to other sites in the actor's sight; those that have it already stay. Returns how many are new. Raises RefusedError."""
    found = access.get_finding(actor, pk, for_update=True)
    allowed = access.writing(actor, found.site, FindingKind.FINDING)
    if found.kind != FindingKind.PRACTICE or found.withdrawn_at:
        raise RefusedError("finding_no_practice")
    there = set(found.sharings.values_list("site_id", flat=True))
    new = set(sites_visible_to(actor).filter(pk__in=site_ids, archived_at=None).values_list("pk", flat=True)) - there
    new.discard(found.site_id)
    rows = [Sharing(finding=found, site_id=pk, shared_by_id=author(allowed)) for pk in sorted(new)]
    made = Sharing.objects.bulk_create(rows)
    if made:
        tell_offered(made, by=allowed)
        _record(allowed, "finding.shared", found)
    return len(new)


@transaction.atomic
def answer_sharing(*, actor: Actor, pk: int, seen: int, adoption: str, why: str, result: str) -> Sharing:
    """Say what the site does with a practice, and later what came of it. Raises ConflictError, PermissionDenied."""
    found = access.get_sharing(actor, pk, for_update=True)
    allowed = access.answering(actor, found)
    if allowed is None:
        raise PermissionDenied
    if found.version != seen:
        raise ConflictError(found)
    otherwise = found.adoption != adoption
    found.adoption, found.why, found.result = adoption, why, result
    found.answered_by_id, found.answered_at = allowed.user_id, timezone.now()
    found.version += 1
    found.save()
    if otherwise:
        tell_answered(found, by=allowed)
    record(
        actor=allowed,
        verb="sharing.answered",
        subject_type="sharing",
        subject_id=found.pk,
        changes={"adoption": adoption},
    )
    return found


@transaction.atomic
def keep_theme(*, actor: Actor, code: str, seen: int | None, name: str, name_zh: str) -> Theme:
    """Add a theme (`seen` None) or rename it. Raises RefusedError, ConflictError, Http404."""
    allowed = permit_editing(actor)
    if seen is None:
        try:
            with transaction.atomic():
                made = Theme.objects.create(code=code, name=name, name_zh=name_zh)
        except IntegrityError as error:
            raise RefusedError("code_taken", "code") from error
        record(actor=allowed, verb="theme.added", subject_type="theme", subject_id=made.pk)
        return made
    found = Theme.objects.select_for_update(no_key=True).filter(code=code).first()
    if found is None:
        raise Http404
    if found.version != seen:
        raise ConflictError(found)
    found.name, found.name_zh = name, name_zh
    found.version += 1
    found.save()
    record(actor=allowed, verb="theme.changed", subject_type="theme", subject_id=found.pk)
    return found


def _record(allowed: Actor, verb: str, finding: Finding) -> None:
    record(actor=allowed, verb=verb, subject_type="finding", subject_id=finding.pk)
