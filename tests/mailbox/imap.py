"""A mail server on loopback that speaks as much IMAP as is needed to read a folder, and fails when told to."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast


@dataclass
class Kept:
    """A message of the folder."""

    uid: int
    raw: bytes
    seen: bool = False
    claims: int | str | None = None  # the size that it is said to have


class ImapServer(socketserver.ThreadingTCPServer):
    """One account (box / secret), one folder. `fail` names commands that are answered with NO, or hang up with "!"."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: list[Kept] = []
        self.validity = 7
        self.fail: set[str] = set()
        self.commands: list[str] = []
        self.fetched: list[int] = []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def put(self, raw: bytes, **more: object) -> Kept:
        """Deliver a message into the folder."""
        made = Kept(len(self.messages) + 1, raw, **more)  # type: ignore[arg-type]
        self.messages.append(made)
        return made


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            verb, _, args = rest.partition(" ")
            if verb.upper() == "UID":
                sub, _, args = args.partition(" ")
                verb = f"UID {sub}"
            server = cast(ImapServer, self.server)
            server.commands.append(verb.upper())
            if f"!{verb.upper()}" in server.fail:
                return
            if verb.upper() in server.fail:
                self._say(f"{tag} NO not now")
            elif not self._obey(server, tag, verb.upper(), args):
                return

    def _obey(self, server: ImapServer, tag: str, verb: str, args: str) -> bool:
        if verb == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
        elif verb == "LOGIN" and "secret" not in args:
            self._say(f"{tag} NO [AUTHENTICATIONFAILED] wrong password")
            return True
        elif verb == "SELECT":
            self._say(f"* {len(server.messages)} EXISTS")
            self._say(f"* OK [UIDVALIDITY {server.validity}] is the validity")
        elif verb == "UID SEARCH":
            self._say("* SEARCH " + " ".join(str(one.uid) for one in self._found(server, args)))
        elif verb == "UID FETCH":
            self._fetch(server, args)
        elif verb == "UID STORE":
            for one in server.messages:
                one.seen |= str(one.uid) in args.split(" ", maxsplit=1)[0].split(",")
        elif verb == "LOGOUT":
            self._say("* BYE")
        self._say(f"{tag} OK done")
        return verb != "LOGOUT"

    def _found(self, server: ImapServer, args: str) -> list[Kept]:
        newer = re.search(r"UID (\d+):\*", args)
        if newer:  # the newest is always in the range, as the standard has it
            return [one for one in server.messages if one.uid >= int(newer[1])] or server.messages[-1:]
        return [one for one in server.messages if not one.seen]

    def _fetch(self, server: ImapServer, args: str) -> None:
        uid, _, what = args.partition(" ")
        for number, one in enumerate(server.messages, 1):
            if str(one.uid) != uid:
                continue
            if "SIZE" in what:
                self._say(f"* {number} FETCH (UID {uid} RFC822.SIZE {one.claims or len(one.raw)})")
                continue
            content = one.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in what else one.raw
            server.fetched.append(one.uid)
            self.wfile.write(f"* {number} FETCH (UID {uid} BODY[] {{{len(content)}}}\r\n".encode() + content + b")\r\n")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running() -> Iterator[ImapServer]:
    """A server that listens on a free port of loopback."""
    with ImapServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
