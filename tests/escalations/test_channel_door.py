"""The door of channels: forged, replayed, stale, garbled and enormous requests are refused, and nothing of them is kept."""

import json
import time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from escalations import actions
from escalations.actions.channels_in import body_of
from escalations.models import Case, ChannelEndpoint, ChannelMessage
from portal.accounts.queries import actor_for
from portal.sealing import seal
from portal.webhooks.models import SeenMessage
from portal.webhooks.signing import headers_for, new_secret
from tests.factories.accounts import administrator
from tests.factories.channels import ChannelEndpointFactory, knock, said, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(db: None) -> ChannelEndpoint:
    return ChannelEndpointFactory()


def nothing_kept() -> bool:
    return not (ChannelMessage.objects.exists() or SeenMessage.objects.exists() or Case.objects.exists())


def same(answer: Any) -> tuple[Any, ...]:
    """An answer without what differs from one request to the next."""
    body = json.loads(answer.content)
    body.pop("request_id", None)
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in ("x-request-id", "expires")}
    return answer.status_code, body, headers


def test_forged_stale_early_and_unknown_look_alike_and_leave_nothing(endpoint: ChannelEndpoint) -> None:
    now = time.time()
    off = ChannelEndpointFactory(is_on=False)
    answers = [
        knock(endpoint, secret=new_secret()),
        knock(endpoint, at=now - 301),
        knock(endpoint, at=now + 400),
        knock(endpoint, key="k" * 43),
        knock(endpoint, key="没有"),
        knock(off),
        knock(endpoint, **{"webhook-signature": ""}),
        knock(endpoint, **{"webhook-id": "é\x01"}),
        knock(endpoint, **{"webhook-timestamp": "9" * 400}),
    ]
    assert {one.status_code for one in answers} == {401}
    assert all(same(one) == same(answers[0]) for one in answers)
    assert nothing_kept()
    endpoint.refresh_from_db()
    assert (endpoint.refused, endpoint.refused_why, endpoint.refused_at is not None) == (6, "malformed", True)


def test_a_body_that_was_changed_is_forged(endpoint: ChannelEndpoint) -> None:
    signed = headers_for(endpoint.secrets()[0], "msg-1", int(time.time()), b'{"a": 1}')
    answer = Client().post(f"/hooks/in/{endpoint.key}/", b'{"a": 2}', content_type="application/json", headers=signed)
    assert (answer.status_code, nothing_kept()) == (401, True)


def test_an_id_that_cannot_be_seen_is_refused_though_signed(endpoint: ChannelEndpoint) -> None:
    assert knock(endpoint, request_id="msg\x7f1").status_code == 401
    assert nothing_kept()


def test_refusals_are_counted_and_logged_now_and_then(endpoint: ChannelEndpoint, caplog: Any) -> None:
    for _time in range(15):
        knock(endpoint, secret=new_secret())
    endpoint.refresh_from_db()
    assert 10 <= endpoint.refused <= 20
    assert 10 <= sum("was refused: forged" in line for line in caplog.messages) <= 20


def test_guessing_from_one_address_ends(endpoint: ChannelEndpoint, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    answers = [knock(endpoint, key=f"guess-{n}") for n in range(9)]
    assert {one.status_code for one in answers} == {401, 429}
    assert knock(endpoint).status_code == 202, "who signs is not held up by it"


def test_during_a_rotation_two_secrets_count_and_then_one(endpoint: ChannelEndpoint) -> None:
    actor, first = actor_for(administrator()), endpoint.secrets()[0]
    second = actions.renew_channel_secret(actor=actor, pk=endpoint.pk)
    assert [knock(endpoint, secret=one).status_code for one in (first, second)] == [202, 202]
    actions.end_former_secret(actor=actor, pk=endpoint.pk)
    assert [knock(endpoint, secret=one).status_code for one in (first, second)] == [401, 202]
    third = actions.renew_channel_secret(actor=actor, pk=endpoint.pk)
    actions.renew_channel_secret(actor=actor, pk=endpoint.pk)
    assert [knock(endpoint, secret=one).status_code for one in (second, third)] == [401, 202], "two at the most"


def test_a_secret_under_a_key_that_is_gone_asks_to_come_again(endpoint: ChannelEndpoint) -> None:
    signed = headers_for(endpoint.secrets()[0], "msg-1", int(time.time()), b"{}")
    ChannelEndpoint.objects.update(sealed_secret="gAAAA-of-another-key")
    answer = Client().post(f"/hooks/in/{endpoint.key}/", b"{}", content_type="application/json", headers=signed)
    assert (answer.status_code, answer["Retry-After"], nothing_kept()) == (503, "300", True)


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post(endpoint: ChannelEndpoint, method: str) -> None:
    answer = getattr(Client(), method)(f"/hooks/in/{endpoint.key}/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("kind", "status"),
    [("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415), ("", 415),
     ("application/json; charset=utf-16", 415), ("application/json; charset=UTF-8", 202)],
)  # fmt: skip
def test_only_json_in_utf_8(endpoint: ChannelEndpoint, kind: str, status: int) -> None:
    assert knock(endpoint, content_type=kind).status_code == status


def test_too_large_is_refused_before_it_is_read(endpoint: ChannelEndpoint) -> None:
    assert knock(endpoint, body=b" " * (256 * 1024 + 1)).status_code == 413
    assert nothing_kept()


def test_cookies_and_sessions_play_no_part(endpoint: ChannelEndpoint) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator())
    assert knock(endpoint, client=client).status_code == 202
    assert knock(endpoint, client=client, secret=new_secret()).status_code == 401
    assert not knock(endpoint).cookies


NESTED = b'{"a":' * 6000 + b"1" + b"}" * 6000
PAYLOADS = {
    b"": "json",
    b"[]": "object",
    b"null": "object",
    b'"text"': "object",
    b"{": "json",
    b'{"conversation": NaN}': "json",
    b'{"a": 1, "a": 2}': "json",
    "{}".encode("utf-16"): "json",
    b"\xff\xfe{}": "json",
    b"\xef\xbb\xbf{}": "json",
    b'{"n": ' + b"9" * 5000 + b"}": "json",
    b"[" * 100_000: "json",
    b'{"a":' * 30 + b"1" + b"}" * 30: "deep",
    b"{}": "missing conversation",
    b'{"conversation": 1}': "type conversation",
    b'{"conversation": {"id": "a\\u0000"}}': "unseen conversation.id",
    b'{"conversation": {"id": "\\ud800"}}': "unseen conversation.id",
    b'{"conversation": {"id": " "}}': "empty conversation.id",
    b'{"conversation": {"id": "a"}, "message": {}}': "missing message.id",
}


@pytest.mark.parametrize("body", PAYLOADS, ids=lambda body: body[:24].decode(errors="replace"))
def test_what_is_signed_and_not_understood_is_kept_with_the_reason(endpoint: ChannelEndpoint, body: bytes) -> None:
    answer = knock(endpoint, body=body, request_id="msg-1")
    assert (answer.status_code, answer.json()) == (202, {"id": "msg-1", "status": "kept", "reason": PAYLOADS[body]})
    assert knock(endpoint, body=body, request_id="msg-1").json() == answer.json()
    take()
    row = ChannelMessage.objects.get()
    assert (row.state, row.last_error, body_of(row)) == ("unparsed", PAYLOADS[body], body)
    assert body.decode("latin-1") not in row.sealed_body or len(body) < 3
    assert not Case.objects.exists()


def test_endless_nesting_is_kept_too(endpoint: ChannelEndpoint) -> None:
    assert knock(endpoint, body=NESTED).json()["reason"] in ("json", "deep")


def test_what_cannot_be_kept_is_left_out_of_the_words(endpoint: ChannelEndpoint) -> None:
    body = json.dumps(said(text="a\x00b\ud83dc\r\nd\x1b")).encode()
    assert knock(endpoint, body=body).json()["status"] == "accepted"
    take()
    assert Case.objects.get().subject == "ab\ufffdc"


@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
            max_leaves=12,
        ).map(lambda found: json.dumps(found).encode()),
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_signed_body_is_an_error_of_ours(endpoint: ChannelEndpoint, body: bytes) -> None:
    assert knock(endpoint, body=body).status_code in (202, 429)


@given(name=st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), value=st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_header_is_an_error_of_ours(endpoint: ChannelEndpoint, name: str, value: str) -> None:
    before = ChannelMessage.objects.count()
    assert knock(endpoint, **{name: value.encode("utf-8", "replace").decode("latin-1")}).status_code in (401, 429)
    assert ChannelMessage.objects.count() == before


def test_a_message_in_trouble_is_read_again(endpoint: ChannelEndpoint) -> None:
    knock(endpoint, body=b"{}")
    row, actor = ChannelMessage.objects.get(), actor_for(administrator())
    assert actions.retry_channel_message(actor=actor, pk=row.pk).state == "unparsed"
    import base64

    good = base64.b64encode(json.dumps(said()).encode()).decode()
    ChannelMessage.objects.update(sealed_body=seal(good))  # as after the format learned more
    assert actions.retry_channel_message(actor=actor, pk=row.pk).state == "new"
    take()
    row.refresh_from_db()
    assert (row.state, row.sealed_body, Case.objects.count()) == ("done", "", 1)


def test_what_is_not_understood_any_more_is_in_trouble(endpoint: ChannelEndpoint) -> None:
    knock(endpoint)
    ChannelEndpoint.objects.update(kind="social")
    take()
    row = ChannelMessage.objects.get()
    assert (row.state, row.last_error, body_of(row) != b"") == ("failed", "missing post", True)


def test_what_is_put_away_is_forgotten(endpoint: ChannelEndpoint) -> None:
    knock(endpoint, body=b'{"conversation": "words"}')
    row = ChannelMessage.objects.get()
    actions.put_channel_message_away(actor=actor_for(administrator()), pk=row.pk)
    row.refresh_from_db()
    assert (row.state, row.sealed_body, row.received_at <= timezone.now()) == ("put_away", "", True)
