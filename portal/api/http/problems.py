"""Refusals as application/problem+json (RFC 9457), in the reader's language; `code` is what programs look at."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.context import request_id

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONTENT_TYPE: Final = "application/problem+json"
# What a refusal says when it has nothing better to say.
_DETAILS: Final[Mapping[str, StrOrPromise]] = {
    "bad_request": gettext_lazy("This request cannot be read."),
    "not_json": gettext_lazy("The body is not a JSON object in UTF-8, each key once."),
    "no_token": gettext_lazy("Send a token: Authorization: Bearer …"),
    "bad_token": gettext_lazy("This token is unknown, or it has ended."),
    "bad_signature": gettext_lazy("Not signed with a secret that counts here, or too long ago."),
    "try_later": gettext_lazy("This cannot be taken now. Send it again later, under the same id."),
    "scope_missing": gettext_lazy("This token may not do that."),
    "second_factor_missing": gettext_lazy("Administrators need a second factor first."),
    "forbidden": gettext_lazy("Your role does not allow this."),
    "not_found": gettext_lazy("There is no such thing, or it is not yours to see."),
    "method_not_allowed": gettext_lazy("This address does not know the method."),
    "too_large": gettext_lazy("The body is too large: 256 KiB at the most."),
    "not_our_type": gettext_lazy("Send application/json in UTF-8."),
    "not_valid": gettext_lazy("Something in the request does not fit; see errors."),
    "bad_cursor": gettext_lazy("This cursor is none of ours. Begin again without one."),
    "key_missing": gettext_lazy(
        "Send an Idempotency-Key: up to 100 letters, digits and signs, a new one for each thing to do."
    ),
    "key_used": gettext_lazy("This Idempotency-Key was used for another request."),
    "too_many_requests": gettext_lazy("Too many requests. Wait, then go on."),
    "error": gettext_lazy("Something went wrong here. Try again with the same Idempotency-Key."),
}
_TITLES: Final[Mapping[int, StrOrPromise]] = {
    400: gettext_lazy("Bad request"),
    401: gettext_lazy("Not signed in"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Method not allowed"),
    409: gettext_lazy("Not possible now"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Unsupported media type"),
    422: gettext_lazy("Not valid"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Server error"),
    503: gettext_lazy("Not possible now"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit, and where: "body.subject", "query.limit"."""

    at: str
    code: str
    detail: str


class ProblemError(Exception):
    """A request that is refused. Raised anywhere below a route; nothing that was written with it stays."""

    def __init__(
        self, status: int, code: str, detail: StrOrPromise = "", *,
        faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.faults, self.headers = tuple(faults), dict(headers or {})


def answer(problem: ProblemError) -> HttpResponse:
    """The problem as the client gets it."""
    title = _TITLES.get(problem.status) or HTTPStatus(problem.status).phrase
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(title),
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem.detail or _DETAILS.get(problem.code, title)),
        "request_id": request_id.get(),
    }
    if problem.faults:
        body["errors"] = [{"at": one.at, "code": one.code, "detail": one.detail} for one in problem.faults]
    # Escaped to ASCII: texts that came in may hold what UTF-8 does not.
    return HttpResponse(
        json.dumps(body), status=problem.status, content_type=CONTENT_TYPE, headers=dict(problem.headers)
    )


# By the beginning of pydantic's name for what is wrong; the word in the middle is where it says what would fit.
_SENTENCES: Final[Sequence[tuple[str, str, StrOrPromise]]] = (
    ("missing", "", gettext_lazy("This is needed.")),
    ("extra_forbidden", "", gettext_lazy("There is no such field.")),
    ("literal_error", "expected", gettext_lazy("Choose one of these: %(limit)s.")),
    ("enum", "expected", gettext_lazy("Choose one of these: %(limit)s.")),
    ("union_tag", "expected_tags", gettext_lazy("Choose one of these: %(limit)s.")),
    ("string_too_long", "max_length", gettext_lazy("Too long: %(limit)s at the most.")),
    ("too_long", "max_length", gettext_lazy("Too many: %(limit)s at the most.")),
    ("string_too_short", "min_length", gettext_lazy("Too short: %(limit)s at the least.")),
    ("less_than_equal", "le", gettext_lazy("Too large: %(limit)s at the most.")),
    ("greater_than_equal", "ge", gettext_lazy("Too small: %(limit)s at the least.")),
    ("string", "", gettext_lazy("This is no text that can be kept.")),
    ("int", "", gettext_lazy("This is no whole number.")),
    ("bool", "", gettext_lazy("Choose true or false.")),
    ("datetime", "", gettext_lazy("Give an instant with its offset, such as 2026-11-22T09:30:00+08:00.")),
    ("timezone", "", gettext_lazy("Give an instant with its offset, such as 2026-11-22T09:30:00+08:00.")),
)


def sentence_of(kind: str, context: Mapping[str, Any]) -> str:
    """Why a value does not fit, from pydantic's name for it, in the reader's language."""
    for beginning, where, words in _SENTENCES:
        if kind.startswith(beginning):
            return str(words) % {"limit": context.get(where, "")} if where else str(words)
    return _("This value does not fit.")
