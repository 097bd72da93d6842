"""What the actions refuse, as problems."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from escalations.actions import Refused
from escalations.choices import Reason
from escalations.views.common import refusal
from portal.api.http import Fault, ProblemError

_STATUS: Final = {Reason.NOT_YOUR_ROLE: 403, Reason.NOT_VISIBLE: 404, Reason.NOT_POSSIBLE: 409, Reason.MERGED: 409}
_FIELDS: Final = {
    Reason.UNKNOWN_SERVICE: "service",
    Reason.UNKNOWN_SITE: "site",
    Reason.UNKNOWN_ISSUE: "issue_type",
    Reason.SUBJECT_NEEDED: "subject",
    Reason.TEXT_NEEDED: "text",
    Reason.REASON_NEEDED: "severity_reason",
    Reason.SIGNALS_FORCE: "severity",
    Reason.IN_FUTURE: "at",
    Reason.BEFORE_OPENED: "at",
    Reason.BEFORE_RECEIVED: "at",
    Reason.NOT_OWED: "duties",
}


@contextmanager
def told() -> Iterator[None]:
    """Turns what an action refuses into a problem that names the field. Raises ProblemError."""
    try:
        yield
    except Refused as error:
        code = Reason(error.code)
        if status := _STATUS.get(code):
            raise ProblemError(status, code.value, refusal(error)) from error
        raise unfit(_FIELDS.get(code, ""), code.value, refusal(error)) from error


def unfit(field: str, code: str, words: str) -> ProblemError:
    """One field of the body does not fit."""
    return ProblemError(422, "not_valid", faults=[Fault(f"body.{field}" if field else "body", code, words)])
