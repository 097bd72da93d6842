"""What people pick and say in the lists of items. Anything else than what is offered is ignored or refused, never a fault."""

from collections.abc import Iterable
from typing import Final

from django.http import QueryDict

from portal.numbers import whole, wholes

from ..actions.fulfilling import MAX_FAILURE, MAX_TICKET
from ..choices import Operation
from ..queries.work import WORK_STATES, WorkFilters

MAX_PICKED: Final = 200
_TAKEN: Final = ("mine", "nobody")


def filters_of(data: QueryDict, systems: Iterable[int]) -> WorkFilters:
    """The filters of an address, without those that name what is not offered."""
    state, operation, taken = data.get("state", "open"), data.get("operation", ""), data.get("taken", "")
    system = whole(data.get("system", ""))
    return WorkFilters(
        state=state if state in WORK_STATES else "open",
        system=system if system in set(systems) else None,
        operation=operation if operation in Operation.values else "",
        taken=taken if taken in _TAKEN else "",
    )


def picked(data: QueryDict) -> list[int]:
    """The items that were ticked, each once."""
    return list(dict.fromkeys(wholes(data.getlist("item"))))


def ticket_of(data: QueryDict) -> str:
    """The ticket number that was given."""
    return data.get("ticket", "").replace("\0", "").strip()[:MAX_TICKET]


def why_of(data: QueryDict) -> str:
    """The reason that was given, on one line."""
    return " ".join(data.get("why", "").replace("\0", "").split())[:MAX_FAILURE]
