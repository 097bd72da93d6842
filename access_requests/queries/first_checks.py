"""What to try before trouble with a system is reported, as it is configured there and at what may be held in it."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from portal.naming import in_language

from ..models import Entitlement, System

#: More would keep nobody at it.
MOST: Final = 12
#: Codes of configured checks begin with it; those of symptoms are words.
PREFIX: Final = "own-"


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """A configured check. `code` names its words: once these are changed, it is another check."""

    code: str
    text: str
    text_zh: str
    source: str

    @property
    def label(self) -> str:
        """In the reader's language."""
        return in_language(self.text, self.text_zh)


def code_of(text: str) -> str:
    """The code of a check with these words."""
    return PREFIX + sha256(text.casefold().encode()).hexdigest()[:20]


def own_checks(system_id: int | None) -> list[OwnCheck]:
    """The checks of a system, then those of what may be held in it; each once, and not too many. Two queries."""
    system = System.objects.filter(pk=system_id or 0).first()
    if system is None:
        return []
    things = Entitlement.objects.filter(system=system, archived_at=None).exclude(first_checks=[]).order_by("name", "pk")
    found: dict[str, OwnCheck] = {}
    for row, source in [(system, system.label), *((one, f"{system.label}: {one.label}") for one in things)]:
        for text, text_zh in row.checks_with_chinese:
            found.setdefault(code_of(text), OwnCheck(code_of(text), text, text_zh, source))
    return list(found.values())[:MOST]


def chosen(system_id: int | None, codes: Collection[str]) -> list[OwnCheck]:
    """Those of the system's checks that were done, in their order; what has been reworded meanwhile is left out."""
    wanted = {one for one in codes if one.startswith(PREFIX)}
    return [one for one in own_checks(system_id) if one.code in wanted] if wanted else []
