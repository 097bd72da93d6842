"""Notes on a point, saved as they are typed: who writes at the same time keeps what they wrote."""

from dataclasses import dataclass

from django.db import transaction

from portal.accounts import queries as accounts
from portal.accounts.rules import Actor

from ..access.meetings import engagement_to_write, writer
from ..choices import EngagementState
from ..models import AgendaItem, NoteRevision
from ..rules.merging import merged
from .agenda import point_of
from .meetings import require

WRITTEN = (EngagementState.PLANNED, EngagementState.RUNNING, EngagementState.HELD)
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Saved:
    """The notes as they stand. `own`: the version that is just what was sent, from which its writer may have typed on meanwhile."""

    version: int
    text: str
    own: int
    conflict: bool = False


@transaction.atomic
def save_notes(*, actor: Actor, pk: int, item: int, base: int, text: str) -> Saved:
    """Save what somebody has who began from the version `base`; what others saved since is merged. Sent twice is saved once.

    Raises Http404, PermissionDenied, RefusedError for a meeting that was called off.
    """
    engagement, _allowed = engagement_to_write(actor, pk)
    require(engagement, *WRITTEN)
    found = point_of(actor, engagement, item)
    mine = text.replace("\r\n", "\n")
    base = min(base, found.note_version)
    if mine == found.notes:
        return Saved(found.note_version, found.notes, found.note_version)
    if base == found.note_version:
        return _store(found, actor, mine)
    sent_before = found.note_revisions.filter(number__gt=base, by=actor.user_id, text=mine).first()
    if sent_before is not None:
        return Saved(found.note_version, found.notes, sent_before.number)
    return _merge(found, actor, base, mine)


def _store(item: AgendaItem, actor: Actor, text: str, *, own: int | None = None, conflict: bool = False) -> Saved:
    number = _keep(item, actor, text)
    item.notes = text
    item.save(update_fields=["notes", "note_version"])
    return Saved(number, text, own or number, conflict)


def _merge(item: AgendaItem, actor: Actor, base: int, mine: str) -> Saved:
    """What was sent is kept as a version of its own, then both as one."""
    texts = dict(item.note_revisions.filter(number__in=(base, item.note_version)).values_list("number", "text"))
    last = item.note_revisions.order_by("-number").values_list("by__name", flat=True).first() or ""
    name = "".join(one.text for one in accounts.names_of([actor.user_id or 0]).values())
    both = merged(texts.get(base, ""), item.notes, mine, their_name=last, my_name=name)
    if len(both.text) > LONGEST:
        # No room for both: the latest writer's stands, and the other one's is kept as a version.
        return _store(item, actor, mine, conflict=True)
    own = _keep(item, actor, mine)
    return _store(item, actor, both.text, own=own, conflict=both.conflict)


def _keep(item: AgendaItem, actor: Actor, text: str) -> int:
    item.note_version += 1
    NoteRevision.objects.create(item=item, number=item.note_version, text=text, by_id=writer(actor))
    return item.note_version
