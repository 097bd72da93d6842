"""JSON as it is meant: UTF-8, nothing that JSON does not know, each key once."""

import json
from typing import Any, NoReturn


def read(raw: bytes) -> Any:
    """The value that stands there. Raises ValueError for anything ambiguous, for other encodings, and for endless nesting."""
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_each_once)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
