"""How often a person's tokens may ask, and how often an address may show unknown ones: a count per minute in the cache, which falls back to a table as that of sign-ins does."""

import logging
import time
from typing import Final

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest

from .problems import ProblemError

log = logging.getLogger(__name__)
WINDOW: Final = 60


def count(user_id: int) -> None:
    """Count one request of a person, whichever of their tokens it shows: more tokens are not more requests. Raises ProblemError (429)."""
    _count(f"user:{user_id}")


def count_unknown(request: HttpRequest) -> None:
    """Count one request with a token that opens nothing, by the address that sign-ins are counted by. Raises ProblemError (429)."""
    _count(f"address:{get_adapter().get_client_ip(request)}")


def _count(whose: str) -> None:
    """Raises ProblemError (429, with Retry-After in seconds) beyond API_REQUESTS_PER_MINUTE."""
    now = time.time()
    window = int(now // WINDOW)
    if _counted(f"api-requests:{whose}:{window}") > settings.API_REQUESTS_PER_MINUTE:
        left = max(1, int((window + 1) * WINDOW - now) + 1)
        raise ProblemError(429, "too_many_requests", headers={"Retry-After": str(left)})


def _counted(key: str) -> int:
    try:
        return _count_up(key)
    except (ValueError, DatabaseError) as error:
        # The count is gone in between, or neither cache answers: work that has to be done goes before the limit.
        log.warning("requests are not counted: %s", error)
        return 0


def _count_up(key: str) -> int:
    try:
        return cache.incr(key)
    except ValueError:  # the first one of this minute
        return 1 if cache.add(key, 1, timeout=2 * WINDOW) else cache.incr(key)
