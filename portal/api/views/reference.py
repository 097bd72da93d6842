"""What the API can do: as OpenAPI for programs, as a page for people; and what it answers where there is no route."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET

from portal.accounts.decorators import require_actor
from portal.api.choices import KEPT_ANSWERS, MAX_BODY
from portal.api.http import ProblemError
from portal.api.http.bearer import ANY, Bearer
from portal.api.http.problems import answer
from portal.api.http.service import PREFIX, api, door
from portal.api.views.reading import groups_of
from portal.ui import views as pages

_FACTS: Final = {"hours": int(KEPT_ANSWERS.total_seconds() // 3600), "kib": MAX_BODY // 1024}


@require_GET
def openapi(request: HttpRequest) -> HttpResponseBase:
    """The OpenAPI document, for whoever is signed in and for every token."""
    return _for_tokens(request) if "Authorization" in request.headers else _for_people(request)


@door
def _for_tokens(request: HttpRequest) -> HttpResponseBase:
    Bearer(ANY)(request)
    return _document()


@require_actor
def _for_people(request: HttpRequest) -> HttpResponseBase:
    return _document()


def _document() -> HttpResponse:
    return JsonResponse(api().get_openapi_schema())


@require_GET
@require_actor
def reference(request: HttpRequest) -> HttpResponse:
    """The same for people, in their language; nothing of it comes from elsewhere."""
    return render(request, "api/reference.html", {"groups": groups_of(api().get_openapi_schema()), **_FACTS})


@csrf_exempt
@door
def unknown(request: HttpRequest, rest: str) -> HttpResponseBase:
    """No such route."""
    raise Http404


def server_error(request: HttpRequest) -> HttpResponse:
    """500: for programs a problem, for people the page."""
    return answer(ProblemError(500, "error")) if request.path.startswith(f"{PREFIX}/") else pages.server_error(request)
