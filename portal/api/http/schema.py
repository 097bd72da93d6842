"""The OpenAPI document: what Ninja says of the routes, and the refusals that each of them may answer."""

from typing import Any, Final

from django.utils.translation import gettext_noop as marked
from ninja.openapi.schema import OpenAPISchema

from .problems import CONTENT_TYPE

_TEXT: Final = {"type": "string"}
_PROBLEM: Final = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": _TEXT, "title": _TEXT, "code": _TEXT, "detail": _TEXT, "request_id": _TEXT,
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["at", "code", "detail"],
                "properties": {"at": _TEXT, "code": _TEXT, "detail": _TEXT},
            },
        },
    },
}  # fmt: skip
_DONE: Final = {200: marked("What was asked for."), 201: marked("Done, now or by an earlier attempt.")}
_ALWAYS: Final = {
    400: marked("The request cannot be read."),
    401: marked("No token, or one that is unknown or has ended."),
    403: marked("The token or its person may not do this."),
    404: marked("There is no such thing, or it is out of sight."),
    405: marked("The address does not know the method."),
    422: marked("Something does not fit; `errors` names it."),
    429: marked("Too many requests; `Retry-After` says for how many seconds."),
}
_WITH_BODY: Final = {
    409: marked("Not possible in the present state."),
    413: marked("The body is larger than 256 KiB."),
    415: marked("The body is not application/json in UTF-8."),
}


def complete(found: OpenAPISchema) -> OpenAPISchema:
    """Add the refusals, as application/problem+json, to every operation."""
    found.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    for path in found["paths"].values():
        for method, operation in path.items():
            for status, words in {**_ALWAYS, **(_WITH_BODY if method == "post" else {})}.items():
                operation["responses"].setdefault(status, _refusal(status, words))
            for status, words in _DONE.items():
                if status in operation["responses"]:
                    operation["responses"][status]["description"] = words
            operation["responses"] = dict(sorted(operation["responses"].items(), key=lambda one: int(one[0])))
    return found


def _refusal(status: int, words: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": words,
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 429:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return found
