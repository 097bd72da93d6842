"""Words put together as the reader's language does it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language, pgettext


def listed(parts: Iterable[object]) -> str:
    """The parts on one line, with the reader's comma between them: Chinese separates the items of a list by 、."""
    return pgettext("between the items of a list", ", ").join(map(str, parts))


def comma() -> str:
    """What stands between a place and a time, a name and a date: no list, but said in one breath."""
    return "，" if _in_chinese() else ", "


def joined(*parts: object) -> str:
    """What belongs together though it is no list: `Chengdu, October 2026`. Empty parts are left out."""
    return comma().join(str(part) for part in parts if part)


def labelled(label: object, text: object) -> str:
    """`Chengdu: service level`, with the reader's colon."""
    return f"{label}{pgettext('after a label', ': ')}{text}"


def statements(parts: Iterable[object]) -> str:
    """Several of them in one line, with the reader's semicolon."""
    return pgettext("between statements", "; ").join(str(part) for part in parts)


def sentences(*parts: object) -> str:
    """One after the other; Chinese sets no space after its full stop. Empty parts are left out."""
    return ("" if _in_chinese() else " ").join(str(part) for part in parts if part)


def _in_chinese() -> bool:
    return (get_language() or "").startswith("zh")
