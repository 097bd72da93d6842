"""Processes of the machine: whether the one that a file names is still the same one, and waiting for its end."""

import contextlib
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from portal.embedded.places import Account

_children: dict[int, "subprocess.Popen[bytes]"] = {}


def spawn(
    command: list[str],
    *,
    account: Account,
    folder: Path,
    log: Path,
    env: Mapping[str, str] | None = None,
    keep_open: tuple[int, ...] = (),
) -> int:
    """Start a server in a session of its own, so that Ctrl-C in a terminal does not reach it. Returns its process id.

    `env` is its environment (default: one that changes nothing about it), `keep_open` the descriptors it inherits.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=keep_open,
            env=server_environment() if env is None else env,
            user=account.uid,
            group=account.gid,
            extra_groups=[] if account.uid is not None else None,
        )
    _children[process.pid] = process
    return process.pid


def server_environment() -> dict[str, str]:
    """What a server gets to see of the environment: nothing that changes where or how it runs."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def is_alive(pid: int) -> bool:
    """Whether the process exists and is more than a dead one that nobody has collected."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) != "Z"


def program_of(pid: int) -> str:
    """The name of the program that the process runs, or an empty string when it is gone or hidden."""
    try:
        return (Path("/proc") / str(pid) / "comm").read_text().strip()
    except OSError:
        found = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return os.path.basename(found.stdout.strip())


def wait_for_end(pid: int, seconds: float) -> bool:
    """Wait until the process is gone; false when it still runs after that many seconds."""
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def wait_for_children(seconds: float = 5.0) -> None:
    """Wait for the servers that this process started and that are ending, so that none stays behind uncollected."""
    for child in _children.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)


def let_children_live() -> None:
    """Forget the servers that this process started: others still use them, and it is about to end."""
    for child in _children.values():
        if child.poll() is None:
            child.returncode = 0
    _children.clear()


def _state(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
