"""The embedded Valkey: broker and cache. It keeps nothing on disk; whatever must last is in PostgreSQL."""

import contextlib
import os
import signal
import time

from portal.embedded.binaries import valkey_program
from portal.embedded.places import Places
from portal.embedded.postgres import answers
from portal.embedded.processes import is_alive, program_of, spawn, wait_for_end

START_SECONDS = 30.0
STOP_SECONDS = 20.0


def is_running(places: Places) -> bool:
    """Whether a server answers on the socket."""
    return answers(places.valkey_socket)


def start(places: Places) -> None:
    """Start the server; returns when it takes connections. Raises RuntimeError when it does not come up."""
    if is_running(places):
        return
    places.valkey_socket.unlink(missing_ok=True)
    log = places.home / "valkey.log"
    command = [str(valkey_program(places)), "--port", "0", "--unixsocket", str(places.valkey_socket)]
    command += ["--unixsocketperm", "700", "--dir", str(places.valkey), "--save", "", "--appendonly", "no"]
    # Tasks never expire, cache entries do: only the latter may be thrown out when memory is short.
    command += ["--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru", "--pidfile", str(places.valkey / "pid")]
    command += ["--daemonize", "no", "--loglevel", "warning"]
    pid = spawn(command, account=places.account, folder=places.valkey, log=log)
    (places.valkey / "pid").write_text(f"{pid}\n")
    deadline = time.monotonic() + START_SECONDS
    while not is_running(places):
        if not is_alive(pid) or time.monotonic() > deadline:
            raise RuntimeError(f"Valkey did not start. The end of {log}:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)


def stop(places: Places) -> None:
    """Stop the server."""
    try:
        pid = int((places.valkey / "pid").read_text())
    except (OSError, ValueError):
        return
    if not is_alive(pid) or program_of(pid) != "valkey-server":
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    if not wait_for_end(pid, STOP_SECONDS):
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid, STOP_SECONDS)
