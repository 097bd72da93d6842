"""Writes: keep targets, send events, take what comes in."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit import actions as audit
from portal.constraints import refusing
from portal.notifications.actions import queue
from portal.refusals import RefusedError
from portal.webhooks import access, signing
from portal.webhooks.choices import TEST_EVENT, TOPIC
from portal.webhooks.models import SeenMessage, WebhookAttempt, WebhookTarget

KEPT_ATTEMPTS: Final = timedelta(days=30)
# Longer than any signature is believed.
KEPT_SEEN: Final = timedelta(days=3)


class ReplayedError(Exception):
    """A request that was taken already: answer as the first time, do nothing."""


@transaction.atomic
def create_target(*, actor: Actor, name: str, url: str) -> WebhookTarget:
    """Add a target with a secret of its own. Audited. Raises RefusedError for a name in use."""
    target = WebhookTarget(name=name, url=url)
    target.secret = signing.new_secret()
    with refusing(_taken):
        target.save()
    _record(actor, "webhook.created", target)
    return target


@transaction.atomic
def change_target(*, actor: Actor, target_id: int, name: str, url: str) -> WebhookTarget:
    """Rename a target or send it elsewhere. Audited. Raises Http404, and RefusedError for a name in use."""
    target = access.get_target(actor, target_id, for_update=True)
    changed = {"renamed": target.name != name, "moved": target.url != url}
    target.name, target.url = name, url
    with refusing(_taken):
        target.save(update_fields=["name", "url"])
    _record(actor, "webhook.changed", target, {key: True for key, value in changed.items() if value})
    return target


@transaction.atomic
def archive_target(*, actor: Actor, target_id: int, archived: bool) -> WebhookTarget:
    """Archive a target (what waits for it fails) or bring it back. Audited. Raises Http404, and RefusedError if another one has
    its name meanwhile."""
    target = access.get_target(actor, target_id, for_update=True)
    if (target.archived_at is not None) != archived:
        target.archived_at = timezone.now() if archived else None
        with refusing(_taken):
            target.save(update_fields=["archived_at"])
        _record(actor, "webhook.archived" if archived else "webhook.restored", target)
    return target


@transaction.atomic
def reveal_secret(*, actor: Actor, target_id: int, renew: bool = False) -> str:
    """The secret, to be given to the receiver; a new one if asked. Audited. Raises Http404 and SealBrokenError."""
    target = access.get_target(actor, target_id, for_update=True)
    if renew:
        target.secret = signing.new_secret()
        target.save(update_fields=["sealed_secret"])
    _record(actor, "webhook.secret_renewed" if renew else "webhook.secret_shown", target)
    return target.secret


@transaction.atomic
def send_test(*, actor: Actor, target_id: int) -> None:
    """Queue an event that says hello. Audited. Raises Http404."""
    target = access.get_target(actor, target_id)
    send(target_id=target.pk, event=TEST_EVENT, data={"hello": target.name}, key=f"webhook-test:{uuid.uuid4()}")
    _record(actor, "webhook.tested", target)


def send(*, target_id: int, event: str, data: Mapping[str, Any], key: str) -> None:
    """Queue a signed request in the caller's transaction; `key` names it for good. `data` are JSON values."""
    payload = {"target": target_id, "event": event, "data": dict(data), "at": timezone.now().isoformat()}
    queue(TOPIC, {key: payload})


def accept(
    *, source: str, secrets: Iterable[str], headers: Mapping[str, str], body: bytes, now: float | None = None
) -> str:
    """Check a signed request that came in and note its id, in the caller's transaction, so that work and note go together.

    Returns the id. Raises signing.BadSignatureError, and ReplayedError for one that was taken already.
    """
    at = timezone.now().timestamp() if now is None else now
    message_id = signing.verify(secrets, headers, body, at)
    _seen, created = SeenMessage.objects.get_or_create(source=source, message_id=message_id)
    if not created:
        raise ReplayedError
    return message_id


def prune() -> None:
    """Forget attempts and ids that nobody will ask for again."""
    now = timezone.now()
    WebhookAttempt.objects.filter(at__lt=now - KEPT_ATTEMPTS).delete()
    SeenMessage.objects.filter(received_at__lt=now - KEPT_SEEN).delete()


def _taken(constraint: str) -> RefusedError | None:
    """Of a name that another target has."""
    return RefusedError(constraint) if constraint == "webhook_target_name_once" else None


def _record(actor: Actor, verb: str, target: WebhookTarget, changes: Mapping[str, object] | None = None) -> None:
    audit.record(actor=actor, verb=verb, subject_type="webhook_target", subject_id=target.pk, changes=changes)
