"""Notifications, outbox rows and kinds made for tests."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import factory

from portal.accounts.models import User
from portal.notifications import registry
from portal.notifications.models import DemoMail, Notification, OutboxRow
from portal.notifications.registry import Delivery, NotificationKind, Params, Payload


class ReaderFactory(factory.django.DjangoModelFactory):
    """A person with an inbox."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"reader{n}@example.test")
    name = factory.Sequence(lambda n: f"Reader {n}")


class NotificationFactory(factory.django.DjangoModelFactory):
    """An unread line of the kind "test.breached"."""

    class Meta:
        model = Notification

    recipient = factory.SubFactory(ReaderFactory)
    kind = "test.breached"
    dedupe_key = factory.Sequence(lambda n: f"key-{n}")
    params = factory.Sequence(lambda n: {"ref": f"EC-{n}"})
    subject_ids = factory.Sequence(lambda n: [n])
    url = "/cases/EC-1/"
    count = 1
    tick = ""
    urgent = False


class MailRowFactory(factory.django.DjangoModelFactory):
    """A mail that is due."""

    class Meta:
        model = OutboxRow

    topic = "mail"
    idempotency_key = factory.Sequence(lambda n: f"mail-{n}")
    payload = factory.LazyAttribute(
        lambda row: {
            "to": "someone@example.test",
            "subject": row.idempotency_key,
            "text": "Text",
            "html": "<p>HTML</p>",
        }
    )


class DemoMailFactory(factory.django.DjangoModelFactory):
    """A mail as the demo keeps it."""

    class Meta:
        model = DemoMail

    message_id = factory.Sequence(lambda n: f"<{n}@example.test>")
    to = "someone@example.test"
    subject = factory.Sequence(lambda n: f"Subject {n}")
    text = "Text"
    html = "<p>HTML</p>"


def title_of(params: Params, count: int) -> str:
    """One subject by its reference, several by their number."""
    return f"{count} cases breached" if count > 1 else f"{params['ref']} breached"


def kind(key: str = "test.breached", hidden: set[int] | None = None, **more: Any) -> NotificationKind:
    """A kind whose payloads name their recipients, and whose subjects are visible unless `hidden`."""
    unseen = hidden if hidden is not None else set()

    def resolve(payloads: list[Payload]) -> list[Delivery]:
        return [
            Delivery(person, p["subject"], f"/cases/{p['ref']}/", {"ref": p["ref"]}, p.get("urgent", False))
            for p in payloads
            for person in p["to"]
            if p["subject"] not in unseen
        ]

    def visible(_actor: object, rows: Sequence[Notification]) -> Mapping[int, Collection[int]]:
        return {row.pk: () for row in rows if not row.subject_ids or set(row.subject_ids) - unseen}

    defaults: dict[str, Any] = {"visible": visible, "resolve": resolve, "list_url": lambda: "/queue/?tab=breached"}
    return NotificationKind(key=key, title=title_of, **(defaults | more))


@contextmanager
def registered(*kinds: NotificationKind) -> Iterator[None]:
    """These kinds besides those of the wings, for the time of a test."""
    before = dict(registry._kinds)
    registry._kinds.update({one.key: one for one in kinds})
    try:
        yield
    finally:
        registry._kinds.clear()
        registry._kinds.update(before)
