"""What the database itself refuses about channels and events of cases."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from escalations.models import CaseSubscription, ChannelEndpoint, ChannelMessage, ChannelThread
from tests.factories.channels import ChannelEndpointFactory, bring
from tests.factories.webhooks import WebhookTargetFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> ChannelMessage:
    return bring(ChannelEndpointFactory())


def refused(name: str, statement: str, *values: Any) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    ("change", "name"),
    [("kind = 'email'", "channel_kind_known"), ("name = ''", "channel_whole"), ("key = 'short'", "channel_whole"),
     ("sealed_secret = ''", "channel_whole")],
)  # fmt: skip
def test_an_endpoint_is_whole(change: str, name: str) -> None:
    refused(name, f"UPDATE escalations_channelendpoint SET {change} WHERE id = %s", ChannelEndpointFactory().pk)


def test_names_and_keys_are_there_once() -> None:
    one, two = ChannelEndpointFactory(), ChannelEndpointFactory()
    for column in ("name", "key"):
        statement = f"UPDATE escalations_channelendpoint SET {column} = %s WHERE id = %s"
        refused(f"channel_{column}_once", statement, getattr(one, column), two.pk)


@pytest.mark.parametrize(
    ("change", "name"),
    [("state = 'lost', sealed_body = 'x', handled_at = NULL, entry_id = NULL", "channel_message_state_known"), ("message_id = ''", "channel_message_named"),
     ("sealed_body = 'words'", "channel_body_until_done"), ("state = 'put_away', handled_at = NULL", "channel_entry_whole"),
     ("handled_at = NULL", "channel_done_has_instant"), ("thread = ''", "channel_entry_whole"),
     ("state = 'new', entry_id = NULL, handled_at = NULL", "channel_body_until_done")],
)  # fmt: skip
def test_a_message_is_whole(message: ChannelMessage, change: str, name: str) -> None:
    refused(name, f"UPDATE escalations_channelmessage SET {change} WHERE id = %s", message.pk)


def test_a_message_is_there_once_by_its_id_and_by_its_words(message: ChannelMessage) -> None:
    other = bring(message.endpoint, "More", name="m-2")
    table = "UPDATE escalations_channelmessage SET"
    refused("channel_message_once", f"{table} message_id = %s WHERE id = %s", message.message_id, other.pk)
    refused("channel_words_once", f"{table} name = %s WHERE id = %s", message.name, other.pk)
    refused("entry_id", f"{table} entry_id = %s WHERE id = %s", message.entry_id, other.pk)


def test_a_thread_goes_on_in_one_case(message: ChannelMessage) -> None:
    thread = ChannelThread.objects.get()
    columns = "INSERT INTO escalations_channelthread (endpoint_id, digest, case_id) VALUES (%s, %s, %s)"
    refused("channel_thread_once", columns, thread.endpoint_id, thread.digest, thread.case_id)


@pytest.mark.parametrize("events", ["{}", "{case.deleted}", "{case.created,anything}"])
def test_a_subscription_names_events_that_there_are(events: str) -> None:
    row = CaseSubscription.objects.create(target=WebhookTargetFactory(), events=["case.created"])
    statement = "UPDATE escalations_casesubscription SET events = %s WHERE id = %s"
    refused("subscription_events_known", statement, events, row.pk)


def test_a_number_is_counted_on_in_one_place(message: ChannelMessage) -> None:
    row = CaseSubscription.objects.create(target=WebhookTargetFactory(), events=["case.created"])
    statement = "INSERT INTO escalations_casesequence (subscription_id, case_id, last) VALUES (%s, %s, 1)"
    case = ChannelThread.objects.get().case_id
    with connection.cursor() as cursor:
        cursor.execute(statement, [row.pk, case])
    refused("pkey", statement, row.pk, case)


def test_an_endpoint_with_messages_stays(message: ChannelMessage) -> None:
    with pytest.raises(ProtectedError):
        ChannelEndpoint.objects.all().delete()
