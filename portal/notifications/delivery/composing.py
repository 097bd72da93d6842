"""What a claimed set of outbox rows says as a mail, now, to its reader."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation

from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.notifications.choices import Topic
from portal.notifications.delivery.illustrated import Illustrated
from portal.notifications.delivery.outbox import Claim
from portal.notifications.delivery.rendering import Mail, render
from portal.notifications.models import Notification
from portal.notifications.queries import Item, items, shown
from portal.notifications.registry import MailPart, Picture, kind_of, watch_of
from portal.notifications.rules import zone_or_utc

LINES_SHOWN = 50
_KEYS = uuid.UUID("5b0c7d2e-3f0d-4c58-9a55-0c8f0b5d1f52")


def compose(claim: Claim) -> EmailMultiAlternatives | None:
    """The message for these rows; None if nothing is left to say (read meanwhile, not allowed any more, person gone)."""
    if claim.rows[0].topic == Topic.MAIL:
        payload = _as_secret_as_now(claim.key, claim.rows[0].payload)
        message = _message(payload["to"], Mail(payload["subject"], payload["text"], payload["html"]), claim.key)
        message.reply_to = [payload["reply_to"]] if payload.get("reply_to") else []
        if payload.get("from"):  # written by a person
            message.from_email = payload["from"]
            del message.extra_headers["Auto-Submitted"]
        if payload.get("in_reply_to"):
            references = " ".join(payload.get("references", [payload["in_reply_to"]]))
            message.extra_headers |= {"In-Reply-To": payload["in_reply_to"], "References": references}
        return message
    return _notices(claim)


def _as_secret_as_now(key: str, payload: dict[str, Any]) -> dict[str, Any]:
    watch = watch_of(str(payload.get("watch", "")))
    subject = watch.subject_now(key) if watch is not None else ""
    return {**payload, "subject": subject, "from": parseaddr(payload["from"])[1]} if subject else payload


def message_id(key: str) -> str:
    """The Message-ID of every attempt to send what has this key, so that a double is recognised as one."""
    host = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    return f"<{uuid.uuid5(_KEYS, key).hex}@{host}>"


def _message(to: str, mail: Mail, key: str, pictures: Sequence[Picture] = ()) -> EmailMultiAlternatives:
    headers = {"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"}
    message = Illustrated(mail.subject, mail.text, to=[to], headers=headers)
    message.pictures = tuple(pictures)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def _notices(claim: Claim) -> EmailMultiAlternatives | None:
    wanted = [row.payload["notification"] for row in claim.rows]
    unread = list(Notification.objects.filter(pk__in=wanted, read_at=None).order_by("-urgent", "pk"))
    person = User.objects.filter(pk=claim.rows[0].payload["recipient"], is_active=True).first()
    if person is None or not unread:
        return None
    visible = shown(actor_for(person), unread)
    if not visible:
        return None
    mail, pictures = _digest(person, visible)
    return _message(person.email, mail, claim.key, pictures)


def _digest(person: User, notifications: Sequence[Notification]) -> tuple[Mail, list[Picture]]:
    with translation.override(person.language), timezone.override(zone_or_utc(person.time_zone)):
        parts = _parts(notifications[:LINES_SHOWN])
        lines = [_Line.of(item, parts.get(item.notification.pk)) for item in items(notifications[:LINES_SHOWN])]
        context = {"person": person, "lines": lines, "first": lines[0], "more": len(notifications) - len(lines)}
        mail = render("notifications/email/notices", {**context, "total": len(notifications)}, person.language)
        return mail, [picture for part in parts.values() for picture in part.pictures]


def _parts(notifications: Sequence[Notification]) -> dict[int, MailPart]:
    """What kinds show below their lines, one call a kind."""
    groups: dict[str, list[Notification]] = defaultdict(list)
    for one in notifications:
        groups[one.kind].append(one)
    found: dict[int, MailPart] = {}
    for key, group in groups.items():
        kind = kind_of(key)
        if kind is not None and kind.mail_parts is not None:
            found |= kind.mail_parts(group)
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    title: str
    url: str
    at: object
    part: MailPart | None = None

    @classmethod
    def of(cls, item: Item, part: MailPart | None) -> "_Line":
        return cls(item.title, settings.PORTAL_BASE_URL + item.notification.url, item.notification.created_at, part)
