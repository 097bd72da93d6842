"""Carries letters about meetings out: invitations with their calendar file, minutes. By the rights that somebody has when they are sent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import MIMEPart
from typing import Any

from django.core.mail import EmailMultiAlternatives, mailers
from django.utils import timezone, translation

from portal.accounts import queries as accounts
from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.notifications.delivery import errors
from portal.notifications.delivery.composing import message_id
from portal.notifications.delivery.rendering import render
from portal.notifications.models import OutboxRow
from portal.notifications.registry import RetryLater, Undeliverable
from portal.notifications.rules import zone_or_utc

from ..actions import invitations
from ..choices import AgendaKind, EngagementState
from ..models import Attendee, Engagement, Minutes
from ..queries import agenda
from ..queries.scope import actions_visible_to, engagements_visible_to
from ..wording.agenda import exception_detail, exception_title


@dataclass(frozen=True, slots=True)
class _Said:
    """What a letter says of one meeting. `asked`: the reader is still asked to come to it."""

    engagement: Engagement
    called_off: bool
    asked: Attendee | None
    first: bool


def deliver_invitation(row: OutboxRow) -> None:
    """Send one, about one meeting or several of a series; nothing of a meeting that has a later letter, or that who is asked may not see any more."""
    person = User.objects.filter(pk=row.payload["user"], is_active=True).first()
    if person is None:
        return
    said = _said(person, row.payload.get("meetings", [row.payload]))
    if not said:
        return
    message = _letter(person, said, row.idempotency_key)
    _add_calendars(message, person, said)
    _send(message)


def _add_calendars(message: EmailMultiAlternatives, person: User, said: Sequence[_Said]) -> None:
    """One event is an alternative to the words, which mail programs offer to answer; several are a file each (RFC 5546, 3.2.2: one UID to a request)."""
    # Every process knows this module, and only the one that sends needs the format.
    from . import meeting_calendar

    names: Counter[str] = Counter()
    for one in sorted(said, key=lambda one: (one.engagement.starts_at, one.engagement.pk)):
        method = meeting_calendar.CANCEL if one.called_off else meeting_calendar.REQUEST
        calendar = meeting_calendar.invitation(one.engagement, one.asked.reply if one.asked else "none", person, method)
        if len(said) == 1:
            message.attach_alternative(calendar, f"text/calendar; method={method}")
            return
        name = meeting_calendar.file_name(one.engagement)
        names[name] += 1
        part = MIMEPart()
        part.set_content(
            calendar, subtype="calendar", params={"method": method}, disposition="attachment",
            filename=f"{name}-{names[name]}.ics" if names[name] > 1 else f"{name}.ics",
        )  # fmt: skip
        message.attach(part)


def _said(person: User, payloads: Sequence[Mapping[str, Any]]) -> list[_Said]:
    """What still holds of what was to be said, in its order."""
    known = Engagement.objects.in_bulk([one["engagement"] for one in payloads])
    asked = {one.engagement_id: one for one in Attendee.objects.filter(engagement__in=known, user=person)}
    visible = set(engagements_visible_to(accounts.actor_for(person)).filter(pk__in=known).values_list("pk", flat=True))
    found = []
    for payload in payloads:
        engagement, own = known.get(payload["engagement"]), asked.get(payload["engagement"])
        if engagement is None:
            continue
        off = payload["method"] == invitations.CANCEL
        # Whoever is asked again has another letter.
        stands = own is None or engagement.state == EngagementState.CANCELLED
        if stands if off else _still_asked(engagement, own, payload["sequence"]) and engagement.pk in visible:
            found.append(_Said(engagement, off, own, payload.get("first", payload["sequence"] == 0)))
    return found


def _still_asked(engagement: Engagement, own: Attendee | None, sequence: int) -> bool:
    """Whether nothing newer was, or is to be, said to somebody who is asked to come."""
    if own is None or engagement.state == EngagementState.CANCELLED:
        return False
    return sequence == (engagement.sequence if own.asked_sequence is None else own.asked_sequence)


def _letter(person: User, said: Sequence[_Said], key: str) -> EmailMultiAlternatives:
    coming = [one for one in said if not one.called_off]
    changed = any(not one.first for one in coming)
    context: dict[str, object] = {
        "engagement": (coming or said)[-1].engagement,
        "called_off": not coming,
        "changed": changed,
    }
    if len(said) == 1:
        return _written("reviews/email/invitation", {**context, "asked": said[0].asked is not None}, person, key)
    parts = {
        "coming": [one.engagement for one in coming],
        "cancelled": [one.engagement for one in said if one.called_off and one.asked],
        "without": [one.engagement for one in said if one.called_off and not one.asked],
    }
    return _written("reviews/email/meetings", {**context, **parts}, person, key)


def deliver_minutes(row: OutboxRow) -> None:
    """Send minutes to one person: the points that they may see."""
    minutes = Minutes.objects.select_related("engagement").filter(pk=row.payload["minutes"]).first()
    person = User.objects.filter(pk=row.payload["user"], is_active=True).first()
    if minutes is None or person is None or not _sees(person, minutes.engagement):
        return
    with translation.override(person.language):
        context = {"minutes": minutes, "engagement": minutes.engagement, **shown(accounts.actor_for(person), minutes)}
    _send(_written("reviews/email/minutes", context, person, row.idempotency_key))


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


def _send(message: EmailMultiAlternatives) -> None:
    """Raises RetryLater for a server that is away, Undeliverable for what it will never take."""
    try:
        mailers.default.send_messages([message])
    except (OSError, *errors.BAD_MESSAGE) as error:
        kind = Undeliverable if errors.is_permanent(error) else RetryLater
        raise kind(errors.reason(error)) from error


def _sees(person: User, engagement: Engagement) -> bool:
    return engagements_visible_to(accounts.actor_for(person)).filter(pk=engagement.pk).exists()


def _written(template: str, context: Mapping[str, object], person: User, key: str) -> EmailMultiAlternatives:
    with timezone.override(zone_or_utc(person.time_zone)):
        mail = render(template, {**context, "person": person}, person.language)
    headers = {"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[person.email], headers=headers)
    message.attach_alternative(mail.html, "text/html")
    return message
