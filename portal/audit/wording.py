"""Words put together as the reader's language does it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import pgettext


def listed(parts: Iterable[object]) -> str:
    """The parts on one line, with the reader's comma between them: Chinese separates the items of a list by 、."""
    return pgettext("between the items of a list", ", ").join(map(str, parts))
