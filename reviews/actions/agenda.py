"""The agenda: built from exceptions and open actions, added to, put in order; done points."""

from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import RefusedError

from ..access.meetings import engagement_to_run, engagement_to_write
from ..choices import AgendaKind, EngagementState
from ..models import Action, AgendaItem, Engagement
from ..queries import agenda as queries
from .meetings import SUBJECT, require

MOST: Final = 200
OPEN: Final = (EngagementState.PLANNED, EngagementState.RUNNING)


@transaction.atomic
def build(*, actor: Actor, pk: int) -> int:
    """Add what is new since the agenda was built last; how many points. What was edited, moved or removed stays so."""
    engagement, allowed = engagement_to_run(actor, pk)
    require(engagement, *OPEN)
    wanted = [_of_line(line) for line in queries.exceptions_since_last(engagement)]
    wanted += [of_action(action) for action in queries.open_actions(actor, engagement)]
    added = add_new(engagement, wanted)
    engagement.agenda_made_at = timezone.now()
    engagement.save(update_fields=["agenda_made_at"])
    record(actor=allowed, verb="agenda.built", subject_type=SUBJECT, subject_id=pk, changes={"points": added})
    return added


def add_new(engagement: Engagement, wanted: list[AgendaItem]) -> int:
    """Append those whose source is not on the agenda, nor was; how many. The caller has the meeting locked."""
    there = set(engagement.agenda.values_list("source", flat=True))
    free = MOST - engagement.agenda.filter(removed_at=None).count()
    new = list({one.source: one for one in wanted if one.source not in there}.values())[: max(free, 0)]
    at = next_position(engagement)
    for position, one in enumerate(new, at):
        one.engagement, one.position = engagement, position
    AgendaItem.objects.bulk_create(new)
    return len(new)


def of_action(action: Action) -> AgendaItem:
    """The point of an action; what it says is read from the action."""
    return AgendaItem(kind=AgendaKind.ACTION, code="action", source=f"action:{action.pk}", action=action)


@transaction.atomic
def add_topic(*, actor: Actor, pk: int, title: str) -> AgendaItem:
    """Append a point of one's own. Raises RefusedError when the agenda is full or the meeting over."""
    engagement, allowed = engagement_to_write(actor, pk)
    require(engagement, *OPEN)
    if engagement.agenda.filter(removed_at=None).count() >= MOST:
        raise RefusedError("too_many_points", "title")
    made = AgendaItem.objects.create(
        engagement=engagement, kind=AgendaKind.TOPIC, title=title, position=next_position(engagement),
        added_by_id=allowed.user_id, added_for_id=allowed.principal_id,
    )  # fmt: skip
    record(actor=allowed, verb="agenda.topic_added", subject_type=SUBJECT, subject_id=pk)
    return made


@transaction.atomic
def move(*, actor: Actor, pk: int, item: int, up: bool) -> None:
    """Put a point one place up or down, among those that the actor sees."""
    engagement, found = item_to_run(actor, pk, item)
    rows = list(queries.items_of(actor, engagement))
    at = next(index for index, one in enumerate(rows) if one.pk == found.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows.insert(to, rows.pop(at))
    places = sorted({one.position for one in rows})
    if len(places) < len(rows):
        places = list(range(1, len(rows) + 1))
    for position, one in zip(places, rows, strict=True):
        AgendaItem.objects.filter(pk=one.pk).update(position=position)


@transaction.atomic
def remove(*, actor: Actor, pk: int, item: int) -> None:
    """Take a point off; building again does not bring it back."""
    _engagement, found = item_to_run(actor, pk, item)
    found.removed_at = timezone.now()
    found.save(update_fields=["removed_at"])


@transaction.atomic
def mark_done(*, actor: Actor, pk: int, item: int, done: bool) -> None:
    """A point was dealt with, or not after all."""
    _engagement, found = item_to_run(actor, pk, item)
    found.done_at = timezone.now() if done else None
    found.save(update_fields=["done_at"])


def item_to_run(actor: Actor, pk: int, item: int) -> tuple[Engagement, AgendaItem]:
    """A point on the agenda of a meeting that the actor runs and that is not over, both locked."""
    engagement, _allowed = engagement_to_run(actor, pk)
    require(engagement, *OPEN)
    return engagement, point_of(actor, engagement, item)


def point_of(actor: Actor, engagement: Engagement, item: int) -> AgendaItem:
    """A point that the actor sees, locked. Raises Http404."""
    found = queries.items_of(actor, engagement).select_for_update(of=("self",)).filter(pk=item).first()
    if found is None:
        raise Http404
    return found


def next_position(engagement: Engagement) -> int:
    """After the last point."""
    return (engagement.agenda.aggregate(last=Max("position"))["last"] or 0) + 1


def _of_line(line: Any) -> AgendaItem:
    return AgendaItem(
        kind=AgendaKind.EXCEPTION,
        code="exception",
        source=queries.source_of_line(line),
        params=queries.params_of_line(line),
        line=line,
    )
