"""Words of access: what a code means in the reader's language. A file per topic; each brings its own codes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from . import approvals, catalogue, fulfilment, readiness, requests, trouble

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: What happened, by the code of the event; placeholders are the event's parameters.
EVENTS: "Mapping[str, StrOrPromise]" = {
    **fulfilment.EVENTS,
    **readiness.EVENTS,
    **trouble.EVENTS,
    **requests.EVENTS,
    **approvals.EVENTS,
}
#: Why something was refused.
REFUSALS: "Mapping[str, StrOrPromise]" = {
    **readiness.REFUSALS,
    **trouble.REFUSALS,
    **requests.REFUSALS,
    **approvals.REFUSALS,
    **catalogue.REFUSALS,
}


def refusal(code: str, params: Mapping[str, object] | None = None) -> str:
    """Why something was refused, in the reader's language."""
    return str(REFUSALS[code]) % dict(params or {})
