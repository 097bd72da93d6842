"""The content of a pack as one number that anybody can compute again: SHA-256 of canonical JSON. Pure: no Django, no database."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """A comment: of a line (`section` and `key`), or of the whole pack (both empty); who wrote it, for whom, and when."""

    section: str
    key: str
    text: str
    side: str
    by: int
    for_user: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A side that has read it: who, for whom, and when."""

    side: str
    by: int
    for_user: int | None
    at: datetime


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and without spaces, UTF-8, instants in UTC. Raises TypeError for a float, which no two programs write alike."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_hash(data: Mapping[str, Any], comments: Sequence[Said]) -> str:
    """What sides acknowledge: the frozen data with every comment, oldest first."""
    return _digest({"data": data, "comments": [asdict(one) for one in comments]})


def published_hash(draft_hash: str, acknowledgements: Sequence[Acknowledged]) -> str:
    """What a published pack is known by: what was acknowledged, by whom and when, oldest first."""
    return _digest({"content": draft_hash, "acknowledgements": [asdict(one) for one in acknowledgements]})


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"not for a hash: {type(value).__name__}")
