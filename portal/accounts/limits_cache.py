"""A cache that goes on in the database while Valkey is away, so that login limits keep counting."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache
from django.utils.functional import cached_property
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = logging.getLogger(__name__)
_AWAY = (RedisConnectionError, RedisTimeoutError, OSError)
# Seconds for which nobody knocks again after a failure.
RETRY_AFTER = 5.0


class _Counting(RedisCache):
    """Counts in one question what Django's own asks in three, on a client that is kept."""

    @cached_property
    def _client(self) -> Any:
        return self._cache.get_client(write=True)

    def count(self, key: str, timeout: int) -> int:
        """As of the cache around it."""
        kept = self.make_and_validate_key(key)
        found = int(self._client.incr(kept))
        if found == 1:
            self._client.expire(kept, timeout)
        return found


class _CountingTable(DatabaseCache):
    """Counts likewise."""

    def count(self, key: str, timeout: int) -> int:
        """As of the cache around it."""
        try:
            return int(self.incr(key))
        except ValueError:  # not there, or no more
            return 1 if self.add(key, 1, timeout=timeout) else int(self.incr(key))


class FallbackCache(BaseCache):
    """Redis or Valkey at LOCATION; the table `portal_cache` while it does not answer.

    What is counted in one is not known in the other: after an outage begins or ends, limits start over once.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._primary = _Counting(server, params)
        self._fallback = _CountingTable("portal_cache", {**params, "OPTIONS": {}})
        self._retry_at = 0.0

    def _call[T](self, name: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._retry_at:
            try:
                return getattr(self._primary, name)(*args, **kwargs)
            except _AWAY as error:
                self._retry_at = time.monotonic() + RETRY_AFTER
                log.warning("cache server away, using the database: %s", error)
        return getattr(self._fallback, name)(*args, **kwargs)

    def add(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Set the key if it is not there; True if it was set."""
        return bool(self._call("add", key, value, timeout=timeout, version=version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The key's value, or the default."""
        return self._call("get", key, default=default, version=version)

    def set(self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Set the key for `timeout` seconds."""
        self._call("set", key, value, timeout=timeout, version=version)

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Give the key a new life time; False if it is not there."""
        return bool(self._call("touch", key, timeout=timeout, version=version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count the key up; in the table two at once may count as one. Raises ValueError if it is not there."""
        return int(self._call("incr", key, delta, version=version))

    def count(self, key: str, timeout: int) -> int:
        """Count the key up, from 0 and for `timeout` seconds if it is not there; one question to the server, two for the first."""
        return int(self._call("count", key, timeout))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Remove the key; False if it was not there."""
        return bool(self._call("delete", key, version=version))

    def clear(self) -> None:
        """Empty whichever of the two is in use."""
        self._call("clear")

    def close(self, **kwargs: Any) -> None:
        """End the request's use of the server."""
        closer: Callable[..., None] = self._primary.close
        closer(**kwargs)
