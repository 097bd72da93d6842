"""The hash of a pack: the same for the same content however it was kept, another for any other."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviews.blocks import Note, Text, frozen
from reviews.rules.hashing import Acknowledged, Said, canonical, content_hash, published_hash

AT = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
DATA: dict[str, Any] = {"sections": [{"code": "summary", "blocks": [frozen(Note("n", Text("Café", "咖啡"), "warn"))]}]}
SAID = Said("scorecard", "service-level", "Two were ill.", "partner", 7, None, AT)
READ = [Acknowledged("company", 3, None, AT), Acknowledged("partner", 7, 9, AT)]

unhurried = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
names = st.text(st.characters(codec="utf-8"), max_size=8)
plain = st.none() | st.booleans() | st.integers() | names
values = plain | st.lists(plain, max_size=3) | st.dictionaries(names, plain, max_size=3)


@unhurried
@given(st.dictionaries(names, values, max_size=4))
def test_what_comes_back_from_json_has_the_same_hash(data: dict[str, Any]) -> None:
    back = json.loads(json.dumps(data))
    assert content_hash(dict(reversed(back.items())), [SAID]) == content_hash(data, [SAID])


def test_it_is_sha_256_of_sorted_json_that_anybody_can_write() -> None:
    assert canonical({"b": (1, None), "a": "咖啡", "c": AT}) == (
        '{"a":"咖啡","b":[1,null],"c":"2026-11-17T08:30:00.000000+00:00"}'.encode()
    )
    assert content_hash({"a": 1}, []) == hashlib.sha256(b'{"comments":[],"data":{"a":1}}').hexdigest()


def test_an_instant_is_the_same_in_every_zone() -> None:
    there = replace(SAID, at=AT.astimezone(timezone(timedelta(hours=8))))
    assert content_hash(DATA, [SAID]) == content_hash(DATA, [there])


@pytest.mark.parametrize(
    "other",
    [
        replace(SAID, text="Two were ill"), replace(SAID, side="company"), replace(SAID, by=8), replace(SAID, for_user=8),
        replace(SAID, key="asa"), replace(SAID, at=AT + timedelta(microseconds=1)),
    ],
)  # fmt: skip
def test_any_change_of_a_comment_is_another_content(other: Said) -> None:
    assert content_hash(DATA, [SAID]) != content_hash(DATA, [other])


def test_another_comment_or_other_data_is_another_content() -> None:
    found = {
        content_hash(DATA, []),
        content_hash(DATA, [SAID]),
        content_hash(DATA, [SAID, SAID]),
        content_hash({}, [SAID]),
    }
    assert len(found) == 4


def test_who_acknowledged_belongs_to_what_is_published() -> None:
    one = content_hash(DATA, [SAID])
    found = {
        published_hash(one, READ),
        published_hash(one, READ[:1]),
        published_hash(content_hash(DATA, []), READ),
        one,
    }
    assert len(found) == 4


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        content_hash({"a": [1.5]}, [])
