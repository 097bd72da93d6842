"""Servers and workers are killed while channels bring messages and events go out: nothing is lost, nothing is there twice."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations.models import Case, CaseSequence, ChannelEndpoint, ChannelMessage, TimelineEntry
from portal.notifications.models import OutboxRow
from portal.webhooks.models import SeenMessage, WebhookTarget
from portal.webhooks.signing import headers_for
from sla.models import Clock
from tests.browser.test_worker_dies import PATIENCE
from tests.databases import Database
from tests.escalations.pages_world import world
from tests.escalations.processes import killed_at, run, running
from tests.factories.channels import ChannelEndpointFactory, listener, said
from tests.factories.webhooks import WebhookTargetFactory
from tests.webhooks import receiver
from tests.webhooks.receiver import Answer

pytestmark = pytest.mark.processes
TAKE = "from escalations.tasks import take_messages; take_messages()"
SEND = "from portal.notifications.tasks import dispatch; dispatch()"


def post(endpoint: ChannelEndpoint, name: str, text: str, message: str = "m-1") -> str:
    """Code of a server that gets one signed request."""
    body = json.dumps(said(text=text, name=message)).encode()
    headers = headers_for(endpoint.secrets()[0], name, int(time.time()), body)
    url = f"/hooks/in/{endpoint.key}/"
    return (
        "from django.test import Client; "
        f"answer = Client().post({url!r}, {body!r}, content_type='application/json', headers={headers!r}); "
        "assert answer.status_code == 202, answer.content"
    )


def counts() -> tuple[int, ...]:
    rows = (SeenMessage, ChannelMessage, Case, TimelineEntry, Clock)
    return tuple(model.objects.count() for model in rows)


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "testserver")


def test_killed_while_a_message_comes_in(fresh_database: Database, allowed: None) -> None:
    endpoint = ChannelEndpointFactory(service=world().service)
    one, two = post(endpoint, "msg-1", "One"), post(endpoint, "msg-2", "Two", "m-2")
    killed_at(fresh_database, "escalations_channelmessage", one)
    assert counts() == (0, 0, 0, 0, 0), "the id is not remembered without the message"
    run(fresh_database, f"{one}; {two}; {one}")
    assert counts() == (2, 2, 0, 0, 0)
    killed_at(fresh_database, "escalations_entrybody", TAKE)
    killed_at(fresh_database, "escalations_channelthread", TAKE)
    assert counts() == (2, 2, 0, 0, 0), "of the case nothing"
    run(fresh_database, f"{TAKE}; take_messages()")
    assert counts()[:3] == (2, 2, 1)
    words = TimelineEntry.objects.filter(code="channel.in").order_by("pk").values_list("body__text", flat=True)
    assert list(words) == ["One", "Two"]
    assert set(ChannelMessage.objects.values_list("state", "sealed_body")) == {("done", "")}


def test_the_same_request_at_two_servers_at_once(fresh_database: Database, allowed: None) -> None:
    endpoint = ChannelEndpointFactory(service=world().service)
    code = post(endpoint, "msg-1", "One")
    at_once(fresh_database, "escalations_channelmessage", code, code)
    assert counts() == (1, 1, 0, 0, 0)
    # The same words under another id, and the next ones of the thread, taken by two workers at once.
    run(fresh_database, f"{post(endpoint, 'msg-2', 'One')}; {post(endpoint, 'msg-3', 'Two', 'm-2')}")
    at_once(fresh_database, "escalations_channelthread", TAKE, TAKE)
    assert Case.objects.count() == 1
    words = TimelineEntry.objects.filter(code="channel.in").values_list("body__text", flat=True)
    assert sorted(words) == ["One", "Two"]
    assert set(ChannelMessage.objects.values_list("state", flat=True)) == {"done"}


def at_once(database: Database, table: str, *codes: str) -> None:
    """Let processes run up to this table and wait there or before it, then all go on at once."""
    with database.connect(as_owner=True) as owner, database.connect() as watcher, owner.transaction():
        owner.execute(f"LOCK TABLE {table} IN SHARE MODE")
        with running(database, codes[0]) as first, running(database, codes[1]) as second:
            waiting(watcher.execute, len(codes))
            owner.execute("COMMIT")
            assert (first.wait(PATIENCE), second.wait(PATIENCE)) == (0, 0)
            owner.execute("BEGIN")


def waiting(execute: Callable[..., Any], many: int) -> None:
    """Until so many connections wait for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    until = time.monotonic() + PATIENCE
    while execute(asked).fetchone()[0] < many:
        assert time.monotonic() < until


def test_killed_between_telling_a_receiver_and_marking_it(
    fresh_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOKS_ALLOW_PRIVATE", "true")
    arrived = threading.Event()

    def never_done(_write: Callable[[bytes], object], stop: threading.Event) -> None:
        arrived.set()
        stop.wait()

    with receiver.running() as server:
        server.answers = [Answer(stream=never_done)]
        target: WebhookTarget = WebhookTargetFactory(url=server.url)
        made = world()
        listener(target.pk, made.service, events=["case.created"])
        case = made.case()
        with running(fresh_database, SEND):
            assert arrived.wait(PATIENCE)
        row = OutboxRow.objects.get(topic="case_event")
        assert row.state == "pending"
        OutboxRow.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        run(fresh_database, f"{SEND}; dispatch()")
        assert OutboxRow.objects.get(topic="case_event").state == "sent"
        assert len(server.got) == 2
        assert len({(one.headers["webhook-id"], one.body) for one in server.got}) == 1, (
            "one and the same to the receiver"
        )
    assert CaseSequence.objects.get().last == 1
    assert json.loads(server.got[0].body)["data"]["case"]["reference"] == case.ref


def test_an_event_is_queued_with_what_it_tells_or_not_at_all(fresh_database: Database) -> None:
    made = world()
    target: WebhookTarget = WebhookTargetFactory()
    listener(target.pk, made.service)
    raised = (
        "from escalations import actions; from portal.accounts.rules import SYSTEM; "
        f"actions.create_case(actor=SYSTEM, service_id={made.service.pk}, site_id=None, subject='One')"
    )
    killed_at(fresh_database, "notifications_outboxrow", raised)
    assert (Case.objects.count(), OutboxRow.objects.count(), CaseSequence.objects.count()) == (0, 0, 0)
    run(fresh_database, raised)
    assert OutboxRow.objects.filter(topic="case_event").count() == CaseSequence.objects.get().last == 3
