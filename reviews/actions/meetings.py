"""Meetings and visits are arranged, moved, called off and answered."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.http import Http404

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import ConflictError, RefusedError

from ..access.meetings import engagement_to_run, get_engagement, permitted
from ..choices import EngagementState, Reply
from ..models import Attendee, Engagement
from ..queries import jobs
from ..queries import meetings as queries
from ..rules.standing import Place
from .invitations import Word, asked, cancellations, changes, invitations, post, told

SUBJECT = "engagement"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a meeting is, when, where, and who is asked to come."""

    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    place: str = ""
    user_ids: Collection[int] = ()
    guests: Collection[str] = ()


@transaction.atomic
def add_engagement(*, actor: Actor, about: Place, plan: Plan) -> Engagement:
    """Arrange one, and invite. Raises RefusedError, Http404, PermissionDenied."""
    if not jobs.sees(actor, about):
        raise Http404
    allowed = permitted(actor, about)
    partner_id = about.partner_id if about.site_id is None else None
    made = Engagement(site_id=about.site_id, partner_id=partner_id, uid=uuid.uuid4(), made_by_id=allowed.user_id)
    _apply(made, plan)
    made.save()
    post(_ask(made, about, plan))
    record(actor=allowed, verb="engagement.added", subject_type=SUBJECT, subject_id=made.pk, changes=_facts(made))
    return made


@transaction.atomic
def change_engagement(*, actor: Actor, pk: int, seen: int, plan: Plan) -> Engagement:
    """Move it, or ask others to come. Everybody hears of another time, place or title, once. Raises RefusedError, ConflictError."""
    engagement, allowed = engagement_to_run(actor, pk)
    if engagement.version != seen:
        raise ConflictError(engagement)
    require(engagement, EngagementState.PLANNED)
    before = _invited_to(engagement)
    _apply(engagement, plan)
    moved = _invited_to(engagement) != before
    engagement.version += 1
    if moved or _removes(engagement, plan):
        engagement.sequence += 1
    engagement.save()
    post(_ask(engagement, queries.place_of(engagement), plan, moved=moved))
    record(actor=allowed, verb="engagement.changed", subject_type=SUBJECT, subject_id=pk, changes=_facts(engagement))
    return engagement


@transaction.atomic
def cancel_engagement(*, actor: Actor, pk: int, reason: str) -> None:
    """Call it off and tell who was asked. Raises RefusedError unless it is planned."""
    engagement, allowed = engagement_to_run(actor, pk)
    require(engagement, EngagementState.PLANNED)
    engagement.cancelled_reason = reason
    post(call_off_one(engagement))
    record(actor=allowed, verb="engagement.cancelled", subject_type=SUBJECT, subject_id=pk)


def call_off_one(engagement: Engagement) -> list[Word]:
    """The same for rows that the caller has locked and may change; what is to be said of it."""
    engagement.state = EngagementState.CANCELLED
    engagement.version += 1
    engagement.sequence += 1
    engagement.save()
    return cancellations(engagement, told(engagement))


@transaction.atomic
def reply(*, actor: Actor, pk: int, answer: str) -> None:
    """Say whether one comes. Raises Http404 for somebody who was not asked, RefusedError for what is over."""
    engagement = get_engagement(actor, pk, for_update=True)
    attendee = engagement.attendees.filter(user=actor.user_id).first()
    if attendee is None:
        raise Http404
    require(engagement, EngagementState.PLANNED)
    if answer not in Reply.values:
        raise RefusedError("unknown_reply")
    attendee.reply = answer
    attendee.save(update_fields=["reply"])


def user_ids_of(engagement: Engagement) -> list[int]:
    """The users who are asked to come."""
    return list(engagement.attendees.filter(user__isnull=False).values_list("user_id", flat=True))


def require(engagement: Engagement, *states: str) -> None:
    """Raises RefusedError unless the meeting is in one of these states."""
    if engagement.state not in states:
        raise RefusedError(f"meeting_is_{engagement.state}")


def _apply(engagement: Engagement, plan: Plan) -> None:
    engagement.kind, engagement.title, engagement.place = plan.kind, plan.title, plan.place
    engagement.starts_at, engagement.ends_at, engagement.time_zone = plan.starts_at, plan.ends_at, plan.time_zone


def _facts(engagement: Engagement) -> dict[str, object]:
    return {"starts_at": engagement.starts_at.isoformat(), "ends_at": engagement.ends_at.isoformat()}


def _invited_to(engagement: Engagement) -> tuple[object, ...]:
    """What an invitation says; a change of it is told to everybody."""
    return engagement.kind, engagement.title, engagement.starts_at, engagement.ends_at, engagement.place


def _removes(engagement: Engagement, plan: Plan) -> bool:
    return bool(set(user_ids_of(engagement)) - set(plan.user_ids))


def _ask(engagement: Engagement, about: Place, plan: Plan, *, moved: bool = False) -> list[Word]:
    """These from now on; what is to be said. Who is new has to be somebody who may see it; who was taken off hears of that."""
    before = set(user_ids_of(engagement))
    new, gone = set(plan.user_ids) - before, before - set(plan.user_ids)
    if new - queries.invitable(about).keys():
        raise RefusedError("attendee_sees_nothing", "attendees")
    words = cancellations(engagement, gone & told(engagement))
    engagement.attendees.filter(user__in=gone).delete()
    engagement.attendees.filter(user=None).exclude(guest__in=plan.guests).delete()
    words += changes(engagement) if moved else []
    named = set(engagement.attendees.filter(user=None).values_list("guest", flat=True))
    guests = [one for one in dict.fromkeys(plan.guests) if one not in named]
    added = asked(engagement, new)
    Attendee.objects.bulk_create([*added, *(Attendee(engagement=engagement, guest=one) for one in guests)])
    return words + invitations(added)
