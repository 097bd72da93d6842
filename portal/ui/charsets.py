"""Content types on which Django fails before any code of ours runs: unreadable, or in what is no text encoding."""

import codecs
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from django.utils.http import parse_header_parameters

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    Application = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]


def readable(content_type: str) -> str:
    """The content type, cut down until Django can read it: without parameters, or empty."""
    try:
        kind, parameters = parse_header_parameters(content_type)
    except ValueError:
        return ""
    return content_type if _decodes(parameters.get("charset", "utf-8")) else kind


def _decodes(charset: str) -> bool:
    """Whether the name is one of a codec from bytes to text ("hex" and "rot13" are not), or unknown and passed over."""
    try:
        codecs.lookup(charset)
    except LookupError:
        return True
    except ValueError:
        return False
    try:
        b"a=1".decode(charset, "replace")
    except (LookupError, ValueError):
        return False
    return True


def with_readable_types(application: "Application") -> "Application":
    """The WSGI application, to which only content types come that Django can read."""

    def served(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if kind := environ.get("CONTENT_TYPE", ""):
            environ["CONTENT_TYPE"] = readable(kind)
        return application(environ, start_response)

    return served
