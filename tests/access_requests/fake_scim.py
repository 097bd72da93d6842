"""A SCIM server on loopback that fails as a test tells it, and keeps a list of everything that it really did.

Faults are taken in order by the first request that they fit. A change that is `late` is not answered, and is carried
out when the test says so: what a system does that answers too late.
"""

import itertools
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
_EQ = re.compile(r'(\w+) eq "((?:[^"\\]|\\.)*)"')
_MEMBER = re.compile(r'members\[value eq "([^"]*)"\]')
Reply = tuple[int, dict[str, Any] | None]


@dataclass
class Fault:
    """What becomes of one request: `status` answers with that and does nothing; `late` does it when told, unanswered;
    `done` does it and then answers with `status` all the same; `blind` finds nothing, and does nothing although it says so."""

    method: str
    path: str = "/"
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    late: bool = False
    done: bool = False
    blind: bool = False
    times: int = 1


class FakeScim(ThreadingHTTPServer):
    """Users, groups, faults, and what was done."""

    daemon_threads = True

    def __init__(self, token: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.token = token
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.faults: list[Fault] = []
        self.late: list[Callable[[], object]] = []
        self.done: list[tuple[str, ...]] = []
        self.requests: list[tuple[str, str]] = []
        self.stop, self.lock = threading.Event(), threading.RLock()
        self.holding = threading.Event()
        self._ids = itertools.count(1)

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.server_address[1]}/scim/v2"

    def add_group(self, name: str) -> str:
        """A group without members."""
        pk = f"g{next(self._ids)}"
        self.groups[pk] = {"schemas": [_GROUP], "id": pk, "displayName": name, "members": []}
        return pk

    def add_user(self, user_name: str, **fields: Any) -> str:
        """An account that was there before."""
        pk = f"u{next(self._ids)}"
        self.users[pk] = {"schemas": [_USER], "id": pk, "userName": user_name, "active": True, **fields}
        return pk

    def live(self, user_name: str) -> set[str]:
        """The groups that an open account is in; its own name besides. Nothing if it is closed or absent."""
        found = [one for one in self.users.values() if one["userName"] == user_name and one["active"]]
        names = {one["displayName"] for one in self.groups.values() for user in found if user["id"] in one["members"]}
        return names | {user_name for _user in found}

    def left_in_groups(self, user_name: str) -> set[str]:
        """The groups that an account is in, open or closed."""
        ids = {one["id"] for one in self.users.values() if one["userName"] == user_name}
        return {one["displayName"] for one in self.groups.values() if ids & set(one["members"])}

    def apply_late(self) -> None:
        """Carry out what was not answered in time."""
        with self.lock:
            waiting, self.late = self.late, []
        for change in waiting:
            change()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""

    def fault_for(self, method: str, path: str) -> Fault | None:
        """The first fault that fits, used up."""
        with self.lock:
            for fault in self.faults:
                if fault.method == method and path.startswith(fault.path):
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                    return fault
        return None

    def act(self, method: str, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> Reply:
        """Carry out one request."""
        kind, _, pk = path.strip("/").partition("/")
        rows = self.users if kind == "Users" else self.groups
        with self.lock:
            if method == "POST":
                return self._create(body)
            if pk and pk not in rows:
                return _error(404, "no such resource")
            if method == "GET" and not pk:
                return 200, self._listed(rows, query)
            if method == "GET":
                return 200, listed([self._shown(rows[pk])], query)["Resources"][0]
            for operation in body["Operations"]:
                self._patch(kind, rows[pk], operation)
            return 200, listed([self._shown(rows[pk])], query)["Resources"][0]

    def _create(self, body: dict[str, Any]) -> Reply:
        if any(one["userName"].lower() == body["userName"].lower() for one in self.users.values()):
            return _error(409, "userName is taken", "uniqueness")
        given = {key: value for key, value in body.items() if key not in {"schemas", "userName"}}
        pk = self.add_user(body["userName"], **given)
        self.done.append(("create", body["userName"]))
        return 201, self._shown(self.users[pk])

    def _patch(self, kind: str, row: dict[str, Any], operation: dict[str, Any]) -> None:
        path = operation["path"]
        if kind == "Users":
            row[path] = operation["value"]
            self.done.append((path, row["userName"], str(operation["value"])))
        elif operation["op"] == "add":
            for one in operation["value"]:
                if one["value"] not in row["members"]:
                    row["members"].append(one["value"])
                    self.done.append(("join", row["displayName"], self.users[one["value"]]["userName"]))
        elif found := _MEMBER.fullmatch(path):
            row["members"].remove(found[1])
            self.done.append(("leave", row["displayName"], self.users[found[1]]["userName"]))

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        if "userName" in row:
            groups = [{"value": one["id"]} for one in self.groups.values() if row["id"] in one["members"]]
            return {**row, "groups": groups, "meta": {"resourceType": "User"}, "urn:example:ours": {"x": 1}}
        return {**row, "members": [{"value": one} for one in row["members"]], "meta": {"resourceType": "Group"}}

    def _listed(self, rows: dict[str, dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
        return listed([self._shown(one) for one in chosen(rows, query)], query)


def chosen(rows: dict[str, dict[str, Any]], query: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The rows that fit a filter of the form: attribute eq "value"."""
    asked = _EQ.fullmatch(query["filter"][0])
    assert asked
    name, value = asked[1], asked[2].replace('\\"', '"').replace("\\\\", "\\")
    return [one for one in rows.values() if str(one.get(name, "")).lower() == value.lower()]


def listed(found: list[dict[str, Any]], query: dict[str, list[str]]) -> dict[str, Any]:
    """The answer to a query."""
    for one in found:
        for without in query.get("excludedAttributes", []):
            one.pop(without, None)
    schema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
    return {"schemas": [schema], "totalResults": len(found), "Resources": found}


def _error(status: int, detail: str, kind: str = "") -> Reply:
    said = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": detail}
    return status, said | ({"scimType": kind} if kind else {})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body go out at once: else the second waits 40 ms for the word that the first has come.
    disable_nagle_algorithm = True

    def _any(self) -> None:
        server = cast(FakeScim, self.server)
        parts = urlsplit(self.path)
        path = unquote(parts.path.removeprefix("/scim/v2"))
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        server.requests.append((self.command, path))
        query = parse_qs(parts.query)
        if server.token and self.headers.get("authorization") != f"Bearer {server.token}":
            self._answer(401, {"detail": "who are you"})
            return
        fault = server.fault_for(self.command, path)
        if fault and fault.late:
            server.late.append(lambda: server.act(self.command, path, query, body))
            server.holding.set()
            server.stop.wait(20)
            self.close_connection = True
            return
        if fault and fault.blind:
            if self.command == "GET":
                self._answer(200, listed([], query))
            else:
                self._answer(204, None)
            return
        if fault and not fault.done:
            self._answer(fault.status, None, fault.headers)
            return
        status, said = server.act(self.command, path, query, body)
        if fault:
            self._answer(fault.status, None, fault.headers)
        else:
            self._answer(status, said)

    def _answer(self, status: int, said: dict[str, Any] | None, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(said).encode() if said is not None else b"<html>oops</html>" * (status != 204)
        self.send_response(status)
        self.send_header("Content-Type", "application/scim+json" if said is not None else "text/html")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def running(token: str = "") -> Iterator[FakeScim]:
    """A server that listens on a free port of loopback."""
    with FakeScim(token) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stop.set()
            server.shutdown()
            thread.join()
