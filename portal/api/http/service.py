"""The API object: the routes that wings registered, refusals in one form, and the schema."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, Final

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

from portal.api import registry
from portal.ui.pagination import BadCursor

from .parsing import StrictParser
from .problems import Fault, ProblemError, answer, sentence_of
from .schema import complete

PREFIX: Final = "/api/v1"
_MAX_FAULTS: Final = 50
View = Callable[..., HttpResponseBase]


class PortalAPI(NinjaAPI):
    """Ninja's routing and validation, with our refusals, schema and doors."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The schema with every answer that a route may give."""
        return complete(super().get_openapi_schema(path_prefix=path_prefix or PREFIX, path_params=path_params))

    def addresses(self) -> list[URLPattern]:
        """The routes as URL patterns, each behind the door; Ninja's own root page is left out."""
        found, _app, _namespace = self.urls
        return [_behind_door(one) for one in found if isinstance(one, URLPattern) and one.name != "api-root"]


@cache
def api() -> PortalAPI:
    """The API with everything that the wings registered when they opened."""
    made = PortalAPI(
        title="Partner Operations", version="1", urls_namespace="api_v1", parser=StrictParser(),
        openapi_url=None, docs_url=None,
    )  # fmt: skip
    for kind in (Exception, Http404, HttpError, ValidationError):
        made.add_exception_handler(kind, _raise)
    for prefix, router in registry.routers().items():
        made.add_router(prefix, router)
    return made


def _raise(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """Refusals are worded in one place: the door."""
    raise error


def _behind_door(pattern: URLPattern) -> URLPattern:
    pattern.callback = csrf_exempt(door(pattern.callback))
    return pattern


def door(view: View) -> View:
    """Whatever is refused behind it comes out as problem+json. No session counts here, so no CSRF token either."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except _REFUSALS as error:
            response = answer(_problem(error))
        if response.status_code == 405:
            response = _not_allowed(response)
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def _not_allowed(response: HttpResponseBase) -> HttpResponse:
    allowed = ", ".join(sorted(str(response.headers.get("Allow", "")).split(", ")))
    return answer(ProblemError(405, "method_not_allowed", headers={"Allow": allowed}))


def _problem(error: Exception) -> ProblemError:
    """The refusal that an exception stands for."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, ValidationError):
        return ProblemError(422, "not_valid", faults=[_fault(one) for one in error.errors[:_MAX_FAULTS]])
    return next(ProblemError(status, code) for kind, status, code in _KNOWN if isinstance(error, kind))


_KNOWN: Final[tuple[tuple[type[Exception], int, str], ...]] = (
    (Http404, 404, "not_found"),
    (PermissionDenied, 403, "forbidden"),
    (RequestDataTooBig, 413, "too_large"),
    (BadCursor, 400, "bad_cursor"),
    (BadRequest, 400, "bad_request"),
    (SuspiciousOperation, 400, "bad_request"),
    (HttpError, 400, "not_json"),
)
_REFUSALS: Final[tuple[type[Exception], ...]] = (
    ProblemError,
    ValidationError,
    *(kind for kind, _status, _code in _KNOWN),
)


def _fault(error: dict[str, Any]) -> Fault:
    """Pydantic's finding: where, and why in the reader's language."""
    source, *inside = error["loc"]
    # The name of the argument that takes the whole body or query tells nobody anything.
    named = source == "body" or (source == "query" and len(inside) > 1)
    path = [str(part)[:80] for part in (inside[1:] if named else inside)]
    return Fault(".".join([str(source), *path]), error["type"], sentence_of(error["type"], error.get("ctx", {})))
