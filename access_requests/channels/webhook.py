"""A signed webhook. Whoever gets it answers at once, or accepts it and calls back."""

import json
from typing import Any

import httpx2

from portal.notifications.registry import Undeliverable
from portal.webhooks.delivery import message_id, post

from .base import Outcome, Parcel

MAX_REASON = 180


def carry(parcel: Parcel) -> Outcome:
    """Send it under the key of this hand-over. Raises RetryLater and Undeliverable."""
    target = parcel.system.webhook_target
    if target is None:
        raise Undeliverable("no_webhook")
    answer = post(target, key=parcel.key, event=f"access.{parcel.operation}", body=body_of(parcel))
    said = said_in(answer)
    if said.get("status") == "failed":
        raise Undeliverable(text(said.get("reason")) or "refused")
    done = answer.status_code == 200 and said.get("status") == "done"
    return Outcome(done=done, ticket=text(said.get("ticket")))


def body_of(parcel: Parcel) -> bytes:
    """What is sent; the same bytes in every attempt unless the person's details changed."""
    data = {
        "reference": parcel.reference,
        "key": message_id(parcel.key),
        "item": parcel.item_id,
        "operation": parcel.operation,
        "system": parcel.system.code,
        "entitlement": {"code": parcel.entitlement.code, "value": parcel.entitlement.external_value},
        "person": {
            "id": parcel.person_id, "name": parcel.name, "email": parcel.email, "site": parcel.site,
            "job_role": parcel.job_role,
        },
    }  # fmt: skip
    content = {"type": f"access.{parcel.operation}", "timestamp": parcel.since.isoformat(), "data": data}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def said_in(answer: httpx2.Response) -> dict[str, Any]:
    """The JSON object of an answer; an empty one if there is none."""
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text(value: object) -> str:
    """One line from the other side, short and without NUL; "" for anything that is no text."""
    return " ".join(value.replace("\0", "").split())[:MAX_REASON] if isinstance(value, str) else ""
