"""Content apart from its words: what is frozen holds a hash of each text, and the text stands beside it, so that words
can be removed for good and everything else can still be checked."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """One text of a brief. The salt keeps a short one from being guessed by its hash; it goes when the text goes."""

    key: int
    text: str
    salt: str
    entry: int | None


def frozen(content: Mapping[str, Any], salt: Callable[[], str]) -> tuple[dict[str, Any], list[Word]]:
    """The content with hashes in place of texts, and the texts."""
    kept: list[Word] = []

    def hold(held: Mapping[str, Any]) -> dict[str, Any]:
        word = Word(len(kept) + 1, held["words"], salt(), held["entry"])
        kept.append(word)
        return {"word": word.key, "sha256": digest_of(word.text, word.salt), "entry": word.entry}

    return _walked(content, "words", hold), kept


def thawed(content: Mapping[str, Any], texts: Mapping[int, str | None]) -> dict[str, Any]:
    """The content with its texts; one that was removed (None, or not there) is empty and says `removed`."""

    def put_back(held: Mapping[str, Any]) -> dict[str, Any]:
        text = texts.get(held["word"])
        return {"words": text or "", "entry": held["entry"], "removed": text is None}

    found: dict[str, Any] = _walked(content, "sha256", put_back)
    return found


def holds(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every text that frozen content has: its number, its hash, and whose words it is."""
    found: list[Mapping[str, Any]] = []

    def keep(held: Mapping[str, Any]) -> dict[str, Any]:
        found.append(held)
        return dict(held)

    _walked(content, "sha256", keep)
    yield from found


def _walked(content: Mapping[str, Any], mark: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Any:
    def walk(value: Any) -> Any:
        if isinstance(value, Mapping):
            if "entry" in value and isinstance(value.get(mark), str):
                return change(value)
            return {key: walk(one) for key, one in value.items()}
        return [walk(one) for one in value] if isinstance(value, list) else value

    return walk(content)


def digest_of(text: str, salt: str) -> str:
    """The hash of a text."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON that any program writes alike: sorted keys, no spaces, UTF-8. Content has no floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """What frozen content is known by."""
    return hashlib.sha256(canonical(value)).hexdigest()
