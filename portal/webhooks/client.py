"""HTTP to the outside: only to allowed addresses, within a time, answers of a bounded size, no redirects, no proxies.

The address that was checked is the one that is connected to, so a name that changes its address in between gains
nothing; the certificate is checked against the name.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import TracebackType
from typing import Final

import httpcore2
import httpx2
from django.conf import settings

from portal.webhooks.guard import BlockedError, check_url, resolve

MAX_ANSWER: Final = 1024 * 1024  # bytes


def guarded_client(
    *, seconds: float | None = None, max_answer: int = MAX_ANSWER, headers: Mapping[str, str] | None = None,
    base_url: str = "", verify: ssl.SSLContext | bool = True,
) -> httpx2.Client:  # fmt: skip
    """A client for one thread. A request takes at most `seconds` as a whole (else WEBHOOKS_TIMEOUT).

    Its requests raise BlockedError for an address that is not allowed, httpx2.HTTPError for all else that goes wrong.
    """
    transport = GuardedTransport(settings.WEBHOOKS_TIMEOUT if seconds is None else seconds, max_answer, verify)
    sent = {"user-agent": "partner-operations-portal", "accept-encoding": "identity", **(headers or {})}
    return httpx2.Client(
        transport=transport, base_url=base_url, headers=sent, follow_redirects=False, trust_env=False, timeout=None
    )


class _Deadline:
    """Until when the request at hand may take."""

    def __init__(self) -> None:
        self.at = 0.0

    def left(self, asked: float | None) -> float:
        """Seconds left, at most what was asked for. Raises httpcore2.ReadTimeout when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the request took too long")
        return left if asked is None else min(left, asked)


class _Stream(httpcore2.NetworkStream):
    """A connection on which nothing may wait beyond the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    """Resolves a name, checks every address, connects to one of those."""

    def __init__(self, deadline: _Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"{host} has no address") from error
        failed: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                left = self._deadline.left(timeout)
                return _Stream(
                    super().connect_tcp(address, port, left, local_address, socket_options or ()), self._deadline
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed


@cache
def _context(verify: bool) -> ssl.SSLContext:
    """Made once: reading the authorities' certificates costs more than a request."""
    return httpx2.create_ssl_context(verify=verify, trust_env=False)


class GuardedTransport(httpx2.BaseTransport):
    """What `guarded_client` sends through."""

    def __init__(self, seconds: float, max_answer: int = MAX_ANSWER, verify: ssl.SSLContext | bool = True) -> None:
        self._seconds, self._max_answer, self._deadline = seconds, max_answer, _Deadline()
        context = verify if isinstance(verify, ssl.SSLContext) else _context(verify)
        self._pool = httpcore2.ConnectionPool(ssl_context=context, network_backend=_Backend(self._deadline))

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request. Raises BlockedError and httpx2.HTTPError."""
        check_url(str(request.url))
        self._deadline.at = time.monotonic() + self._seconds
        url = request.url
        inner = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions={name: value for name, value in request.extensions.items() if name != "timeout"},
        )
        with _translated(request):
            answer = self._pool.handle_request(inner)
        packing = {value.lower() for name, value in answer.headers if name.lower() == b"content-encoding"}
        if packing - {b"identity"}:
            answer.close()
            raise httpx2.DecodingError("the answer is packed, which was not asked for", request=request)
        stream = _Answer(answer, self._max_answer, request)
        return httpx2.Response(answer.status, headers=answer.headers, stream=stream, extensions=answer.extensions)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Answer(httpx2.SyncByteStream):
    """The body of an answer, which must not be larger than allowed."""

    def __init__(self, inner: httpcore2.Response, limit: int, request: httpx2.Request) -> None:
        self._inner, self._limit, self._request = inner, limit, request

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        with _translated(self._request):
            for chunk in self._inner.iter_stream():
                size += len(chunk)
                if size > self._limit:
                    raise httpx2.ReadError(f"the answer is larger than {self._limit} bytes", request=self._request)
                yield chunk

    def close(self) -> None:
        self._inner.close()


class _translated:  # noqa: N801 - reads as a statement
    """Turns errors of the lower library into those of the upper one."""

    def __init__(self, request: httpx2.Request) -> None:
        self._request = request

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for below, above in _ERRORS:
            if isinstance(error, below):
                raise above(str(error) or type(error).__name__, request=self._request) from error


_ERRORS: Final[tuple[tuple[type[Exception], type[httpx2.RequestError]], ...]] = (
    (httpcore2.ConnectTimeout, httpx2.ConnectTimeout),
    (httpcore2.TimeoutException, httpx2.ReadTimeout),
    (httpcore2.ConnectError, httpx2.ConnectError),
    (httpcore2.NetworkError, httpx2.ReadError),
    (httpcore2.ProtocolError, httpx2.RemoteProtocolError),
    (httpcore2.UnsupportedProtocol, httpx2.UnsupportedProtocol),
)
__all__ = ["MAX_ANSWER", "BlockedError", "GuardedTransport", "guarded_client"]
