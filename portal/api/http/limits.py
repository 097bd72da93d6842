"""How often a token may ask: a count per minute in the cache, which falls back to a table as that of sign-ins does."""

import logging
import time
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError

from .problems import ProblemError

log = logging.getLogger(__name__)
WINDOW: Final = 60


def count(token_id: int) -> None:
    """Count one request. Raises ProblemError (429, with Retry-After in seconds) beyond API_REQUESTS_PER_MINUTE."""
    now = time.time()
    window = int(now // WINDOW)
    if _counted(f"api-requests:{token_id}:{window}") > settings.API_REQUESTS_PER_MINUTE:
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
