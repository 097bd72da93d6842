"""The demo's past: acts in their order, each with the clock of its instant, and nothing that is still to come."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.audit.actions import record
from portal.audit.models import AuditEntry
from portal.demo.diary import Diary, as_if
from portal.notifications.actions import nothing_queued, queue
from portal.notifications.models import OutboxRow
from reviews.queries.minutes import TOPIC as MINUTES

THEN = datetime(2026, 9, 1, 9, tzinfo=UTC)


def test_the_clock_goes_on_from_the_instant_and_comes_back() -> None:
    with as_if(THEN):
        inner = [timezone.now(), timezone.now()]
        with as_if(THEN - timedelta(days=1)):
            assert timezone.localdate().isoformat() == "2026-08-31"
        assert timezone.localtime().date() == THEN.date()
    assert THEN <= inner[0] <= inner[1] < THEN + timedelta(minutes=1)
    assert type(inner[0]) is datetime
    assert timezone.now() > THEN + timedelta(days=1)


@pytest.mark.django_db
def test_rows_are_of_the_instant() -> None:
    with as_if(THEN):
        record(actor=SYSTEM, verb="demo.built", subject_type="demo", subject_id=7)
    assert AuditEntry.objects.get(subject_type="demo", subject_id=7).at.date() == THEN.date()


def test_acts_come_in_their_order_with_those_that_others_write_down() -> None:
    diary, seen = Diary(), []

    def first() -> None:
        seen.append(("first", timezone.now().date().isoformat()))
        diary.at(THEN + timedelta(days=1), lambda: seen.append(("between", timezone.now().date().isoformat())))

    diary.at(THEN + timedelta(days=2), lambda: seen.append(("last", timezone.now().date().isoformat())))
    diary.at(THEN, first)
    diary.at(timezone.now() + timedelta(days=1), lambda: seen.append(("never", "")))
    diary.play()
    assert seen == [("first", "2026-09-01"), ("between", "2026-09-02"), ("last", "2026-09-03")]


@pytest.mark.django_db
def test_nothing_is_queued_in_silence() -> None:
    with nothing_queued():
        queue(MINUTES, {"silent": {"minutes": 1, "user": 1}})
    queue(MINUTES, {"heard": {"minutes": 1, "user": 1}})
    queued = OutboxRow.objects.filter(idempotency_key__in=("silent", "heard"))
    assert list(queued.values_list("idempotency_key", flat=True)) == ["heard"]
