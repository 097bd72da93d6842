"""The outbox as a queue: put rows in, claim a batch under a lease, say how each row ended.

A claim commits before anything is sent, so no transaction is open while a mail server is talked to. Whoever settles
a row names the token of its own claim; a worker that lost its lease settles nothing.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from portal.notifications.choices import MAIL_TOPICS, State, Topic
from portal.notifications.models import OutboxRow

LEASE = timedelta(minutes=5)
#: Why a letter ends whose words were removed before it went.
WORDS_REMOVED = "its words were removed"
_WORDLESS = Q(topic=Topic.MAIL) & ~Q(payload__has_key="text")

# One JSON document instead of arrays: measured at twice the rows a second, because nothing is quoted twice.
_ENQUEUE = """
INSERT INTO notifications_outboxrow (topic, idempotency_key, payload, bundle_key, not_before, next_attempt_at)
SELECT %s, row->>'key', row->'payload', COALESCE(row->>'bundle', ''),
       COALESCE((row->>'at')::timestamptz, now()), COALESCE((row->>'at')::timestamptz, now())
FROM jsonb_array_elements(%s::jsonb) AS row
ON CONFLICT (idempotency_key) DO NOTHING
"""
_LEASE = """
UPDATE notifications_outboxrow AS r
SET leased_until = %s, lease_token = %s, attempts = r.attempts + 1, bundle = given.bundle
FROM unnest(%s::bigint[], %s::uuid[]) AS given(id, bundle) WHERE r.id = given.id
"""
_SENT = """
UPDATE notifications_outboxrow
SET state = 'sent', sent_at = now(), leased_until = NULL, lease_token = NULL, last_error = %s,
    payload = payload - 'text' - 'html'
WHERE id = ANY(%s) AND lease_token = %s
"""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to put in; `not_before` None means at once."""

    key: str
    payload: Mapping[str, Any]
    bundle_key: str = ""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The rows of one message, leased to this process until `until` under `token`."""

    token: uuid.UUID
    until: datetime
    rows: Sequence[OutboxRow] = field(default_factory=list)

    @property
    def ids(self) -> list[int]:
        """Ids of the rows, ascending."""
        return [row.pk for row in self.rows]

    @property
    def attempts(self) -> int:
        """How often these rows were claimed, this time included."""
        return max(row.attempts for row in self.rows)

    @property
    def key(self) -> str:
        """What names the message, the same in every attempt: the idempotency key of its first row."""
        return self.rows[0].idempotency_key


def enqueue(topic: str, rows: Sequence[NewRow]) -> None:
    """Put rows in, in one statement; a key that is there already is left as it is."""
    if not rows:
        return
    document = DjangoJSONEncoder(separators=(",", ":")).encode([_as_json(row) for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, [topic, document])


def _as_json(row: NewRow) -> dict[str, Any]:
    found: dict[str, Any] = {"key": row.key, "payload": row.payload}
    if row.bundle_key:
        found["bundle"] = row.bundle_key
    if row.not_before is not None:
        found["at"] = row.not_before.isoformat()
    return found


def due(now: datetime) -> QuerySet[OutboxRow]:
    """Rows that may be taken up at this instant: their time has come and nobody holds a lease that still runs."""
    return OutboxRow.objects.filter(
        Q(leased_until=None) | Q(leased_until__lte=now), state=State.PENDING, next_attempt_at__lte=now
    )


def claim_messages(limit: int) -> list[Claim]:
    """Lease up to `limit` due mail rows, and whatever belongs into the same messages. Commits."""
    now = timezone.now()
    with transaction.atomic():
        ready = due(now).filter(topic__in=MAIL_TOPICS).select_for_update(skip_locked=True)
        rows = {row.pk: row for row in ready.order_by("next_attempt_at", "id")[:limit]}
        together = _same_message(rows.values())
        if together:
            rows |= {row.pk: row for row in ready.filter(together).order_by("id")}
        return _lease(sorted(rows.values(), key=lambda row: row.pk), now + LEASE) if rows else []


def claim_topics(topics: Sequence[str], limit: int) -> list[Claim]:
    """Lease up to `limit` due rows of these topics, each a message of its own. Commits."""
    now = timezone.now()
    with transaction.atomic():
        ready = due(now).filter(topic__in=topics).select_for_update(skip_locked=True)
        rows = list(ready.order_by("next_attempt_at", "id")[:limit])
        return _lease(rows, now + LEASE) if rows else []


def _same_message(rows: Iterable[OutboxRow]) -> Q | None:
    """Which other rows go with these: those of the same first attempt, or not yet attempted and of the same bundle key."""
    started = {row.bundle for row in rows if row.bundle}
    fresh = {row.bundle_key for row in rows if row.bundle is None and row.bundle_key}
    parts = [Q(bundle__in=started)] * bool(started) + [Q(bundle=None, bundle_key__in=fresh)] * bool(fresh)
    return parts[0] if len(parts) == 1 else (parts[0] | parts[1] if parts else None)


def _lease(rows: list[OutboxRow], until: datetime) -> list[Claim]:
    token = uuid.uuid4()
    _assign_bundles(rows)
    with connection.cursor() as cursor:
        cursor.execute(_LEASE, [until, token, [row.pk for row in rows], [row.bundle for row in rows]])
    for row in rows:
        row.attempts += 1
    rows.sort(key=lambda row: (str(row.bundle), row.pk))
    claims = [Claim(token, until, list(group)) for _, group in groupby(rows, key=lambda row: row.bundle)]
    return sorted(claims, key=lambda claim: claim.ids)


def _assign_bundles(rows: Iterable[OutboxRow]) -> None:
    """Rows of one bundle key that are claimed together for the first time stay together in later attempts."""
    new: dict[str, uuid.UUID] = {}
    for row in rows:
        if row.bundle is None:
            row.bundle = new.setdefault(row.bundle_key, uuid.uuid4()) if row.bundle_key else uuid.uuid4()


def mark_sent(claim: Claim, note: str = "") -> bool:
    """The message went out (or, with a note, was found to be needless); its body is forgotten. False if the lease was lost."""
    with connection.cursor() as cursor:
        cursor.execute(_SENT, [note, claim.ids, claim.token])
        return bool(cursor.rowcount == len(claim.rows))


def postpone(claim: Claim, error: str, seconds: float) -> None:
    """Let go of the rows until `seconds` from now."""
    _held(claim).update(
        leased_until=None,
        lease_token=None,
        last_error=shortened(error),
        next_attempt_at=Now() + timedelta(seconds=seconds),
    )


def bury(claim: Claim, error: str) -> bool:
    """Give up on the rows until an administrator looks at them; a letter without words is put away. False if the lease was
    lost."""
    put_away = Case(When(_WORDLESS, then=Now()), default=Value(None))
    found = _held(claim).update(
        state=State.DEAD, leased_until=None, lease_token=None, last_error=shortened(error), discarded_at=put_away
    )
    return found == len(claim.rows)


def lost_words(claim: Claim) -> bool:
    """Whether this is a letter whose words were removed since it was queued; the claim may be as old as its lease."""
    return claim.rows[0].topic == Topic.MAIL and _held(claim).filter(_WORDLESS).exists()


def release(claim: Claim) -> None:
    """Let go of rows that were claimed and not tried."""
    _held(claim).update(leased_until=None, lease_token=None, attempts=F("attempts") - 1)


def _held(claim: Claim) -> QuerySet[OutboxRow]:
    return OutboxRow.objects.filter(pk__in=claim.ids, lease_token=claim.token)


def shortened(error: str) -> str:
    """An error as it is kept: one line without NUL, at most 500 characters, never empty."""
    return " ".join(error.replace("\0", "").split())[:500] or "unknown"
