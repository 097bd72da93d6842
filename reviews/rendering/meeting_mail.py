"""Carries letters about meetings out: invitations with their calendar file, minutes. By the rights that somebody has when they are sent."""

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives, mailers
from django.utils import timezone, translation

from portal.accounts import queries as accounts
from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.notifications.delivery.composing import message_id
from portal.notifications.delivery.rendering import render
from portal.notifications.models import OutboxRow
from portal.notifications.rules import zone_or_utc

from ..actions import invitations
from ..choices import AgendaKind
from ..models import Engagement, Minutes
from ..queries import agenda
from ..queries.scope import actions_visible_to, engagements_visible_to
from ..wording.agenda import exception_detail, exception_title


def deliver_invitation(row: OutboxRow) -> None:
    """Send one; nothing if a later change has its own letter, or who is asked may not see it any more."""
    # Every process knows this function, and only the one that sends needs the format.
    from . import meeting_calendar

    engagement = Engagement.objects.filter(pk=row.payload["engagement"]).first()
    person = User.objects.filter(pk=row.payload["user"], is_active=True).first()
    if engagement is None or person is None:
        return
    asked = engagement.attendees.filter(user=person).first()
    called_off = row.payload["method"] == invitations.CANCEL
    if not called_off and (
        asked is None or row.payload["sequence"] != engagement.sequence or not _sees(person, engagement)
    ):
        return
    method = meeting_calendar.CANCEL if called_off else meeting_calendar.REQUEST
    calendar = meeting_calendar.invitation(engagement, person, method, answer=asked.reply if asked else "none")
    context = {
        "engagement": engagement,
        "called_off": called_off,
        "changed": engagement.sequence > 0 and not row.payload.get("first"),
        "asked": asked is not None,
    }
    message = _written("reviews/email/invitation", context, person, row.idempotency_key)
    message.attach_alternative(calendar, f"text/calendar; method={method}")
    mailers.default.send_messages([message])


def deliver_minutes(row: OutboxRow) -> None:
    """Send minutes to one person: the points that they may see."""
    minutes = Minutes.objects.select_related("engagement").filter(pk=row.payload["minutes"]).first()
    person = User.objects.filter(pk=row.payload["user"], is_active=True).first()
    if minutes is None or person is None or not _sees(person, minutes.engagement):
        return
    with translation.override(person.language):
        context = {"minutes": minutes, "engagement": minutes.engagement, **shown(accounts.actor_for(person), minutes)}
    mailers.default.send_messages([_written("reviews/email/minutes", context, person, row.idempotency_key)])


def shown(actor: Actor, minutes: Minutes) -> dict[str, Any]:
    """What a reader sees of minutes, in the language that is active."""
    seen = set(agenda.items_of(actor, minutes.engagement).values_list("pk", flat=True))
    data = minutes.data
    listed = [one["pk"] for one in data["actions"]]
    visible = set(actions_visible_to(actor).filter(pk__in=listed).values_list("pk", flat=True))
    return {
        "came": [one["name"] for one in data["attendees"] if one["came"]],
        "absent": [one["name"] for one in data["attendees"] if not one["came"]],
        "points": [_point(one) for one in data["points"] if one["item"] in seen],
        "decisions": [one["text"] for one in data["decisions"] if one["item"] is None or one["item"] in seen],
        "actions": [one for one in data["actions"] if one["pk"] in visible],
    }


def _point(point: Mapping[str, Any]) -> dict[str, Any]:
    params = point["params"]
    if point["kind"] == AgendaKind.EXCEPTION:
        return {"title": exception_title(params), "detail": exception_detail(params), "notes": point["notes"]}
    return {
        "title": point["title"] or params.get("title", ""),
        "detail": params.get("owner", ""),
        "notes": point["notes"],
    }


def _sees(person: User, engagement: Engagement) -> bool:
    return engagements_visible_to(accounts.actor_for(person)).filter(pk=engagement.pk).exists()


def _written(template: str, context: Mapping[str, object], person: User, key: str) -> EmailMultiAlternatives:
    with timezone.override(zone_or_utc(person.time_zone)):
        mail = render(template, {**context, "person": person}, person.language)
    headers = {"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[person.email], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    return message
