"""What other systems hear of cases and clocks: numbered, signed, without words, and of protected cases nothing."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from escalations import actions
from escalations.actions.closing import close_resolved
from escalations.models import Case, CaseSequence, CaseSubscription
from portal.accounts.rules import SYSTEM
from portal.notifications import tasks as outbox
from portal.notifications.models import OutboxRow
from portal.webhooks import signing
from portal.webhooks.models import WebhookTarget
from sla.actions import tick
from sla.models import Clock
from tests.escalations.pages_world import World, world
from tests.factories.channels import ChannelEndpointFactory, bring, listener
from tests.factories.webhooks import WebhookTargetFactory
from tests.webhooks.receiver import Answer, Receiver, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with running() as receiver:
        yield receiver


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def target(server: Receiver) -> WebhookTarget:
    found: WebhookTarget = WebhookTargetFactory(url=f"{server.url}/cases")
    return found


@pytest.fixture
def heard(made: World, target: WebhookTarget) -> CaseSubscription:
    return listener(target.pk, made.service)


def sent(server: Receiver) -> list[dict[str, Any]]:
    """What arrived, in the order of the case's numbers."""
    outbox.dispatch()
    bodies = [json.loads(one.body) for one in server.got]
    return sorted(bodies, key=lambda body: (body["data"]["case"]["id"], body["data"]["sequence"]))


def test_the_life_of_a_case_in_order(made: World, heard: CaseSubscription, server: Receiver) -> None:
    lead = made.actor("service_lead")
    case = made.case(
        "Zq secret words", description="Zq more words", customer_ref="zq-4711", contact_hint="zq@guest.test"
    )
    actions.set_state(actor=lead, ref=case.pk, verb="triage")
    actions.assign(actor=lead, ref=case.pk, owner_id=made.users["associate"].pk)
    actions.set_severity(actor=lead, ref=case.pk, impact="people", urgency="now")
    actions.add_note(actor=lead, ref=case.pk, text="Zq internal", shared=False)
    contact = {"channel": "phone", "direction": "out", "outcome": "reached", "text": "Zq said"}
    actions.log_contact(actor=lead, ref=case.pk, **contact)
    actions.set_state(actor=lead, ref=case.pk, verb="reject", reject_reason="spam", reason="zq why")
    got = sent(server)
    assert [one["type"] for one in got] == [
        "case.created", "clock.started", "clock.started", "case.state_changed", "case.assigned", "case.severity_changed",
        "case.entry_added", "case.entry_added", "clock.met", "case.state_changed", "clock.cancelled", "case.entry_added",
    ]  # fmt: skip
    assert [one["data"]["sequence"] for one in got] == list(range(1, 13))
    assert not any(word in one.body.decode().lower() for one in server.got for word in ("zq", "guest", "4711"))
    assert (got[3]["data"]["from"], got[3]["data"]["to"]) == ("new", "triaged")
    assert got[4]["data"]["to_user"] == got[4]["data"]["case"]["owner_id"] == made.users["associate"].pk
    assert (got[5]["data"]["from"], got[5]["data"]["to"], got[5]["data"]["case"]["severity"]) == (3, 1, 1)
    assert [got[6]["data"]["kind"], got[7]["data"]["kind"]] == ["note", "contact"]
    assert (got[8]["data"]["metric"], got[10]["data"]["metric"]) == ("first_response", "resolution")
    about = got[9]["data"]["case"]
    assert (about["reference"], about["service"], about["state"]) == (case.ref, "social", "rejected")
    assert set(about) == {
        "id", "reference", "service", "site_id", "owner_id", "channel", "state", "severity", "opened_at", "resolved_at", "closed_at",
    }  # fmt: skip


def shift_told(made: World, target: WebhookTarget, server: Receiver, way: str) -> list[dict[str, Any]]:
    """What is told of a case whose owner hands over a shift."""
    case = made.case()
    actions.assign(actor=made.actor("service_lead"), ref=case.pk, owner_id=made.users["associate"].pk)
    listener(target.pk, made.service, events=["case.assigned", "case.entry_added"])
    line = actions.HandLine(case.pk, way, "Call at six.")
    taker = made.users["service_lead"].pk
    actions.hand_over_shift(actor=made.actor("associate"), taker_id=taker, lines=[line], key=uuid4())
    return sent(server)


def test_a_case_that_moves_with_a_shift_is_assigned_once(made: World, target: WebhookTarget, server: Receiver) -> None:
    giver, taker = made.users["associate"].pk, made.users["service_lead"].pk
    assigned, added = shift_told(made, target, server, "moves")
    assert [assigned["type"], added["type"], added["data"]["kind"]] == [
        "case.assigned",
        "case.entry_added",
        "assignment",
    ]
    assert (assigned["data"]["from_user"], assigned["data"]["to_user"]) == (giver, taker)
    assert assigned["data"]["case"]["owner_id"] == taker


def test_a_case_that_is_watched_after_a_shift_is_assigned_to_nobody(
    made: World, target: WebhookTarget, server: Receiver
) -> None:
    [added] = shift_told(made, target, server, "watches")
    assert (added["type"], added["data"]["kind"]) == ("case.entry_added", "assignment")
    assert added["data"]["case"]["owner_id"] == made.users["associate"].pk
    assert "to_user" not in added["data"]


def test_it_is_signed_and_keeps_its_id_over_attempts(made: World, target: WebhookTarget, server: Receiver) -> None:
    listener(target.pk, made.service, events=["case.created"])
    server.answers = [Answer(503), Answer(200)]
    made.case()
    outbox.dispatch()
    past = timezone.now() - timedelta(seconds=1)
    OutboxRow.objects.filter(topic="case_event").update(not_before=past, next_attempt_at=past)
    outbox.dispatch()
    first, second = server.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert signing.verify([target.secret], second.headers, second.body, time.time())
    assert OutboxRow.objects.get(topic="case_event").state == "sent"


def test_only_what_was_asked_for_of_these_services(made: World, target: WebhookTarget, server: Receiver) -> None:
    listener(target.pk, made.other_service, events=["case.created"])
    made.case()
    other = made.case(service_id=made.other_service.pk)
    actions.set_state(actor=SYSTEM, ref=other.pk, verb="triage")
    assert [(one["type"], one["data"]["case"]["reference"]) for one in sent(server)] == [("case.created", other.ref)]


def test_clocks_that_warn_and_breach(made: World, target: WebhookTarget, server: Receiver) -> None:
    listener(target.pk, made.service, events=["clock.warned", "clock.breached"])
    case = made.case()
    tick(now=timezone.now() + timedelta(days=20))
    got = [one for one in sent(server) if one["data"]["metric"] == "first_response"]
    assert [one["type"] for one in got][-1] == "clock.breached"
    assert {one["data"].get("percent") for one in got if one["type"] == "clock.warned"} <= {50, 75}
    assert all(one["data"]["case"]["id"] == case.pk and one["data"]["due_at"] for one in got)
    numbers = [one["data"]["sequence"] for one in sent(server)]
    assert numbers == sorted(set(numbers))
    assert Clock.objects.filter(subject_id=case.pk, metric="first_response", breached_at__isnull=False).exists()


def test_a_case_that_closes_itself_is_told_of(made: World, target: WebhookTarget, server: Receiver) -> None:
    listener(target.pk, made.service, events=["case.state_changed"])
    case = made.case()
    Case.objects.filter(pk=case.pk).update(state="resolved", resolved_at=timezone.now() - timedelta(days=8))
    assert close_resolved() == 1
    [one] = sent(server)
    assert (one["data"]["from"], one["data"]["to"], one["data"]["case"]["state"]) == ("resolved", "closed", "closed")


@pytest.mark.parametrize("sensitivity", ["confidential", "restricted"])
def test_of_protected_cases_nothing_goes_out(
    made: World, heard: CaseSubscription, server: Receiver, sensitivity: str
) -> None:
    lead = made.actor("service_lead")
    case = made.case("Hidden", by="service_lead", site_id=None, sensitivity=sensitivity)
    actions.set_state(actor=lead, ref=case.pk, verb="triage")
    actions.add_note(actor=lead, ref=case.pk, text="Hidden", shared=False)
    assert tick(now=timezone.now() + timedelta(days=20)).events
    Case.objects.filter(pk=case.pk).update(state="resolved", resolved_at=timezone.now() - timedelta(days=8))
    close_resolved()
    assert (sent(server), CaseSequence.objects.count()) == ([], 0)
    assert not OutboxRow.objects.filter(topic="case_event").exists()


def test_what_waits_is_dropped_when_the_case_becomes_protected(
    made: World, heard: CaseSubscription, server: Receiver
) -> None:
    case = made.case()
    lead = made.actor("service_lead")
    actions.set_sensitivity(actor=lead, ref=case.pk, sensitivity="confidential")
    assert sent(server) == []
    assert set(OutboxRow.objects.filter(topic="case_event").values_list("state", flat=True)) == {"sent"}, (
        "no failure tells"
    )
    actions.set_sensitivity(actor=lead, ref=case.pk, sensitivity="standard")
    assert sent(server) == [], "that it was protected is nobody's business either"


def test_nothing_goes_out_while_it_is_off(made: World, heard: CaseSubscription, server: Receiver) -> None:
    CaseSubscription.objects.update(is_on=False)
    made.case()
    assert sent(server) == []
    assert not OutboxRow.objects.filter(topic="case_event").exists()


@pytest.mark.parametrize("narrowed", ["event", "service", "off"])
def test_what_waits_is_dropped_when_the_subscription_is_narrowed(
    made: World, target: WebhookTarget, server: Receiver, narrowed: str
) -> None:
    heard = listener(target.pk, made.service, made.other_service, events=["case.created", "case.entry_added"])
    kept = made.case(service_id=made.other_service.pk)
    gone = made.case()
    actions.add_note(actor=made.actor("service_lead"), ref=gone.pk, text="Zq", shared=False)
    given: dict[str, Any] = {
        "on": narrowed != "off",
        "events": ["case.created"] if narrowed == "event" else heard.events,
        "service_ids": [made.other_service.pk] + [made.service.pk] * (narrowed != "service"),
    }
    admin = made.actor("administrator")
    actions.change_subscription(actor=admin, pk=heard.pk, **given)
    told = [(one["type"], one["data"]["case"]["id"]) for one in sent(server)]
    created = [("case.created", kept.pk), ("case.created", gone.pk)]
    assert told == {"event": created, "service": created[:1], "off": []}[narrowed]
    rows = OutboxRow.objects.filter(topic="case_event")
    assert set(rows.values_list("state", flat=True)) == {"sent"}, "no failure tells"


def test_what_waits_is_told_although_the_case_moved_to_another_service(
    made: World, heard: CaseSubscription, server: Receiver
) -> None:
    case = made.case()
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="triage")
    waiting = OutboxRow.objects.filter(topic="case_event").count()
    actions.change_service(actor=SYSTEM, ref=case.pk, service_id=made.other_service.pk)
    got = sent(server)
    assert [got[0]["type"], got[-1]["type"]] == ["case.created", "case.state_changed"]
    assert [one["data"]["sequence"] for one in got] == list(range(1, waiting + 1))
    assert {one["data"]["case"]["service"] for one in got} == {"social"}


def test_what_waits_of_a_case_that_moved_is_dropped_when_its_service_is_not_named_any_more(
    made: World, target: WebhookTarget, server: Receiver
) -> None:
    heard = listener(target.pk, made.service, made.other_service, events=["case.created"])
    case = made.case()
    actions.change_service(actor=SYSTEM, ref=case.pk, service_id=made.other_service.pk)
    given: dict[str, Any] = {"on": True, "events": heard.events, "service_ids": [made.other_service.pk]}
    actions.change_subscription(actor=made.actor("administrator"), pk=heard.pk, **given)
    assert sent(server) == []


def test_a_change_that_is_taken_back_is_not_told(made: World, heard: CaseSubscription, server: Receiver) -> None:
    with transaction.atomic():
        made.case()
        transaction.set_rollback(True)
    assert sent(server) == []


def test_a_message_of_a_channel_is_told_by_its_kind(made: World, heard: CaseSubscription, server: Receiver) -> None:
    bring(ChannelEndpointFactory(service=made.service), "Zq words", sender="zqmei")
    got = sent(server)
    assert [one["type"] for one in got if one["type"].startswith("case.")] == ["case.created", "case.entry_added"]
    assert not any("zq" in one.body.decode().lower() for one in server.got)


def test_refused_for_good_is_a_dead_letter_that_names_no_case(
    made: World, heard: CaseSubscription, server: Receiver
) -> None:
    server.answers = [Answer(410)] * 9
    case = made.case()
    outbox.dispatch()
    client = made.client("administrator")
    page = client.get("/inbox/failed/").content.decode()
    assert "answered 410" in page
    assert case.ref not in page
    shown = client.get(f"/case-events/{heard.pk}/").content.decode()
    assert "410" in shown
    assert 'href="/inbox/failed/"' in shown
