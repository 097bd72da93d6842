"""A service desk behind a signed webhook, on loopback, that fails as a test tells it and keeps what it really gave and took.

It holds to what the guide asks of such systems: the same `webhook-id` is the same request, and nothing is carried out after
something younger (by `item`) about the same person and entitlement.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast

DONE: Final = b'{"status": "done", "ticket": "T-1"}'
Pair = tuple[str, str]


class FakeDesk(ThreadingHTTPServer):
    """What becomes of the next calls is said by `faults`:

    a status (with "+" it is done all the same; 429 asks for two minutes), "late" (no answer; done when the test says so),
    "lost" (done at once, no answer), "slow" (accepted with 202, to be done when the test says so).
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.late: list[tuple[str, dict[str, Any]]] = []
        self.held: set[Pair] = set()
        self.done: list[tuple[str, str, str]] = []
        self.stop, self.holding, self.lock = threading.Event(), threading.Event(), threading.RLock()
        self._seen: set[str] = set()
        self._youngest: dict[Pair, int] = {}

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def carry_out(self, key: str, said: dict[str, Any]) -> None:
        """Give or take, once per key, in the order in which it was asked."""
        data = said["data"]
        pair = data["person"]["email"], data["entitlement"]["value"]
        with self.lock:
            if key in self._seen or self._youngest.get(pair, 0) > data["item"]:
                return
            self._seen.add(key)
            self._youngest[pair] = data["item"]
            self.done.append((data["operation"], *pair))
            (self.held.add if data["operation"] == "grant" else self.held.discard)(pair)

    def apply_late(self) -> None:
        """Carry out what was not answered."""
        waiting, self.late = self.late, []
        for key, said in waiting:
            self.carry_out(key, said)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        desk = cast(FakeDesk, self.server)
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        call = self.headers["webhook-id"], said
        desk.calls.append(call)
        fault = desk.faults.pop(0) if desk.faults else ""
        if fault in {"late", "slow"}:
            desk.late.append(call)
        elif not fault.isdigit():
            desk.carry_out(*call)
        if fault in {"late", "lost"}:
            desk.holding.set()
            desk.stop.wait(20)
            self.close_connection = True
            return
        status = 202 if fault == "slow" else int(fault.rstrip("+") or 200)
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "120")
        body = DONE if status == 200 else b"{}"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def running() -> Iterator[FakeDesk]:
    """A desk that listens on a free port of loopback."""
    with FakeDesk() as desk:
        thread = threading.Thread(target=desk.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield desk
        finally:
            desk.stop.set()
            desk.shutdown()
            thread.join()
