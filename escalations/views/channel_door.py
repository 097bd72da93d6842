"""Where systems for chat, social media and messaging bring what customers say. Signed; no session, no cookies."""

from __future__ import annotations

import re
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from escalations.actions.channels_in import TooManyError, receive
from portal.api.http import limits
from portal.api.http.parsing import check_head
from portal.api.http.problems import ProblemError, answer
from portal.counting import seconds_left
from portal.sealing import SealBrokenError
from portal.webhooks.signing import BadSignatureError

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
# RFC 9110 wants a refusal like this to say what would be taken.
_ASK: Final = {"WWW-Authenticate": "Webhook-Signature"}


@csrf_exempt
@never_cache
def channel_door(request: HttpRequest, key: str) -> HttpResponse:
    """Take a signed request in. An address that is not there answers like one whose signature is wrong."""
    try:
        return _taken(request, key)
    except ProblemError as problem:
        return answer(problem)


def _taken(request: HttpRequest, key: str) -> HttpResponse:
    if request.method != "POST":
        raise ProblemError(405, "method_not_allowed", headers={"Allow": "POST"})
    check_head(request)
    most = settings.CHANNEL_REQUESTS_PER_MINUTE
    try:
        kept = receive(key=key if _KEY.fullmatch(key) else "", headers=request.headers, body=request.body, most=most)
    except BadSignatureError as error:
        limits.count_unknown(request)
        raise ProblemError(401, "bad_signature", headers=_ASK) from error
    except TooManyError as error:
        raise ProblemError(429, "too_many_requests", headers={"Retry-After": str(seconds_left())}) from error
    except SealBrokenError as error:
        raise ProblemError(503, "try_later", headers={"Retry-After": "300"}) from error
    said = {"status": "kept", "reason": kept.why} if kept.why else {"status": "accepted"}
    return JsonResponse({"id": kept.message_id, **said}, status=202)
