"""Writes lines into inboxes, in sets, with one mail row for each line that is new."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import F
from django.utils import timezone

from portal.accounts.models import User
from portal.notifications.choices import Topic
from portal.notifications.delivery.outbox import NewRow, enqueue
from portal.notifications.models import Notification
from portal.notifications.rules import mail_time, zone_or_utc

# As many subjects as `visible` gets to look at; a line about more shows while any of these is visible.
SUBJECTS_KEPT = 100

_INSERT = """
INSERT INTO notifications_notification
  (recipient_id, kind, tick, dedupe_key, params, subject_ids, count, url, urgent)
SELECT recipient, kind, tick, dedupe_key, params::jsonb,
       ARRAY(SELECT jsonb_array_elements_text(subjects::jsonb)::bigint), count, url, urgent
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::bool[])
  AS given(recipient, kind, tick, dedupe_key, params, subjects, count, url, urgent)
ON CONFLICT (recipient_id, kind, tick, dedupe_key)
"""
_ONCE = _INSERT + "DO NOTHING RETURNING id, recipient_id, urgent, mails, true"
# A line that grows is unread again, and urgent as soon as one of its events is. A row that was inserted has no xmax.
_ADDED = (
    _INSERT
    + f"""DO UPDATE SET
  count = notifications_notification.count + EXCLUDED.count,
  subject_ids = (notifications_notification.subject_ids || EXCLUDED.subject_ids)[1:{SUBJECTS_KEPT}],
  url = COALESCE(%s, notifications_notification.url),
  urgent = notifications_notification.urgent OR EXCLUDED.urgent,
  read_at = NULL
RETURNING id, recipient_id, urgent, mails, xmax = 0"""
)
# The mail of a line that turned urgent goes at the urgent hour, on its own, unless a sender has had it already.
_HURRY = """
UPDATE notifications_outboxrow
SET not_before = LEAST(not_before, %s), next_attempt_at = LEAST(next_attempt_at, %s), bundle_key = ''
WHERE idempotency_key = ANY(%s) AND state = 'pending' AND attempts = 0 AND leased_until IS NULL
RETURNING idempotency_key
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line for one inbox."""

    recipient_id: int
    kind: str
    tick: str
    dedupe_key: str
    params: dict[str, Any]
    subject_ids: list[int]
    count: int
    url: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Written:
    """A line as it stands in the inbox now; `mails` counts the mails queued about it."""

    pk: int
    recipient_id: int
    urgent: bool
    mails: int
    is_new: bool


def write_once(lines: Iterable[Line]) -> None:
    """Insert lines; one that is there already is left as it is, without a second mail."""
    known, zones = _of_active_people(lines)
    _enqueue_mails(_execute(_ONCE, known, []), zones)


def write_added(lines: Iterable[Line], list_url: str | None) -> None:
    """Insert lines of one kind and tick, or add to those that are there: more events, the address of the list.

    The lines name each person once. They are written in order of the person, so that two workers cannot deadlock.
    """
    known, zones = _of_active_people(lines)
    written = _execute(_ADDED, known, [list_url])
    _enqueue_mails([line for line in written if line.is_new], zones)
    alarmed = {line.recipient_id for line in known if line.urgent}
    _alarm([line for line in written if not line.is_new and line.recipient_id in alarmed], zones)


def _of_active_people(lines: Iterable[Line]) -> tuple[list[Line], dict[int, str]]:
    wanted = sorted(lines, key=lambda line: line.recipient_id)
    ids = {line.recipient_id for line in wanted}
    zones = dict(User.objects.filter(pk__in=ids, is_active=True).values_list("pk", "time_zone"))
    return [line for line in wanted if line.recipient_id in zones], zones


def _execute(statement: str, lines: Sequence[Line], extra: list[str | None]) -> list[Written]:
    if not lines:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [*_columns(lines), *extra])
        return [Written(*row) for row in cursor.fetchall()]


def _columns(lines: Sequence[Line]) -> list[list[Any]]:
    encode = DjangoJSONEncoder().encode
    return [
        [line.recipient_id for line in lines],
        [line.kind for line in lines],
        [line.tick for line in lines],
        [line.dedupe_key for line in lines],
        [encode(line.params) for line in lines],
        [json.dumps(line.subject_ids[:SUBJECTS_KEPT]) for line in lines],
        [line.count for line in lines],
        [line.url for line in lines],
        [line.urgent for line in lines],
    ]


def _enqueue_mails(lines: Sequence[Written], zones: dict[int, str]) -> None:
    now = timezone.now()
    enqueue(Topic.NOTICE, [_mail_row(line, zones[line.recipient_id], now) for line in lines])


def _mail_row(line: Written, zone: str, now: datetime) -> NewRow:
    at = mail_time(now, zone_or_utc(zone), urgent=line.urgent)
    bundle = "" if line.urgent else f"user:{line.recipient_id}"
    return NewRow(mail_key(line), {"notification": line.pk, "recipient": line.recipient_id}, bundle, at)


def mail_key(line: Written) -> str:
    """The idempotency key of the newest mail about a line."""
    return f"notice:{line.pk}:{line.mails}"


def _alarm(grown: Sequence[Written], zones: dict[int, str]) -> None:
    """Urgent events joined these lines: their mail hurries, and if it has gone already, another one goes."""
    if not grown:
        return
    at = mail_time(timezone.now(), zone_or_utc("UTC"), urgent=True)
    with connection.cursor() as cursor:
        cursor.execute(_HURRY, [at, at, [mail_key(line) for line in grown]])
        hurried = {key for (key,) in cursor.fetchall()}
    late = [replace(line, mails=line.mails + 1) for line in grown if mail_key(line) not in hurried]
    Notification.objects.filter(pk__in=[line.pk for line in late]).update(mails=F("mails") + 1)
    _enqueue_mails(late, zones)
