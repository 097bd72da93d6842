"""What a signed message becomes: a case, an entry of one, another case after one that has ended; each once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.models import Case, ChannelEndpoint, ChannelMessage, ChannelThread, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.notifications import tasks
from portal.notifications.models import Notification
from portal.webhooks.models import SeenMessage
from sla.models import Clock
from tests.escalations.pages_world import World, issue_tree, world
from tests.factories.channels import ChannelEndpointFactory, bring, knock, said, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def endpoint(made: World) -> ChannelEndpoint:
    return ChannelEndpointFactory(service=made.service)


def case_of(row: ChannelMessage) -> Case:
    assert row.entry is not None, row.last_error
    return Case.objects.get(pk=row.entry.case_id)


def words(case: Case) -> list[str]:
    rows = TimelineEntry.objects.filter(case=case, code="channel.in").order_by("at", "pk")
    return [row.body.text for row in rows]


def clocks(case: Case) -> dict[str, str]:
    rows = Clock.objects.filter(subject_kind="case", subject_id=case.pk, cycle=case.cycle)
    return dict(rows.values_list("metric", "state"))


@pytest.mark.parametrize("kind", ["chat", "social", "messaging"])
def test_a_message_begins_a_case(made: World, kind: str) -> None:
    lowest = issue_tree()
    endpoint = ChannelEndpointFactory(service=made.service, kind=kind, issue_type=lowest)
    row = bring(endpoint, "The door does not open\nPlease help")
    case = case_of(row)
    assert (case.channel, case.severity, case.state, case.raised_by_id) == (kind, 3, "new", None)
    assert (case.subject, case.issue_type_id, case.site_id) == ("The door does not open", lowest.pk, None)
    assert row.entry is not None
    assert (row.entry.kind, row.entry.direction, row.entry.channel, row.entry.is_internal) == (
        "contact",
        "in",
        kind,
        True,
    )
    assert words(case) == ["The door does not open\nPlease help"]
    assert clocks(case) == {"first_response": "running", "resolution": "running"}
    assert (row.state, row.sealed_body, row.sender) == ("done", "", "mei")
    assert row.reach == (1200 if kind == "social" else None)


def test_a_thread_goes_on_in_its_case_and_owes_a_reply(made: World, endpoint: ChannelEndpoint) -> None:
    case = case_of(bring(endpoint, "One"))
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="triage")
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="start")
    contact = {"channel": "chat", "direction": "out", "outcome": "sent", "text": "Hello"}
    actions.log_contact(actor=made.actor("associate"), ref=case.pk, **contact)
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="wait_customer")
    bring(endpoint, "Two", name="m-2")
    case.refresh_from_db()
    assert words(case) == ["One", "Two"]
    assert (case.state, clocks(case)["next_reply"]) == ("in_progress", "running")
    bring(endpoint, "Elsewhere", thread="t-2")
    assert Case.objects.count() == 2


def test_threads_of_other_endpoints_are_others(made: World, endpoint: ChannelEndpoint) -> None:
    other = ChannelEndpointFactory(service=made.other_service)
    assert case_of(bring(endpoint)).pk != case_of(bring(other)).pk


def test_under_one_post_everybody_has_a_thread_of_their_own(made: World) -> None:
    endpoint = ChannelEndpointFactory(service=made.service, kind="social")
    first = case_of(bring(endpoint, "Mine", sender="@mei"))
    assert case_of(bring(endpoint, "Mine too", sender="@eve", name="m-2")).pk != first.pk
    assert case_of(bring(endpoint, "Still", sender="@mei", name="m-3")).pk == first.pk


def test_a_merged_case_is_followed(made: World, endpoint: ChannelEndpoint) -> None:
    case, survivor = case_of(bring(endpoint)), made.case("The same")
    actions.merge(actor=made.actor("service_lead"), source=case.pk, target=survivor.ref, reason="The same")
    assert case_of(bring(endpoint, "More", name="m-2")).pk == survivor.pk


def test_a_resolved_case_is_open_again(endpoint: ChannelEndpoint) -> None:
    case = case_of(bring(endpoint))
    for verb in ("triage", "start", "resolve"):
        actions.set_state(actor=SYSTEM, ref=case.pk, verb=verb)
    bring(endpoint, "Not yet", name="m-2")
    case.refresh_from_db()
    assert (case.state, case.cycle, words(case)) == ("in_progress", 2, ["Hello", "Not yet"])


@pytest.mark.parametrize("sensitivity", ["standard", "confidential"])
def test_after_a_case_that_ended_long_ago_another_one_begins(endpoint: ChannelEndpoint, sensitivity: str) -> None:
    case = case_of(bring(endpoint))
    Case.objects.filter(pk=case.pk).update(
        state="closed",
        resolved_at=timezone.now() - timedelta(days=15),
        closed_at=timezone.now(),
        sensitivity=sensitivity,
    )
    follower = case_of(bring(endpoint, "Again", name="m-2"))
    assert (follower.pk != case.pk, follower.sensitivity) == (True, sensitivity)
    assert TimelineEntry.objects.get(case=follower, code="link.follows").params == {"case": case.pk}
    assert case_of(bring(endpoint, "And again", name="m-3")).pk == follower.pk
    assert ChannelThread.objects.get().case_id == follower.pk


def test_the_same_request_twice_is_one_entry(endpoint: ChannelEndpoint) -> None:
    for _time in range(2):
        answer = knock(endpoint, request_id="msg-1")
        assert (answer.status_code, answer.json()) == (202, {"id": "msg-1", "status": "accepted"})
        take()
    assert (ChannelMessage.objects.count(), TimelineEntry.objects.filter(code="channel.in").count()) == (1, 1)


def test_the_same_words_under_another_signature_are_one_entry(endpoint: ChannelEndpoint) -> None:
    bring(endpoint)
    again = bring(endpoint)
    assert (again.state, again.entry, again.sender) == ("done", None, "")
    SeenMessage.objects.all().delete()  # as after three days
    assert knock(endpoint, request_id=again.message_id).status_code == 202
    take()
    assert TimelineEntry.objects.filter(code="channel.in").count() == 1


def test_a_site_reads_no_word_of_the_customer(made: World) -> None:
    endpoint = ChannelEndpointFactory(service=made.service, site=made.site, name="Guest chat")
    case = case_of(bring(endpoint, "My name is Mei"))
    assert (case.site_id, case.subject) == (made.site.pk, "Guest chat")
    page = made.client("lead").get(f"/cases/{case.ref}/").content.decode()
    assert "Guest chat" in page
    assert "My name is" not in page


def test_the_page_of_the_case_names_who_wrote_and_where(made: World) -> None:
    endpoint = ChannelEndpointFactory(service=made.service, kind="social")
    case = case_of(bring(endpoint, "Shame on you", sender="@mei"))
    page = made.client("associate").get(f"/cases/{case.ref}/").content.decode()
    assert "@mei" in page
    assert 'href="https://social.test/p/1"' in page
    assert "reaches 1200 people" in page


def test_removing_the_words_forgets_who_said_them(made: World, endpoint: ChannelEndpoint) -> None:
    row = bring(endpoint, "My number is 4", sender="mei")
    assert row.entry is not None
    actions.redact_entry(actor=made.actor("service_lead"), ref=row.entry.case_id, entry_id=row.entry.pk)
    row.refresh_from_db()
    assert (row.sender, row.link, row.reach, row.sealed_body) == ("", "", None, "")


def test_whoever_works_the_case_hears_of_it(made: World, endpoint: ChannelEndpoint) -> None:
    case = case_of(bring(endpoint))
    actions.assign(actor=made.actor("service_lead"), ref=case.pk, owner_id=made.users["associate"].pk)
    bring(endpoint, "More", name="m-2")
    tasks.fan_out()
    told = Notification.objects.get(kind="case.channel_in")
    assert (told.recipient, told.subject_ids) == (made.users["associate"], [case.pk])


def test_a_flood_waits_for_an_administrator(endpoint: ChannelEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escalations.actions.channels_in.MOST_NEW", 2)
    rows = [bring(endpoint, thread=f"t-{n}", name=f"m-{n}") for n in range(3)]
    assert [row.state for row in rows] == ["done", "done", "failed"]
    assert rows[2].last_error == "flood"
    assert bring(endpoint, "Threads go on", thread="t-0", name="m-9").state == "done"


def test_an_archived_service_begins_no_case(endpoint: ChannelEndpoint) -> None:
    endpoint.service.archived_at = timezone.now()
    endpoint.service.save()
    assert (bring(endpoint).state, Case.objects.count()) == ("failed", 0)


def test_more_than_it_takes_in_a_minute_is_put_off(endpoint: ChannelEndpoint, settings: Settings) -> None:
    settings.CHANNEL_REQUESTS_PER_MINUTE = 2
    answers: list[Any] = [knock(endpoint, said(name=f"m-{n}"), request_id=f"msg-{n}") for n in range(6)]
    late = [one for one in answers if one.status_code == 429]
    assert late
    assert int(late[0]["Retry-After"]) >= 1
    assert ChannelMessage.objects.count() == SeenMessage.objects.count() == 6 - len(late), "nothing of them is kept"
