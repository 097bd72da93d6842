"""Telling people of one thing: once, those who are there, at their hour."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from portal.notifications.actions import notify
from portal.notifications.models import Notification, OutboxRow
from tests.factories.notifications import NotificationFactory, ReaderFactory

pytestmark = pytest.mark.django_db


def tell(*people: int, key: str = "case:1:assigned:7", urgent: bool = False, url: str = "/cases/EC-1/") -> None:
    notify(kind="test.breached", recipients=people, params={"ref": "EC-1"}, url=url, dedupe_key=key, urgent=urgent)


def test_everyone_named_gets_a_line_and_a_mail_once() -> None:
    one, two, gone = ReaderFactory(), ReaderFactory(), ReaderFactory(is_active=False)
    tell(two.pk, one.pk, one.pk, gone.pk)
    tell(one.pk)
    assert list(Notification.objects.order_by("recipient").values_list("recipient", "count", "params", "url")) == [
        (one.pk, 1, {"ref": "EC-1"}, "/cases/EC-1/"),
        (two.pk, 1, {"ref": "EC-1"}, "/cases/EC-1/"),
    ]
    assert OutboxRow.objects.count() == 2


def test_the_mail_waits_for_the_readers_morning_unless_it_is_urgent() -> None:
    shanghai, bogota = ReaderFactory(time_zone="Asia/Shanghai"), ReaderFactory(time_zone="America/Bogota")
    with time_machine.travel(datetime(2026, 11, 19, 16, 0, tzinfo=UTC), tick=False):
        tell(shanghai.pk, bogota.pk)
        tell(shanghai.pk, key="case:1:breached", urgent=True)
    due = {(row.payload["recipient"], row.bundle_key): row.not_before.isoformat() for row in OutboxRow.objects.all()}
    assert due == {
        (shanghai.pk, f"user:{shanghai.pk}"): "2026-11-20T00:00:00+00:00",
        (bogota.pk, f"user:{bogota.pk}"): "2026-11-19T16:05:00+00:00",
        (shanghai.pk, ""): "2026-11-19T16:00:30+00:00",
    }


def test_nothing_is_told_when_the_transaction_of_the_deed_fails() -> None:
    reader = ReaderFactory()
    with transaction.atomic():
        tell(reader.pk)
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
    assert not OutboxRow.objects.exists()


@pytest.mark.parametrize("url", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", ""])
def test_the_database_takes_no_address_but_our_own(url: str) -> None:
    reader = ReaderFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(reader.pk, url=url)


@pytest.mark.parametrize("bad", [{"count": 0}, {"dedupe_key": "", "tick": ""}])
def test_the_database_refuses_lines_that_say_nothing(bad: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        NotificationFactory(**bad)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no notification kind"):
        notify(kind="test.no", recipients=[1], params={}, url="/", dedupe_key="x")
