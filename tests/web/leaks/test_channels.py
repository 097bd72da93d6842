"""Messages of channels are seen with their case and nowhere else, and no system outside hears of a protected case."""

import json
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from escalations import actions
from escalations.models import Case, CaseSubscription, ChannelEndpoint, ChannelMessage
from portal.accounts.rules import SYSTEM
from portal.notifications import tasks
from portal.notifications.models import Notification, OutboxRow
from tests.factories.channels import ChannelEndpointFactory, bring, knock, listener
from tests.factories.webhooks import WebhookTargetFactory
from tests.web.hidden import Secrets
from tests.web.leaks.seeing import pages, text_of
from tests.webhooks.receiver import Receiver, running

pytestmark = pytest.mark.django_db
WORD, SENDER, POST = "zqchannelwordsxw", "zqhandlexw", "zqpostxw"
SECRETS = (WORD, SENDER, POST)


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_ALLOW_PRIVATE = True
    with running() as receiver:
        yield receiver


@pytest.fixture
def heard(found: Secrets, server: Receiver) -> CaseSubscription:
    world = found.made.world
    return listener(WebhookTargetFactory(url=server.url).pk, world.service, world.other_service)


@pytest.fixture
def endpoint(found: Secrets) -> ChannelEndpoint:
    return ChannelEndpointFactory(service=found.made.world.service, kind="social")


@pytest.fixture(params=["confidential", "restricted"])
def written(found: Secrets, endpoint: ChannelEndpoint, request: pytest.FixtureRequest) -> Case:
    """A case that a mention began, sensitive by now, and a message on it that was not understood."""
    world = found.made.world
    row = bring(endpoint, WORD, sender=SENDER, thread=POST)
    assert row.entry is not None
    lead, case = world.actor("service_lead"), Case.objects.get(pk=row.entry.case_id)
    actions.assign(actor=lead, ref=case.pk, owner_id=world.users["service_lead"].pk)
    actions.set_sensitivity(actor=lead, ref=case.pk, sensitivity=request.param)
    bring(endpoint, f"{WORD} again", sender=SENDER, thread=POST, name="m-2")
    knock(endpoint, {"post": {"id": POST, "permalink": POST}, "mention": {"id": WORD, "from": SENDER, "text": WORD}})
    case.refresh_from_db()
    return case


def test_no_page_shows_it_to_those_who_do_not_see_the_case(found: Secrets, written: Case) -> None:
    wrong = []
    for url in pages(found):
        for who in ("administrator", "coordinator"):
            page = text_of(found.clients[who], url)
            wrong += [
                (who, url, word) for word in (*SECRETS, written.ref) if word in page and not url.startswith("/audit/")
            ]
    assert wrong == []
    assert SENDER in text_of(found.clients["service_lead"], f"/cases/{written.ref}/")


def test_the_page_of_messages_in_trouble_tells_no_words(found: Secrets, written: Case) -> None:
    page = text_of(found.clients["administrator"], "/channels/messages/")
    assert "post.permalink" in page
    assert not any(word in page for word in (*SECRETS, written.ref))


def test_nobody_hears_of_it_who_does_not_see_the_case(found: Secrets, written: Case) -> None:
    tasks.fan_out()
    told = Notification.objects.filter(kind="case.channel_in", subject_ids__contains=[written.pk])
    assert set(told.values_list("recipient__name", flat=True)) == {"Service Lead"}


def test_outside_a_thread_of_a_protected_case_looks_like_any_other(
    found: Secrets, endpoint: ChannelEndpoint, written: Case
) -> None:
    known = knock(
        endpoint,
        {"post": {"id": POST, "permalink": "https://a.test/"}, "mention": {"id": "1", "from": SENDER, "text": "?"}},
    )
    new = knock(
        endpoint,
        {"post": {"id": "new", "permalink": "https://a.test/"}, "mention": {"id": "1", "from": SENDER, "text": "?"}},
    )
    shown = [{**json.loads(one.content), "id": ""} for one in (known, new)]
    assert shown[0] == shown[1]
    assert known.status_code == new.status_code == 202


@pytest.mark.parametrize("key", ["confidential", "restricted", "others"])
def test_no_system_outside_hears_of_a_protected_case(
    found: Secrets, heard: CaseSubscription, server: Receiver, key: str
) -> None:
    case = Case.objects.get(pk=found.cases[key].pk)
    assert case.sensitivity != "standard"
    actions.add_note(actor=SYSTEM, ref=case.pk, text="More", shared=False)
    actions.set_state(actor=SYSTEM, ref=case.pk, verb="reject", reject_reason="spam")
    standard = found.cases["standard"].pk
    actions.add_note(actor=SYSTEM, ref=standard, text="More", shared=False)
    tasks.dispatch()
    got = [json.loads(one.body)["data"]["case"]["id"] for one in server.got]
    assert got == [standard]
    queued = OutboxRow.objects.filter(topic="case_event", payload__subscription=heard.pk)
    assert not queued.filter(payload__case=case.pk).exists()


def test_what_waits_for_a_case_that_becomes_protected_goes_nowhere_and_fails_nowhere(
    found: Secrets, heard: CaseSubscription, server: Receiver
) -> None:
    pk, lead = found.cases["standard"].pk, found.made.world.actor("service_lead")
    actions.add_note(actor=lead, ref=pk, text="More", shared=False)
    actions.set_sensitivity(actor=lead, ref=pk, sensitivity="confidential")
    tasks.dispatch()
    assert server.got == []
    for url in ("/inbox/failed/", f"/case-events/{heard.pk}/", "/case-events/", f"/webhooks/{heard.target_id}/"):
        assert f"EC-{pk}" not in text_of(found.clients["administrator"], url)


def test_messages_of_protected_cases_keep_nothing_beside_their_entry(written: Case) -> None:
    rows = ChannelMessage.objects.filter(entry__case=written)
    assert {row.sealed_body for row in rows} == {""}
    assert not any(POST in (row.thread + row.name) for row in rows)
