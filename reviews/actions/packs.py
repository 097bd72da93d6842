"""The life of a pack: comments on what it froze, an acknowledgement of each side, publication, and revisions.

Everything takes the pack's row first, so that comments, acknowledgements and publication come one after another.
"""

from contextlib import AbstractContextManager

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.constraints import refusing
from portal.refusals import RefusedError

from ..access import packs as access
from ..choices import PackState
from ..models import Acknowledgement, Comment, Line, Pack
from ..queries import packs as queries
from ..queries.content import draft_hash, final_hash
from ..queries.files import lacking
from ..wording.life import BY_CONSTRAINT
from . import files, freezing, making
from .telling import tell

MOST_TEXT, MOST_REASON = 4000, 400


@transaction.atomic
def comment(*, actor: Actor, pack_id: int, text: str, line_id: int | None = None) -> Comment:
    """Say something of a line or of the whole draft. What was acknowledged is void then: another acknowledgement
    is asked of both sides; and its files are made again. Raises RefusedError, Http404, PermissionDenied."""
    pack = access.get_pack(actor, pack_id, for_update=True)
    side, acting = access.speaking(actor, pack)
    _require_draft(pack)
    said = text.strip()[:MOST_TEXT]
    if not said:
        raise RefusedError("pack_no_comment", "text")
    voided = {one.side for one in queries.acknowledgements_of(pack, draft_hash(pack))}
    with _told():
        made = Comment.objects.create(
            pack=pack, line=_line(pack, line_id), text=said, side=side, by_id=_user(acting), for_user_id=acting.principal_id,
            at=timezone.now(),
        )  # fmt: skip
    record(actor=acting, verb="pack.commented", subject_type="pack", subject_id=pack.pk, changes={"side": side})
    files.ask_anew(pack)
    for other in voided - {side}:
        tell(pack, "voided", actor=acting, side=other)
    return made


@transaction.atomic
def acknowledge(*, actor: Actor, pack_id: int, seen: str) -> Acknowledgement:
    """Acknowledge the draft for one's side. `seen`: the hash of what was shown. Raises RefusedError, Http404, PermissionDenied."""
    pack = access.get_pack(actor, pack_id, for_update=True)
    side, acting = access.speaking(actor, pack)
    _require_draft(pack)
    now = draft_hash(pack)
    _check_acknowledgement(pack, side, acting, now, seen)
    with _told():
        made = Acknowledgement.objects.create(
            pack=pack, side=side, content_hash=now, by_id=_user(acting), for_user_id=acting.principal_id,
            at=timezone.now(),
        )  # fmt: skip
    record(actor=acting, verb="pack.acknowledged", subject_type="pack", subject_id=pack.pk, changes={"side": side})
    for other in queries.sides_needed(pack):
        if other != side:
            tell(pack, "acknowledged", actor=acting, side=other)
    return made


@transaction.atomic
def publish(*, actor: Actor, pack_id: int, seen: str) -> Pack:
    """Publish the draft for good: its hash is set, final files are asked for, and subscribers are written to.

    Raises RefusedError, Http404, PermissionDenied.
    """
    pack = access.get_pack(actor, pack_id, for_update=True)
    acting = access.publishing(actor, pack)
    _require_draft(pack)
    now = draft_hash(pack)
    _check_publication(pack, now, seen)
    pack.content_hash = final_hash(pack)
    pack.state, pack.published_at = PackState.PUBLISHED, timezone.now()
    pack.published_by_id, pack.published_for_id = acting.user_id, acting.principal_id
    with _told():
        pack.save(update_fields=["state", "content_hash", "published_at", "published_by", "published_for"])
    files.ask_anew(pack)
    changes = {"revision": pack.revision, "content_hash": pack.content_hash}
    record(actor=acting, verb="pack.published", subject_type="pack", subject_id=pack.pk, changes=changes)
    tell(pack, "published", actor=acting)
    return pack


@transaction.atomic
def revise(*, actor: Actor, pack_id: int, reason: str) -> Pack:
    """Have the numbers made anew, as the next revision; the reason is shown with it. Who publishes may do so with what is published,
    who runs reviews with a draft. Raises RefusedError, Http404, PermissionDenied."""
    pack = access.get_pack(actor, pack_id, for_update=True)
    acting = access.revising(actor, pack)
    said = reason.strip()[:MOST_REASON]
    if not said:
        raise RefusedError("pack_no_reason", "reason")
    if pack.state == PackState.WAITING:
        raise RefusedError("pack_waits")
    if queries.superseded(pack):
        raise RefusedError("pack_superseded")
    wanted = Pack(
        kind=pack.kind, job_id=pack.job_id, scope=pack.scope, site_id=pack.site_id, partner_id=pack.partner_id,
        first_day=pack.first_day, last_day=pack.last_day, revision=pack.revision + 1, reason=said,
        language=pack.language, formats=pack.formats, made_by_id=acting.user_id,
    )  # fmt: skip
    made = making.insert(wanted, acting)
    if made is None:
        raise RefusedError("pack_revised_already")
    record(
        actor=acting, verb="pack.revised", subject_type="pack", subject_id=pack.pk, changes={"revision": made.revision}
    )
    return made


@transaction.atomic
def try_again(*, actor: Actor, pack_id: int) -> None:
    """Let workers take up a pack that failed too often, or the files that it lacks. Raises RefusedError, Http404, PermissionDenied."""
    pack = access.get_pack(actor, pack_id, for_update=True)
    acting = access.running(actor, pack)
    if pack.state == PackState.WAITING:
        freezing.try_again(pack)
    elif lacking(pack):
        files.ask_again(pack)
    else:
        raise RefusedError("pack_is_made")
    record(actor=acting, verb="pack.retried", subject_type="pack", subject_id=pack.pk)


def _require_draft(pack: Pack) -> None:
    if pack.state == PackState.WAITING:
        raise RefusedError("pack_waits")
    if pack.state == PackState.PUBLISHED:
        raise RefusedError("pack_is_published")
    if queries.superseded(pack):
        raise RefusedError("pack_superseded")


def _check_acknowledgement(pack: Pack, side: str, acting: Actor, now: str, seen: str) -> None:
    if seen != now:
        raise RefusedError("pack_has_changed")
    if queries.unexplained(pack).exists():
        raise RefusedError("pack_not_explained")
    given = queries.acknowledgements_of(pack)
    if any(one.side == side and one.content_hash == now for one in given):
        raise RefusedError("pack_acknowledged_already")
    theirs = [pk for one in given if one.side != side for pk in (one.by_id, one.for_user_id) if pk]
    if _shares_somebody(theirs, [pk for pk in (acting.user_id, acting.principal_id) if pk]):
        raise RefusedError("pack_same_person")


def _check_publication(pack: Pack, now: str, seen: str) -> None:
    if seen != now:
        raise RefusedError("pack_has_changed")
    if queries.unexplained(pack).exists():
        raise RefusedError("pack_not_explained")
    given = {one.side for one in queries.acknowledgements_of(pack, now)}
    if not given.issuperset(queries.sides_needed(pack)):
        raise RefusedError("pack_not_acknowledged")


def _shares_somebody(ones: list[int], others: list[int]) -> bool:
    """Whether two groups of users have a user, or a person behind two users, in common."""
    people = accounts.person_ids_of([*ones, *others])
    persons = {people[pk] for pk in ones if people.get(pk)} & {people[pk] for pk in others if people.get(pk)}
    return bool(set(ones) & set(others) or persons)


def _line(pack: Pack, line_id: int | None) -> Line | None:
    if line_id is None:
        return None
    found = Line.objects.filter(pack=pack, pk=line_id).first()
    if found is None:
        raise Http404
    return found


def _user(actor: Actor) -> int:
    """Who it is; packs are never commented on by the system."""
    if actor.user_id is None:
        raise RefusedError("pack_same_person")
    return actor.user_id


def _told() -> AbstractContextManager[None]:
    """Turn what the database refuses by name into the code that words know."""
    return refusing(lambda name: RefusedError(BY_CONSTRAINT[name]) if name in BY_CONSTRAINT else None)
