"""What browsers send of a visit: changes as JSON, and the same from a plain form."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ..actions.answering import Change
from ..rules.visits import Given

#: Changes in one request; a browser sends the rest in the next.
MOST: Final = 50
_INTEGER: Final = 2**31 - 1
NOT_APPLICABLE: Final = "na"


def changes_from(body: bytes) -> list[Change]:
    """What a browser's queue sends. Raises BadRequest for anything that this wing's script would not send."""
    try:
        rows = json.loads(body)["changes"]
        if not isinstance(rows, list) or len(rows) > MOST:
            raise ValueError
        return [_change(row) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadRequest("not a list of changes") from error


def _change(row: Mapping[str, Any]) -> Change:
    values = row["values"]
    score, na = values.get("score"), values.get("not_applicable", False)
    if not isinstance(na, bool):
        raise TypeError
    given = Given(
        None if score is None else _number(score), _words(values.get("text", "")), _words(values.get("note", "")), na
    )
    return Change(
        uuid.UUID(_words(row["key"])),
        _number(row["question"]),
        _number(row["base"]),
        given,
        _instant(row.get("made_at")),
    )


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value <= _INTEGER:
        raise ValueError
    return value


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    # A lone half of a pair of surrogates is no text that can be kept.
    value.encode()
    return value


def _instant(value: Any) -> datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    now = timezone.now()
    if found is None:
        return now
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware if datetime(2020, 1, 1, tzinfo=UTC) <= aware <= now else now


def posted_changes(data: QueryDict, question_ids: list[int]) -> list[Change]:
    """What the page's form sends without script: each question's fields with the key and the version that the page gave it."""
    found = []
    for pk in question_ids:
        try:
            key, base = uuid.UUID(data.get(f"key-{pk}", "")), int(data.get(f"base-{pk}", ""))
            # A number and "not applicable" are two controls of one name: the last that was sent counts.
            said = data.get(f"said-{pk}", "")
            score = int(said) if said not in ("", NOT_APPLICABLE) else None
        except ValueError:
            continue
        text = _plain(data.get(f"text-{pk}", ""))
        if not 0 <= base <= _INTEGER or (score is not None and not 0 <= score <= _INTEGER):
            continue
        given = Given(score, text, _plain(data.get(f"note-{pk}", "")), said == NOT_APPLICABLE)
        found.append(Change(key, pk, base, given, timezone.now()))
    return found


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def uuid_or_none(text: str) -> uuid.UUID | None:
    """A key that a browser made."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
