"""The pages of channels and of events of cases: what administrators do there, and what is said of bad input."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalations.models import CaseSubscription, ChannelEndpoint, ChannelMessage
from portal.audit.models import AuditEntry
from portal.webhooks.signing import key_of
from tests.escalations.pages_world import World, issue_tree, world
from tests.factories.channels import ChannelEndpointFactory, bring, knock, listener, take
from tests.factories.webhooks import WebhookTargetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return world()


@pytest.fixture
def admin(made: World) -> Client:
    return made.client("administrator")


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def secret_in(answer: Any) -> str:
    found = re.search(r'id="secret-value">(whsec_[^<]+)<', answer.content.decode())
    return found[1] if found else ""


def test_from_making_an_endpoint_to_its_first_case(made: World, admin: Client) -> None:
    lowest = issue_tree()
    form = {"service": made.service.pk, "kind": "chat", "name": "Guest chat", "site": "", "issue_type": lowest.pk}
    answer = admin.post("/channels/new/", form)
    secret, row = secret_in(answer), ChannelEndpoint.objects.get()
    assert len(key_of(secret)) == 32
    assert f"http://testserver/hooks/in/{row.key}/" in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert secret not in row.sealed_secret
    assert knock(row, secret=secret).status_code == 202
    take()
    page = text(admin.get(f"/channels/{row.pk}/"))
    assert "whsec_" not in page
    assert "Make a new one if it is lost" in page
    listed = text(admin.get("/channels/"))
    assert "Guest chat" in listed
    assert made.service.name in listed
    assert ChannelMessage.objects.get().entry is not None
    trail = AuditEntry.objects.filter(verb__startswith="channel.")
    assert [one.verb for one in trail] == ["channel.created"]
    assert secret not in str([one.changes for one in trail])


def test_turning_secrets_over(made: World, admin: Client) -> None:
    row = ChannelEndpointFactory(service=made.service)
    first = row.secrets()[0]
    second = secret_in(admin.post(f"/channels/{row.pk}/secret/"))
    assert second not in ("", first)
    assert "Two secrets count" in text(admin.get(f"/channels/{row.pk}/"))
    admin.post(f"/channels/{row.pk}/secret/", {"end": "1"})
    row.refresh_from_db()
    assert row.secrets() == [second]
    assert "Two secrets count" not in text(admin.get(f"/channels/{row.pk}/"))


def test_switching_off_and_on(made: World, admin: Client) -> None:
    row = ChannelEndpointFactory(service=made.service)
    admin.post(f"/channels/{row.pk}/switch/", {"on": "0"})
    assert knock(row).status_code == 401
    assert "Switch on" in text(admin.get(f"/channels/{row.pk}/"))
    admin.post(f"/channels/{row.pk}/switch/", {"on": "1"})
    assert knock(row).status_code == 202


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("name", "", "This field is required"), ("name", "Taken", "This name is taken"), ("name", "a\0b", "Null characters"),
     ("name", "x" * 101, "at most 100 characters"), ("kind", "email", "Select a valid choice"), ("service", "999999", "Select a valid"),
     ("service", "", "This field is required"), ("site", "x", "Select a valid choice"), ("issue_type", "7" * 40, "Select a valid")],
)  # fmt: skip
def test_bad_input_is_named_at_its_field(made: World, admin: Client, field: str, value: str, said: str) -> None:
    ChannelEndpointFactory(service=made.service, name="Taken")
    form = {"service": str(made.service.pk), "kind": "chat", "name": "Fine", "site": "", "issue_type": "", field: value}
    answer = admin.post("/channels/new/", form)
    assert answer.status_code == 422
    assert said in text(answer)
    assert ChannelEndpoint.objects.count() == 1


def test_of_two_who_change_at_once_the_second_is_told(made: World, admin: Client) -> None:
    row = ChannelEndpointFactory(service=made.service)
    form = {"version": row.version, "name": "First", "site": made.site.pk, "issue_type": ""}
    assert admin.post(f"/channels/{row.pk}/change/", form).status_code == 302
    answer = admin.post(f"/channels/{row.pk}/change/", {**form, "name": "Second"})
    row.refresh_from_db()
    assert (answer.status_code, row.name, row.site_id) == (422, "First", made.site.pk)


def test_a_message_in_trouble_says_why_and_shows_no_words(made: World, admin: Client) -> None:
    row = ChannelEndpointFactory(service=made.service, name="Guest chat")
    knock(row, {"conversation": {"id": "zqthread"}, "message": {"id": "zqname", "from": "zqmei", "text": ["zqwords"]}})
    message = ChannelMessage.objects.get()
    page = text(admin.get("/channels/messages/"))
    assert "message.text is of another type." in page
    assert "list (1)" in page
    assert "zq" not in page
    assert 'href="/channels/messages/"' in text(admin.get("/channels/"))
    again = admin.post(f"/channels/messages/{message.pk}/retry/", follow=True)
    assert "still not understood" in text(again)
    away = admin.post(f"/channels/messages/{message.pk}/put-away/", follow=True)
    assert "No message is in trouble" in text(away)
    assert admin.post(f"/channels/messages/{message.pk}/retry/").status_code == 404


def test_what_failed_is_taken_when_the_reason_is_gone(made: World, admin: Client) -> None:
    row = ChannelEndpointFactory(service=made.service)
    made.service.archived_at = "2026-01-01T00:00:00Z"
    made.service.save()
    message = bring(row)
    assert "The service is archived." in text(admin.get("/channels/messages/"))
    made.service.archived_at = None
    made.service.save()
    assert "taken within seconds" in text(admin.post(f"/channels/messages/{message.pk}/retry/", follow=True))
    take()
    message.refresh_from_db()
    assert (message.state, message.entry is not None) == ("done", True)


def test_pages_in_chinese(made: World, admin: Client) -> None:
    made.users["administrator"].language = "zh-hans"
    made.users["administrator"].save()
    row = ChannelEndpointFactory(service=made.service)
    knock(row, {})
    for url in (
        "/channels/",
        "/channels/new/",
        f"/channels/{row.pk}/",
        "/channels/messages/",
        "/case-events/",
        "/case-events/new/",
    ):
        assert admin.get(url).status_code == 200, url


def test_from_naming_a_receiver_to_what_it_hears(made: World, admin: Client) -> None:
    assert "There is no webhook yet" in text(admin.get("/case-events/new/"))
    target = WebhookTargetFactory(name="Warehouse")
    form = {"target": target.pk, "services": [made.service.pk], "events": ["case.created", "clock.breached"]}
    answer = admin.post("/case-events/new/", form, follow=True)
    assert "Warehouse" in text(answer)
    assert "Clock breached" in text(answer)
    made.case()
    assert re.search(r"Waiting</dt><dd>1<", text(admin.get(f"/case-events/{CaseSubscription.objects.get().pk}/")))
    assert "Warehouse" in text(admin.get("/case-events/"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("target", ""), ("target", "999999"), ("services", []), ("services", ["999999"]), ("services", ["x"]), ("events", []),
     ("events", ["case.deleted"]), ("events", ["case.created\0"])],
)  # fmt: skip
def test_a_subscription_names_what_there_is(made: World, admin: Client, field: str, value: Any) -> None:
    good = {"target": WebhookTargetFactory().pk, "services": [made.service.pk], "events": ["case.created"]}
    answer = admin.post("/case-events/new/", {**good, field: value})
    assert (answer.status_code, CaseSubscription.objects.count()) == (422, 0)
    assert 'aria-invalid="true"' in text(answer)


def test_a_subscription_is_changed_and_turned_off(made: World, admin: Client) -> None:
    row = listener(WebhookTargetFactory().pk, made.service)
    form = {"version": row.version, "services": [made.other_service.pk], "events": ["case.created"]}
    assert admin.post(f"/case-events/{row.pk}/change/", form).status_code == 302
    row.refresh_from_db()
    assert (row.is_on, row.events, [one.pk for one in row.services.all()]) == (
        False,
        ["case.created"],
        [made.other_service.pk],
    )
    assert admin.post(f"/case-events/{row.pk}/change/", form).status_code == 422, "the version is an old one"
    assert AuditEntry.objects.filter(verb="case_events.changed").count() == 1
    page = text(admin.get("/audit/"))
    assert "Changed what a webhook hears of cases" in page


def test_lists_cost_the_same_whatever_their_length(made: World, admin: Client) -> None:
    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            admin.get(url)
        return len(captured)

    for _one in range(2):
        knock(ChannelEndpointFactory(service=made.service), {})
        listener(WebhookTargetFactory().pk, made.service)
    urls = ("/channels/", "/channels/messages/", "/case-events/")
    few = [cost(url) for url in urls]
    for _one in range(5):
        knock(ChannelEndpointFactory(service=made.other_service), {})
        listener(WebhookTargetFactory().pk, made.service, made.other_service)
    assert [cost(url) for url in urls] == few
