"""A meeting is begun, decided in, ended; its minutes are sent."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.notifications.actions.topics import queue
from portal.refusals import RefusedError

from ..access.meetings import engagement_to_run, writer
from ..choices import EngagementState
from ..models import AgendaItem, Decision, Engagement, Minutes
from ..queries import agenda
from ..queries import minutes as letters
from ..queries.meetings import next_planned
from .agenda import OPEN, add_new, of_action
from .meetings import SUBJECT, require, user_ids_of


@transaction.atomic
def begin(*, actor: Actor, pk: int) -> None:
    """Begin a meeting. Raises RefusedError unless it is planned."""
    engagement, allowed = engagement_to_run(actor, pk)
    require(engagement, EngagementState.PLANNED)
    engagement.state = EngagementState.RUNNING
    engagement.version += 1
    engagement.save()
    record(actor=allowed, verb="engagement.begun", subject_type=SUBJECT, subject_id=pk)


@transaction.atomic
def hold(*, actor: Actor, pk: int, came: Collection[int]) -> int:
    """End a meeting: who came is kept, and what is still to do goes on the agenda of the next one of the series; how many points."""
    engagement, allowed = engagement_to_run(actor, pk)
    require(engagement, *OPEN)
    engagement.state, engagement.held_at = EngagementState.HELD, timezone.now()
    engagement.version += 1
    engagement.save()
    engagement.attendees.filter(pk__in=came).update(came=True)
    engagement.attendees.exclude(pk__in=came).update(came=False)
    record(actor=allowed, verb="engagement.held", subject_type=SUBJECT, subject_id=pk)
    return _carry_over(engagement)


@transaction.atomic
def decide(*, actor: Actor, pk: int, text: str, item: int | None = None) -> Decision:
    """Write down a decision, to a point of the agenda if one is named."""
    engagement, allowed = engagement_to_run(actor, pk)
    require(engagement, EngagementState.PLANNED, EngagementState.RUNNING, EngagementState.HELD)
    if item is not None and not engagement.agenda.filter(pk=item, removed_at=None).exists():
        raise Http404
    return Decision.objects.create(engagement=engagement, item_id=item, text=text, by_id=writer(allowed))


@transaction.atomic
def withdraw(*, actor: Actor, pk: int, decision: int) -> None:
    """Take a decision back; it stays on record."""
    engagement, _allowed = engagement_to_run(actor, pk)
    found = engagement.decisions.filter(pk=decision, withdrawn_at=None).first()
    if found is None:
        raise Http404
    found.withdrawn_at = timezone.now()
    found.save(update_fields=["withdrawn_at"])


@transaction.atomic
def send_minutes(*, actor: Actor, pk: int) -> Minutes:
    """Write the minutes as the meeting stands, and send them to the users who were asked. Raises RefusedError when nothing changed since the last."""
    engagement, allowed = engagement_to_run(actor, pk)
    require(engagement, EngagementState.HELD)
    data = minutes_of(engagement)
    last = engagement.minutes.order_by("-revision").first()
    if last is not None and last.data == data:
        raise RefusedError("minutes_unchanged")
    made = Minutes.objects.create(
        engagement=engagement, revision=last.revision + 1 if last else 1, data=data, sent_by_id=writer(allowed)
    )
    keyed = {
        letters.key(pk, made.revision, user): {"minutes": made.pk, "user": user} for user in user_ids_of(engagement)
    }
    if keyed:
        queue(letters.TOPIC, keyed)
    record(actor=allowed, verb="minutes.sent", subject_type=SUBJECT, subject_id=pk, changes={"revision": made.revision})
    return made


def minutes_of(engagement: Engagement) -> dict[str, Any]:
    """What is written down: who came, the points with their notes, decisions."""
    asked = engagement.attendees.select_related("user").order_by("pk")
    points = engagement.agenda.filter(removed_at=None).select_related("action__owner").order_by("position", "pk")
    decisions = engagement.decisions.filter(withdrawn_at=None)
    raised = engagement.actions.select_related("owner").order_by("pk")
    return {
        "attendees": [
            {"user": one.user_id, "name": one.user.name if one.user else one.guest, "came": bool(one.came)}
            for one in asked
        ],
        "points": [_point(one) for one in points],
        "decisions": [{"item": one.item_id, "text": one.text} for one in decisions],
        "actions": [
            {"pk": one.pk, "title": one.title, "owner": one.owner.name, "due_at": one.due_at.isoformat()}
            for one in raised
        ],
    }


def _point(item: AgendaItem) -> dict[str, Any]:
    action = item.action
    said = {"title": action.title, "owner": action.owner.name} if action else {}
    return {
        "item": item.pk, "kind": str(item.kind), "title": item.title, "code": item.code, "params": item.params | said,
        "action": item.action_id, "line": item.line_id, "notes": item.notes, "done": item.done_at is not None,
    }  # fmt: skip


def _carry_over(engagement: Engagement) -> int:
    following = next_planned(engagement)
    if following is None:
        return 0
    locked = Engagement.objects.select_for_update(no_key=True).get(pk=following.pk)
    return add_new(locked, [of_action(one) for one in agenda.carried_over(engagement)])
