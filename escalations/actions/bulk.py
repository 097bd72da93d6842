"""One operation on several cases: each in a transaction of its own, with a result of its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.http import Http404

from escalations.access import case_id
from escalations.choices import MAX_BULK, Reason
from escalations.choices.queue import Operation
from portal.accounts.rules import Actor

from ._base import Outcome, Refused, Stale, Undo
from .assign import assign
from .severity import set_severity
from .state import set_state

_OPERATIONS: Final[Mapping[str, Callable[..., Outcome]]] = {
    Operation.ASSIGN: assign,
    Operation.SEVERITY: set_severity,
    Operation.STATE: set_state,
}


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How it went for one case; `code` and `message` are empty when it went well."""

    ref: str
    ok: bool
    code: str = ""
    message: str = ""
    undo: Undo | None = None


def bulk(*, actor: Actor, refs: Iterable[str | int], operation: str, **args: Any) -> list[BulkResult]:
    """Do it to each case, in order of their numbers; results come in that order. Raises Refused for too many cases."""
    numbers, unknown = _sorted(refs)
    if len(numbers) + len(unknown) > MAX_BULK:
        raise Refused(Reason.TOO_MANY)
    if operation not in Operation.values:
        raise Refused(Reason.UNKNOWN_VALUE)
    run = _OPERATIONS[operation]
    done = [_one(run, actor, f"EC-{number}", args) for number in numbers]
    return done + [_failed(ref, Reason.NOT_VISIBLE) for ref in unknown]


def _sorted(refs: Iterable[str | int]) -> tuple[list[int], list[str]]:
    """Numbers in ascending order, so that two of these never wait for each other; and what is no reference."""
    found = {str(ref): case_id(ref) for ref in refs}
    return sorted({n for n in found.values() if n is not None}), [ref[:40] for ref, n in found.items() if n is None]


def _one(run: Callable[..., Outcome], actor: Actor, ref: str, args: Mapping[str, Any]) -> BulkResult:
    try:
        with transaction.atomic():
            outcome = run(actor=actor, ref=ref, **args)
    except Http404:
        return _failed(ref, Reason.NOT_VISIBLE)
    except Refused as no:
        return _failed(ref, no.code, str(no))
    except Stale:
        return _failed(ref, Reason.STALE)
    return BulkResult(ref, ok=True, undo=outcome.undo)


def _failed(ref: str, code: str, message: str = "") -> BulkResult:
    return BulkResult(ref, ok=False, code=str(code), message=message or str(Reason(code).label))
