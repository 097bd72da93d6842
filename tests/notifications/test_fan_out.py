"""Events become one line per person, kind and tick; nothing reaches whoever may not see it any more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.notifications import tasks
from portal.notifications.actions import Emission, emit, emit_selected
from portal.notifications.models import Notification, OutboxRow
from portal.notifications.registry import Delivery, Payload
from portal.notifications.rules import MAX_ATTEMPTS
from tests.factories.notifications import ReaderFactory, kind, registered

pytestmark = pytest.mark.django_db


def event(number: int, to: list[int], tick: str = "t1", kind: str = "test.breached", **more: Any) -> Emission:
    payload = {"subject": number, "ref": f"EC-{number}", "to": to, **more}
    return Emission(kind, f"{kind}:{number}:{tick}", payload, tick)


def lines() -> list[tuple[int, str, str, int, str]]:
    return list(Notification.objects.order_by("pk").values_list("recipient_id", "kind", "tick", "count", "url"))


def mail_rows() -> list[OutboxRow]:
    return list(OutboxRow.objects.filter(topic="notice").order_by("pk"))


def test_412_breaches_of_one_tick_are_one_line_and_one_mail() -> None:
    reader, other = ReaderFactory(), ReaderFactory()
    emit([event(n, [reader.pk]) for n in range(411)] + [event(999, [reader.pk, other.pk])])
    tasks.fan_out()
    assert lines() == [
        (reader.pk, "test.breached", "t1", 412, "/queue/?tab=breached"),
        (other.pk, "test.breached", "t1", 1, "/cases/EC-999/"),
    ]
    assert len(mail_rows()) == 2
    assert set(OutboxRow.objects.filter(topic="fanout").values_list("state", "attempts")) == {("sent", 1)}


def test_events_of_a_select_are_handed_round_like_others_and_queued_once() -> None:
    reader = ReaderFactory()
    emit([event(1, [reader.pk])])
    select = """
    SELECT 'test.breached:' || n || ':t1', jsonb_build_object('kind', 'test.breached', 'tick', 't1', 'key', n::text,
           'subject', n, 'ref', 'EC-' || n, 'to', jsonb_build_array(%s::bigint)) FROM unnest(%s::int[]) AS n
    """
    emit_selected(["test.breached"], select, [reader.pk, [1, 2, 3]])
    tasks.fan_out()
    assert lines() == [(reader.pk, "test.breached", "t1", 3, "/queue/?tab=breached")]
    with pytest.raises(ValueError, match="no notification kind"):
        emit_selected(["test.unknown"], "SELECT 'key', '{}'::jsonb", [])


def test_each_kind_and_each_tick_has_a_line_of_its_own() -> None:
    reader = ReaderFactory()
    emit([event(1, [reader.pk]), event(2, [reader.pk], "t2"), event(3, [reader.pk], kind="test.warned")])
    tasks.fan_out()
    assert [(kind, tick, count) for _, kind, tick, count, _ in lines()] == [
        ("test.breached", "t1", 1),
        ("test.breached", "t2", 1),
        ("test.warned", "t1", 1),
    ]


def test_the_rest_of_a_tick_adds_to_its_line_which_is_unread_again_without_a_second_mail() -> None:
    reader = ReaderFactory()
    emit([event(1, [reader.pk])])
    tasks.fan_out()
    Notification.objects.update(read_at=timezone.now())
    emit([event(2, [reader.pk]), event(3, [reader.pk])])
    tasks.fan_out()
    row = Notification.objects.get()
    assert (row.count, row.url, row.read_at, row.subject_ids) == (3, "/queue/?tab=breached", None, [1, 2, 3])
    assert len(mail_rows()) == 1


def test_an_event_that_is_emitted_or_handed_round_twice_counts_once() -> None:
    reader = ReaderFactory()
    emit([event(1, [reader.pk])])
    emit([event(1, [reader.pk])])
    tasks.fan_out()
    emit([event(1, [reader.pk])])
    tasks.fan_out()
    assert [count for *_, count, _ in lines()] == [1]


def test_permission_lost_before_the_worker_came_delivers_nothing(hidden: set[int]) -> None:
    reader = ReaderFactory()
    emit([event(1, [reader.pk]), event(2, [reader.pk])])
    hidden.add(1)
    tasks.fan_out()
    assert [(row.count, row.subject_ids) for row in Notification.objects.all()] == [(1, [2])]
    assert not OutboxRow.objects.filter(topic="fanout", state="pending").exists()


def test_who_was_deactivated_meanwhile_is_left_out() -> None:
    gone = ReaderFactory(is_active=False)
    emit([event(1, [gone.pk])])
    tasks.fan_out()
    assert (lines(), mail_rows()) == ([], [])


def test_one_urgent_event_makes_the_whole_line_urgent_even_when_it_comes_later() -> None:
    reader = ReaderFactory(time_zone="Asia/Shanghai")
    emit([event(1, [reader.pk])])
    tasks.fan_out()
    assert mail_rows()[0].bundle_key == f"user:{reader.pk}"
    emit([event(2, [reader.pk], urgent=True)])
    tasks.fan_out()
    (mail,) = mail_rows()
    assert Notification.objects.get().urgent
    assert mail.bundle_key == ""
    assert mail.next_attempt_at <= timezone.now() + timedelta(seconds=31)


def test_an_alarm_that_joins_a_line_whose_mail_has_gone_is_mailed_all_the_same() -> None:
    reader = ReaderFactory()
    emit([event(1, [reader.pk], urgent=True)])
    tasks.fan_out()
    OutboxRow.objects.filter(topic="notice").update(state="sent", sent_at=timezone.now())
    emit([event(2, [reader.pk])])
    tasks.fan_out()
    assert len(mail_rows()) == 1, "what is not urgent only raises the number"
    for number in (3, 4):
        emit([event(number, [reader.pk], urgent=True)])
        tasks.fan_out()
    assert Notification.objects.get().count == 4
    assert [(row.state, row.bundle_key) for row in mail_rows()] == [("sent", ""), ("pending", "")]
    assert mail_rows()[1].not_before <= timezone.now() + timedelta(seconds=31)


def test_one_event_that_cannot_be_taken_does_not_stop_the_others() -> None:
    reader = ReaderFactory()

    def resolve(payloads: list[Payload]) -> list[Delivery]:
        if any(p["subject"] == 13 for p in payloads):
            raise RuntimeError("thirteen")
        return [Delivery(reader.pk, p["subject"], "/cases/1/", {"ref": "EC"}) for p in payloads]

    with registered(kind("test.fragile", resolve=resolve)):
        emit([event(n, [], kind="test.fragile") for n in range(30)])
        tasks.fan_out()
        bad = OutboxRow.objects.get(state="pending", topic="fanout")
        assert (bad.payload["subject"], bad.last_error) == (13, "RuntimeError: thirteen")
        assert bad.next_attempt_at > timezone.now() + timedelta(seconds=20)
        assert Notification.objects.get().count == 29
        bad.attempts = MAX_ATTEMPTS - 1
        bad.next_attempt_at = bad.not_before
        bad.save()
        tasks.fan_out()
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("dead", MAX_ATTEMPTS)


def test_an_unknown_kind_is_refused_where_it_is_emitted() -> None:
    with pytest.raises(ValueError, match=r"no notification kind 'test\.unknown'"):
        emit([event(1, [], kind="test.unknown")])
    with registered(kind("test.direct", resolve=None)), pytest.raises(ValueError, match="no resolver"):
        emit([event(1, [], kind="test.direct")])
    assert not OutboxRow.objects.exists()


def test_handing_round_costs_the_same_for_one_event_and_for_many(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    readers = [ReaderFactory() for _ in range(20)]
    for tick, size in (("small", 1), ("large", 500)):
        emit([event(n, [readers[n % 20].pk], tick) for n in range(size)])
        # Two batches, the second of which is empty: claim, savepoint, people, lines, mails, mark.
        with django_assert_num_queries(12):
            tasks.fan_out()
