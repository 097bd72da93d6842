"""The clocks of actions: due, and a business day later the word to those who answer for it; what is done when they run out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.notifications.actions import Emission, emit
from sla import queries as clocks
from sla.actions import cancel, meet, start_fixed
from sla.queries.calendars import calendars_for, newest_version
from sla.registry import Fired, FiredEvent

from ..choices import OPEN_ACTIONS
from ..models import Action, ActionEvent
from ..queries.actions import DUE, ESCALATION, KIND
from ..rules.actions import reminder_percent
from .action_notices import DUE_SOON, ESCALATED, OVERDUE

#: A business day, in seconds.
_DAY: Final = 8 * 3600
_LOCK: Final = "SELECT id FROM reviews_action WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"


def start(action: Action, *, actor: Actor, at: datetime) -> None:
    """Run to the due instant, and from it for a business day of the site. The caller holds the action's lock."""
    cycle = 1 + max((one.cycle for one in clocks.clocks_of(KIND, [action.pk]).get(action.pk, [])), default=0)
    percent = reminder_percent(at, action.due_at)
    ends = {DUE: (action.due_at, [percent] if percent else []), ESCALATION: (_day_after(action), [])}
    for metric, (due, warn) in ends.items():
        start_fixed(
            actor=actor, subject_kind=KIND, subject_id=action.pk, metric=metric, at=at, due_at=due, cycle=cycle, warn=warn
        )  # fmt: skip


def stop(action: Action, *, actor: Actor, at: datetime, done: bool) -> None:
    """It is done, or nothing comes of it, or it is due otherwise."""
    if done:
        meet(actor=actor, subject_kind=KIND, subject_id=action.pk, metric=DUE, at=at)
    cancel(actor=actor, subject_kind=KIND, subject_id=action.pk, at=at)


def lock(ids: Sequence[int]) -> list[int]:
    """Lock these actions in order of their numbers, leaving out busy ones."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(ids)])
        return [pk for (pk,) in cursor.fetchall()]


def on_events(events: Fired) -> None:
    """Due tomorrow, overdue, still overdue: a line in the action's history each, and word to those concerned."""
    told = [(event, kind) for event in events if (kind := _kind_of(event))]
    late = {event.subject_id for event, kind in told if kind == OVERDUE}
    Action.objects.filter(pk__in=late, state__in=OPEN_ACTIONS).update(is_overdue=True)
    open_now = set(
        Action.objects.filter(pk__in={event.subject_id for event, _kind in told}, state__in=OPEN_ACTIONS).values_list(
            "pk", flat=True
        )
    )
    told = [(event, kind) for event, kind in told if event.subject_id in open_now]
    codes = {OVERDUE: "action.overdue", ESCALATED: "action.escalated"}
    ActionEvent.objects.bulk_create(
        ActionEvent(action_id=event.subject_id, code=codes[kind], at=event.at) for event, kind in told if kind in codes
    )
    emit([_emission(event, kind) for event, kind in told])


def _kind_of(event: FiredEvent) -> str:
    if event.metric == ESCALATION:
        return ESCALATED if event.kind == "breached" else ""
    return {"warned": DUE_SOON, "breached": OVERDUE}.get(event.kind, "")


def _emission(event: FiredEvent, kind: str) -> Emission:
    tick = f"reviews:{int(timezone.now().timestamp()) // 60}"
    return Emission(
        kind, f"{kind}:{event.event_id}", {"action": event.subject_id, "due_at": event.due_at.isoformat()}, tick
    )


def _day_after(action: Action) -> datetime:
    """A business day after it is due, by the site's calendar; a day, where there is none."""
    calendar_id = action.site.calendar_id if action.site else None
    if calendar_id is None:
        return action.due_at + timedelta(days=1)
    version = newest_version(calendar_id).pk
    return calendars_for([version])[version].add(action.due_at, _DAY)
