"""Items as lines of a list, and what happened to one, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from ..choices import ItemState, Operation
from ..models import RequestEvent, RequestItem
from ..queries.work import Row
from ..wording import EVENTS
from ..wording.fulfilment import failure

_LATE: Final = timedelta(minutes=30)
_WARN: Final = timedelta(hours=4)
_OPEN: Final = (ItemState.QUEUED, ItemState.SENT, ItemState.FAILED_RETRYABLE, ItemState.FAILED_FINAL)
_TONES: Final[Mapping[str, str]] = {
    ItemState.FAILED_FINAL: "red",
    ItemState.FAILED_RETRYABLE: "amber",
    ItemState.CLAIMED_DONE: "blue",
    ItemState.VERIFIED: "green",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line."""

    item: RequestItem
    site: str
    job_role: str
    removal: bool
    state: str
    tone: str
    failure: str
    clock: Mapping[str, Any] | None


def shown(row: Row) -> Shown:
    """An item as a line."""
    item = row.item
    return Shown(
        item, row.site, row.job_role, item.operation == Operation.REVOKE, str(ItemState(item.state).label),
        _TONES.get(item.state, ""), failure(item.failure) if item.failure else "",
        _clock(item.due_at, timezone.now()) if item.state in _OPEN else None,
    )  # fmt: skip


def _clock(due: datetime | None, now: datetime) -> dict[str, Any] | None:
    """When it is due, as a pill."""
    if due is None:
        return None
    left = due - now
    state = "breached" if left < timedelta() else "late" if left < _LATE else "warn" if left < _WARN else "ok"
    return {
        "state": state,
        "due": due,
        "start": due - timedelta(days=1),
        "warn_at": due - _WARN,
        "late_at": due - _LATE,
    }


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened: who, what, when, and what was said."""

    who: str
    what: str
    at: datetime
    said: str


def history(events: Sequence[RequestEvent]) -> list[Step]:
    """What happened, oldest first."""
    return [Step(_who(one), _what(one), one.at, _said(one)) for one in events]


def _who(event: RequestEvent) -> str:
    if event.actor is None:
        return _("The portal")
    if event.on_behalf_of is None:
        return event.actor.name
    return _("%(name)s for %(principal)s") % {"name": event.actor.name, "principal": event.on_behalf_of.name}


def _what(event: RequestEvent) -> str:
    words = EVENTS.get(event.code)
    if words is None:
        return event.code
    try:
        return str(str(words) % event.params)
    except (KeyError, TypeError, ValueError):
        return str(words)


def _said(event: RequestEvent) -> str:
    """The parameters that people gave: a ticket number, a reason, a letter."""
    if event.code in {"item.give_up", "item.fail", "item.dispute"}:
        return failure(str(event.params.get("why", "")))
    return str(event.params.get("ticket") or event.params.get("text") or "")
