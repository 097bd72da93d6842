"""What administrators see of rows that failed, and what they may do with them."""

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.rules import Actor, Standing
from portal.audit.models import AuditEntry
from portal.notifications import queries, registry, tasks
from portal.notifications.models import OutboxRow
from portal.notifications.registry import LetterWatch
from tests.factories.accounts import UserFactory, administrator, somebody
from tests.factories.notifications import MailRowFactory
from tests.notifications.smtp import Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    """The browser of an administrator."""
    client.force_login(administrator())
    return client


def dead(**more: object) -> OutboxRow:
    row: OutboxRow = MailRowFactory(state="dead", attempts=1, last_error="550 5.1.1 no such user <b>x</b>", **more)
    return row


def test_the_reason_is_shown_and_the_body_is_not(admin: Client) -> None:
    dead(payload={"to": "gone@example.test", "subject": "S", "text": "a secret link", "html": ""})
    text = admin.get("/inbox/failed/").content.decode()
    assert "gone@example.test" in text
    assert "550 5.1.1 no such user &lt;b&gt;x&lt;/b&gt;" in text
    assert "a secret link" not in text


def test_of_what_is_closed_to_administrators_the_address_and_the_reason_are_left_out(
    admin: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    asked: list[list[str]] = []

    def hidden(keys: Collection[str]) -> Collection[str]:
        asked.append(sorted(keys))
        return {key for key in keys if key.startswith("closed")}

    watch = LetterWatch("test.letter", lambda _key, _how, _why: None, hidden=hidden)
    monkeypatch.setitem(registry._watches, watch.key, watch)
    for key, watched in (
        ("closed-1", "test.letter"),
        ("open", "test.letter"),
        ("closed-2", "test.letter"),
        ("orphan", "gone"),
    ):
        dead(idempotency_key=key, payload={"to": f"{key}@guest.test", "subject": "S", "text": "T", "watch": watched})
    page = admin.get("/inbox/failed/").content.decode()
    assert [key for key in ("closed-1", "open", "closed-2", "orphan") if f"{key}@guest.test" in page] == ["open"]
    assert (page.count("no such user"), page.count("About something that is closed to administrators.")) == (1, 3)
    assert (page.count('id="retry-'), page.count('id="discard-')) == (4, 4)
    assert asked == [["closed-1", "closed-2", "open"]]
    with django_assert_num_queries(1):
        queries.failures(Actor(1, None, (Standing(Role.ADMINISTRATOR),)), 200)


def test_trying_again_sends_it_and_leaves_a_trace(admin: Client, sink: Sink) -> None:
    row = dead(idempotency_key="again")
    answer = admin.post(f"/inbox/failed/{row.pk}/retry/", follow=True).content.decode()
    assert "It will be tried again within seconds." in answer
    assert "Nothing failed" in answer
    tasks.send()
    row.refresh_from_db()
    assert (row.state, row.attempts, sink.subjects) == ("sent", 1, ["again"])
    entry = AuditEntry.objects.get(subject_type="outbox")
    assert (entry.verb, entry.subject_id, entry.changes) == ("outbox.retried", row.pk, {"topic": "mail", "attempts": 1})


def test_whoever_watches_the_letter_is_told_that_it_is_tried_again(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str, str]] = []

    def hears(what: str) -> Callable[[str], None]:
        return lambda key: heard.append((what, key, OutboxRow.objects.get(idempotency_key=key).state))

    watch = LetterWatch(
        "test.letter", lambda _key, _how, _why: None, hold=hears("hold"), tried_again=hears("tried again")
    )
    monkeypatch.setitem(registry._watches, watch.key, watch)
    payload = {"to": "gone@guest.test", "subject": "S", "text": "T"}
    for key, watched in (("watched", "test.letter"), ("orphan", "gone")):
        row = dead(idempotency_key=key, payload={**payload, "watch": watched})
        assert admin.post(f"/inbox/failed/{row.pk}/retry/").status_code == 302
        row.refresh_from_db()
        assert row.state == "pending"
    assert heard == [("hold", "watched", "dead"), ("tried again", "watched", "pending")]


def test_putting_away_takes_it_off_the_list_and_it_never_goes(admin: Client, sink: Sink) -> None:
    row = dead()
    assert "Nothing failed" in admin.post(f"/inbox/failed/{row.pk}/discard/", follow=True).content.decode()
    tasks.send()
    assert sink.messages == []
    assert AuditEntry.objects.get(subject_type="outbox").verb == "outbox.discarded"
    assert admin.post(f"/inbox/failed/{row.pk}/retry/").status_code == 404


def test_only_the_dead_can_be_tried_again(admin: Client) -> None:
    waiting = MailRowFactory()
    for verb in ("retry", "discard"):
        assert admin.post(f"/inbox/failed/{waiting.pk}/{verb}/").status_code == 404
        assert admin.get(f"/inbox/failed/{waiting.pk}/{verb}/").status_code == 405


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_for_everyone_else_there_is_no_such_page(client: Client, role: Role) -> None:
    row = dead()
    client.force_login(somebody(role))
    assert client.get("/inbox/failed/").status_code == 404
    assert client.post(f"/inbox/failed/{row.pk}/retry/").status_code == 404
    row.refresh_from_db()
    assert row.state == "dead"


def test_a_person_without_any_role_sees_none(client: Client) -> None:
    client.force_login(UserFactory())
    assert client.get("/inbox/failed/").status_code == 404


def test_the_age_of_what_waits_counts_from_when_it_was_due() -> None:
    assert queries.oldest_unsent_age() is None
    now = timezone.now()
    MailRowFactory(not_before=now + timedelta(hours=8), next_attempt_at=now + timedelta(hours=8))
    dead()
    assert queries.oldest_unsent_age() is None
    # Due an hour ago, failed since, and next tried in a while: still an hour late.
    MailRowFactory(not_before=now - timedelta(hours=1), next_attempt_at=now + timedelta(minutes=9), attempts=5)
    age = queries.oldest_unsent_age()
    assert age is not None
    assert 3600 <= age < 3660
