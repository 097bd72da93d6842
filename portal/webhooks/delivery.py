"""Carries out an outbox row: signs, sends, notes how it went, and says whether to try again."""

import email.utils
import json
import time
import uuid
from datetime import UTC, datetime
from typing import Final

import httpx2

from portal.notifications.models import OutboxRow
from portal.notifications.registry import RetryLater, Undeliverable
from portal.sealing import SealBrokenError
from portal.webhooks import silence
from portal.webhooks.choices import TEST_EVENT
from portal.webhooks.client import guarded_client
from portal.webhooks.guard import BlockedError
from portal.webhooks.models import WebhookAttempt, WebhookTarget
from portal.webhooks.signing import headers_for

_KEYS: Final = uuid.UUID("d0f3ba0a-6c1c-4f5c-9a55-9c6f3c1e7c11")
# Refusals that pass: too early, timeouts, rate limits, conflicts. Other 4xx answers stay until somebody changes something.
_PASSING: Final = frozenset({408, 409, 423, 425, 429})


def message_id(key: str) -> str:
    """The id of every attempt to send what has this idempotency key, so that the receiver knows a double."""
    return f"msg_{uuid.uuid5(_KEYS, key).hex}"


def deliver(row: OutboxRow) -> None:
    """Send one row. Raises RetryLater and Undeliverable."""
    target = WebhookTarget.objects.get(pk=row.payload["target"])
    post(target, key=row.idempotency_key, event=row.payload["event"], body=body_of(row))


def post(target: WebhookTarget, *, key: str, event: str, body: bytes) -> httpx2.Response:
    """Send a signed request now, note how it went, and give back a 2xx answer. Raises RetryLater and Undeliverable.

    For rooms with a topic of their own; `key` names the message, so that the receiver knows a double. A receiver that did
    not answer a moment ago is not asked, but for a test.
    """
    if target.archived_at is not None:
        raise Undeliverable(f"{target.name} is archived")
    if event != TEST_EVENT:
        silence.check(target.url, target.name)
    name, began = message_id(key), time.monotonic()
    try:
        answer = _post(target, name, body)
    except (BlockedError, SealBrokenError) as error:
        _note(target, name, event, began, error=str(error))
        raise Undeliverable(str(error)) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        _note(target, name, event, began, error=f"{type(error).__name__}: {error}")
        wait = silence.note(target.url, time.monotonic() - began, answered=False)
        raise RetryLater(f"{type(error).__name__}: {error}", after=wait) from error
    _note(target, name, event, began, status=answer.status_code)
    silence.note(target.url, time.monotonic() - began, answered=answer.status_code < 500)
    _judge(answer)
    return answer


def body_of(row: OutboxRow) -> bytes:
    """What is sent, the same bytes in every attempt."""
    content = {"type": row.payload["event"], "timestamp": row.payload["at"], "data": row.payload["data"]}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _post(target: WebhookTarget, name: str, body: bytes) -> httpx2.Response:
    headers = headers_for(target.secret, name, int(time.time()), body)
    with guarded_client(max_answer=64 * 1024) as client:
        return client.post(target.url, content=body, headers={**headers, "content-type": "application/json"})


def _judge(answer: httpx2.Response) -> None:
    status = answer.status_code
    if 200 <= status < 300:
        return
    if status >= 500 or status in _PASSING:
        raise RetryLater(
            f"answered {status}", after=retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        )
    raise Undeliverable(f"answered {status}" + (", and redirects are not followed" if 300 <= status < 400 else ""))


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None without a good one."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) <= 9:
        return float(value)
    try:
        at = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds())


def _note(
    target: WebhookTarget, name: str, event: str, began: float, *, status: int | None = None, error: str = ""
) -> None:
    WebhookAttempt.objects.create(
        target=target,
        message_id=name,
        event=event,
        milliseconds=round((time.monotonic() - began) * 1000),
        status=status,
        error=" ".join(error.replace("\0", "").split())[:300],
    )
