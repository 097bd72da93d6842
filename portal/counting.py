"""How often something happens in a minute: counted in the cache, which falls back to a table as that of sign-ins does."""

import logging
import time
from typing import Final, cast

from django.core.cache import cache
from django.db import DatabaseError

from portal.accounts.limits_cache import FallbackCache

log = logging.getLogger(__name__)
WINDOW: Final = 60  # seconds


def count(what: str) -> int:
    """Count it once more; how often it happened in this minute. 0 while nothing can be counted: work goes before limits."""
    key = f"{what}:{int(time.time() // WINDOW)}"
    try:
        return cast(FallbackCache, cache).count(key, 2 * WINDOW)
    except (ValueError, DatabaseError) as error:
        # The count is gone in between, or neither cache answers.
        log.warning("requests are not counted: %s", error)
        return 0


def seconds_left() -> int:
    """How long this minute still takes, at least one second."""
    now = time.time()
    return max(1, int((now // WINDOW + 1) * WINDOW - now) + 1)
