"""A request that comes again is answered as the first time, and done once."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel

from portal.api.models import IdempotentRequest
from portal.inserting import insert

from .bearer import caller_of
from .problems import ProblemError

# Sent together, and still two statements: the second one sees what was committed while the first one waited.
_LOCK_AND_READ: Final = """
SELECT pg_advisory_xact_lock(hashtextextended(%s, %s));
SELECT request_hash, body::text, status FROM api_idempotentrequest WHERE token_id = %s AND key = %s
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What was done: JSON values that are kept for a day, so without words that people wrote."""

    body: dict[str, Any]
    status: int = 201


def once(request: HttpRequest, key: str, payload: BaseModel, make: Callable[[], Made]) -> HttpResponse:
    """Do it and keep the answer, in one transaction; for a key that was used, the answer kept.

    Requests with one key wait for each other. Raises ProblemError for a key that was used for something else, and what
    `make` raises: then nothing was done, and the key is free again.
    """
    token = caller_of(request).token.pk
    asked = _hash(request, payload)
    with transaction.atomic():
        kept = _kept(token, key)
        if kept is None:
            made = make()
            insert([IdempotentRequest(token_id=token, key=key, request_hash=asked, status=made.status, body=made.body)])
            return _answer(made)
    before, answered = kept
    if before != asked:
        raise ProblemError(422, "key_used")
    response = _answer(answered)
    response["Idempotency-Replayed"] = "true"
    return response


def _kept(token: int, key: str) -> tuple[str, Made] | None:
    """The hash and the answer of a request with this key that was done. From here on no other one with it goes on before this
    transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_AND_READ, [f"api:{key}", token, token, key])
        cursor.nextset()
        found = cursor.fetchone()
    return (found[0], Made(json.loads(found[1]), found[2])) if found else None


def _hash(request: HttpRequest, payload: BaseModel) -> str:
    """The same for the same request, in whatever order its fields came."""
    text = f"{request.method} {request.path}\n{payload.model_dump_json(exclude_unset=True)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _answer(made: Made) -> HttpResponse:
    response = HttpResponse(json.dumps(made.body), status=made.status, content_type="application/json; charset=utf-8")
    if url := made.body.get("href"):
        response["Location"] = url
    return response
