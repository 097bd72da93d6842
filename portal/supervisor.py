"""`python -m portal.supervisor [run|reset]`: the demo on one machine, from the servers to the address to open.

Prepares the database, builds the demo tenant once, and runs web, worker and beat until Ctrl-C. This process
is the first to attach to the embedded servers and the last to let go, so it also stops them.
"""

import argparse
import ctypes
import fcntl
import hashlib
import multiprocessing
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from portal.embedded.servers import in_use, remove
from portal.servers import data_dir, ensure_servers

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
FIRST_PORT = 8000
START_SECONDS = 120.0
# Runs a program that ends when whoever started it has ended, however that ended. Only Linux knows how.
FOLLOW = """
import ctypes, os, signal, sys
sys.platform == "linux" and ctypes.CDLL(None).prctl(1, signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])
"""


def main() -> int:
    """Run the demo; `reset` deletes its data; `announce` waits for it and prints how to get in. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m portal.supervisor", description=__doc__)
    parser.add_argument("command", nargs="?", choices=list(COMMANDS), default="run")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _hang_up)
    try:
        return COMMANDS[given.command]()
    except KeyboardInterrupt:
        return 130


def run() -> int:
    """Prepare everything, then run until a signal comes or a process ends. One demo at a time in a data folder."""
    with _only_one() as alone:
        if not alone:
            print(f"The demo of {data_dir()} is running already.", file=sys.stderr)
            return 1
        return _run()


def _run() -> int:
    port = choose_port(int(os.environ.get("PORT") or FIRST_PORT))
    os.environ["PORTAL_BASE_URL"] = f"http://localhost:{port}"
    print("Starting PostgreSQL and Valkey ...", flush=True)
    ensure_servers()
    # What a crash takes from the invented tenant is built again; waiting for the disk after each step would cost more.
    unhurried = {**os.environ, "PGOPTIONS": "-c synchronous_commit=off"}
    command = [sys.executable, "-m", "portal.supervisor", "prepare"]
    status = subprocess.run(command, cwd=ROOT, env=unhurried, check=False).returncode or collect_static()
    if status:
        return status
    helper = subprocess.Popen([sys.executable, "-m", "portal.supervisor", "announce"], cwd=ROOT)
    try:
        return _supervise(port)
    finally:
        helper.terminate()
        helper.wait()


@contextmanager
def _only_one() -> Iterator[bool]:
    """True when no other supervisor holds the lock of the data folder."""
    data_dir().mkdir(parents=True, exist_ok=True)
    with (data_dir() / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def choose_port(first: int, tries: int = 100) -> int:
    """The first free port from `first` on; says so when it is another. Raises SystemExit when there is none."""
    for port in range(first, min(first + tries, 65536)):
        if is_free(port):
            if port != first:
                print(f"Port {first} is taken; using {port}.", flush=True)
            return port
    raise SystemExit(f"No free port from {first} on; set PORT to another one.")


def is_free(port: int) -> bool:
    """Whether nothing listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def prepare() -> int:
    """Bring the schema up to date and build what is missing of the tenant; quick when there is nothing to do."""
    import django
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    executor = MigrationExecutor(connection)
    behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    connection.close()
    status = _manage("migrate", "--verbosity", "0") if behind else 0
    if status == 0:
        call_command("build_demo")
    return status


def collect_static() -> int:
    """Gather the static files unless nothing about them has changed since the last time."""
    folder = data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    stamp, state = folder / "static.stamp", _state_of_static()
    if stamp.exists() and stamp.read_text() == state:
        return 0
    status = _manage("collectstatic", "--no-input", "--verbosity", "0")
    if status == 0:
        stamp.write_text(state)
    return status


def announce() -> int:
    """Wait until the portal answers, then print its address and one login per role."""
    address = os.environ["PORTAL_BASE_URL"]
    deadline = time.monotonic() + START_SECONDS
    with subprocess.Popen(
        _command("demo_logins", "--skip-checks"), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as logins:
        while not _answers(f"{address}/healthz"):
            if time.monotonic() > deadline:
                print(f"The portal does not answer at {address}.", flush=True)
                return 1
            time.sleep(0.1)
        text, _ = logins.communicate()
    print(f"\n  The portal is at {address}\n\n{text}\n  Ctrl-C stops everything; the data is kept.\n", flush=True)
    return logins.returncode


def reset() -> int:
    """Delete everything the demo has made, so that the next start builds it anew."""
    folder = data_dir()
    if in_use(folder):
        print("The demo is running; stop it first.", file=sys.stderr)
        return 1
    remove(folder)
    for name in ("files", "static"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in (folder / "static.stamp", folder / "demo.lock", *folder.glob("beat-schedule*")):
        path.unlink(missing_ok=True)
    return 0


def _supervise(port: int) -> int:
    """Run the three processes under honcho. When one ends, all end."""
    from honcho.manager import Manager

    # The processes' own handlers are simple functions of this module's parent; a fork costs nothing here.
    multiprocessing.set_start_method("fork", force=True)
    os.register_at_fork(after_in_child=_follow_parent)
    manager = Manager()
    for name, command in _commands(port).items():
        line = shlex.join([sys.executable, "-c", FOLLOW, *command])
        manager.add_process(name, f"exec {line}", cwd=str(ROOT), env=_environment())
    manager.loop()
    # Ended as it was asked to: that is no failure.
    return 0 if manager.returncode in {130, 143} else int(manager.returncode or 0)


def _follow_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _commands(port: int) -> dict[str, list[str]]:
    python, schedule = sys.executable, data_dir() / "beat-schedule"
    web = ["--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4", "--graceful-timeout", "3"]
    web += ["--preload", "--log-level", "warning", "--no-control-socket"]
    worker = ["--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    return {
        "web": [python, "-m", "gunicorn", "portal.wsgi:application", *web],
        "worker": [python, "-m", "celery", "-A", "portal", "--quiet", "--skip-checks", "worker", *worker],
        "beat": [python, "-m", "celery", "-A", "portal", "--quiet", "--skip-checks", "beat", "--loglevel", "WARNING",
                 "--schedule", str(schedule), "--pidfile="],
    }  # fmt: skip


def _environment() -> dict[str, str]:
    # Celery warns root about its rights; as root in a container or a virtual machine that is how the demo is meant to run.
    ignored = "ignore::UserWarning:celery.platforms"
    return {"LOG_LEVEL": "WARNING", **os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": ignored}


def _manage(*arguments: str) -> int:
    return subprocess.run(_command(*arguments), cwd=ROOT, check=False).returncode


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def _state_of_static() -> str:
    found = hashlib.sha256("".join(version(name) for name in ("django", "django-allauth", "django-htmx")).encode())
    for path in _static_files():
        seen = path.stat()
        found.update(f"{path.relative_to(ROOT)} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _static_files() -> Iterator[Path]:
    yield from sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except OSError:
        return False


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _hang_up(number: int, frame: FrameType | None) -> None:
    """A closed terminal ends the demo as SIGTERM does; nothing can be written to it any more."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.kill(os.getpid(), signal.SIGTERM)


COMMANDS: dict[str, Callable[[], int]] = {"run": run, "prepare": prepare, "announce": announce, "reset": reset}

if __name__ == "__main__":
    sys.exit(main())
