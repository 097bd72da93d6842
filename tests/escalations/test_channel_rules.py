"""The formats of channels: pure functions from a payload to a message."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalations.choices.hooks import Unclear
from escalations.rules.channels import (
    ADAPTERS,
    MAX_NAME,
    MAX_WORDS,
    NormalMessage,
    NotUnderstoodError,
    digest,
    outline,
    understood,
)
from tests.factories.channels import said

KINDS = sorted(ADAPTERS)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELD = st.sampled_from(["conversation", "thread", "post", "mention", "message"])
PART = st.dictionaries(
    st.sampled_from(["id", "from", "text", "sent_at", "subject", "permalink", "reach"]), ANYTHING, max_size=7
)


def test_a_chat() -> None:
    payload = said("chat", "Hello", sent_at="2026-11-22T09:30:00+08:00")
    payload["conversation"]["subject"] = "Door"
    at = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert understood("chat", payload) == NormalMessage("t-1", "m-1", "mei", "Hello", at, subject="Door")


def test_a_mention() -> None:
    found = understood("social", said("social", "Shame"))
    assert (found.thread, found.link, found.reach) == ("t-1\nmei", "https://social.test/p/1", 1200)


def test_a_message() -> None:
    assert understood("messaging", {**said("messaging"), "more": [1]}).thread == "t-1"


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [("id", None, "missing message.id"), ("id", 7, "type message.id"), ("id", "a\nb", "unseen message.id"),
     ("from", "x" * (MAX_NAME + 1), "long message.from"), ("text", " \x00 ", "empty message.text"),
     ("text", "x" * (MAX_WORDS + 1), "long message.text"), ("text", ["a"], "type message.text"),
     ("sent_at", "yesterday", "time message.sent_at"), ("sent_at", "2026-02-30T00:00:00Z", "time message.sent_at"),
     ("sent_at", "2026-11-22T09:30:00", "time message.sent_at"), ("sent_at", "0001-01-01T00:00:00+14:00", "time message.sent_at"),
     ("sent_at", 1763800000, "type message.sent_at")],
)  # fmt: skip
def test_what_does_not_fit_is_named(field: str, value: Any, why: str) -> None:
    payload = said()
    payload["message"][field] = value
    with pytest.raises(NotUnderstoodError) as refused:
        understood("chat", payload)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [("permalink", "javascript:alert(1)", "link"), ("permalink", "https://a b", "link"), ("permalink", None, "missing"),
     ("permalink", "https://" + "x" * 600, "long"), ("reach", -1, "number"), ("reach", True, "number"), ("reach", 10**16, "number"),
     ("reach", "7", "number"), ("reach", 1.5, "number")],
)  # fmt: skip
def test_a_post_that_does_not_fit(field: str, value: Any, why: str) -> None:
    payload = said("social")
    payload["post"][field] = value
    with pytest.raises(NotUnderstoodError) as refused:
        understood("social", payload)
    assert str(refused.value) == f"{why} post.{field}"


def read(kind: str, payload: object) -> NormalMessage | NotUnderstoodError:
    """The message, or why there is none."""
    try:
        return understood(kind, payload)
    except NotUnderstoodError as error:
        return error


def can_be_kept(text: str) -> bool:
    return "\0" not in text and text.encode("utf-8", "replace").decode() == text


@given(kind=st.sampled_from(KINDS), payload=st.dictionaries(FIELD, PART | ANYTHING, max_size=5) | ANYTHING)
def test_any_payload_is_a_message_that_can_be_kept_or_refused_with_a_known_reason(kind: str, payload: Any) -> None:
    found = read(kind, payload)
    if isinstance(found, NotUnderstoodError):
        label = str(Unclear(found.code).label)
        assert ("%(field)s" in label) == bool(found.field)
    else:
        assert found.words.strip()
        texts = (found.thread, found.name, found.sender, found.words, found.subject, found.link)
        assert all(can_be_kept(one) for one in texts)
        assert len(digest(found.thread)) == len(digest(found.name)) == 64


UNKEPT = {chr(code) for code in [*range(32), 127]} - set("\t\n\r")


@given(kind=st.sampled_from(KINDS), text=st.text(min_size=1, max_size=200))
def test_words_come_through_whole(kind: str, text: str) -> None:
    kept = "".join(char for char in text if char not in UNKEPT).strip()
    found = read(kind, said(kind, text))
    assert (str(found).partition(" ")[0] == "empty") if not kept else getattr(found, "words", "") == kept


@given(payload=ANYTHING)
def test_an_outline_shows_no_values(payload: Any) -> None:
    secret = {"message": {"text": "zqsecret", "zq secret key": payload, "list": ["zqsecret"]}, "n": 4711}
    shown = list(outline(secret))
    assert ("message.text", "text (8)") in shown
    assert not any("zqsecret" in path + sort or "4711" in sort for path, sort in shown)
    assert not any(" secret" in path for path, _sort in shown)
