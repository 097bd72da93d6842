"""Reading a body: a JSON object in UTF-8, nothing that JSON does not know, each key once, of bounded size."""

from typing import Any, cast

from django.http import HttpRequest
from ninja.parser import Parser

from portal import strict_json
from portal.api.choices import MAX_BODY

from .problems import ProblemError


def check_head(request: HttpRequest) -> None:
    """Before anything of a body is read: its size and its type. Raises ProblemError."""
    if request.method not in ("POST", "PUT", "PATCH"):
        return
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or len(length) > 18 or int(length) > MAX_BODY:
        raise ProblemError(413, "too_large", headers={"Connection": "close"})
    charset = (request.content_params or {}).get("charset", "utf-8")
    if request.content_type != "application/json" or charset.strip('"').lower() not in ("utf-8", "utf8"):
        raise ProblemError(415, "not_our_type")


class StrictParser(Parser):
    """What is ambiguous is refused instead of guessed."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body as an object. Raises ProblemError."""
        try:
            found = strict_json.read(request.body)
        except ValueError as error:
            raise ProblemError(400, "not_json") from error
        if not isinstance(found, dict):
            raise ProblemError(400, "not_json")
        return cast(dict[str, Any], found)
