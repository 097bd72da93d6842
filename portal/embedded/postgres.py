"""The embedded PostgreSQL: made once, started, prepared with the portal's roles and database, stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from portal.embedded.binaries import postgres_program
from portal.embedded.places import APP_ROLE, DATABASE, OWNER_ROLE, Places
from portal.embedded.processes import is_alive, program_of, server_environment, spawn, wait_for_end

if TYPE_CHECKING:
    import psycopg

START_SECONDS = 120.0
STOP_SECONDS = 60.0
# Extensions, and the application's rights on what the owner will make; a server of one's own gets the same.
PREPARE = (Path(__file__).parent / "prepare.sql").read_bytes()
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "jit": "off",
    # Containers often have 64 MB of /dev/shm, too little for parallel queries.
    "max_parallel_workers_per_gather": "0",
    "log_min_duration_statement": "2s",
}


def is_running(places: Places) -> bool:
    """Whether a server answers on the socket."""
    return answers(places.postgres_socket)


def answers(path: Path) -> bool:
    """Whether somebody listens on the Unix socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def start(places: Places) -> None:
    """Start the server, after a crash or for the first time too; returns when it takes connections.

    Raises RuntimeError with the end of the server's log when it does not come up.
    """
    if not is_running(places):
        _initialise(places)
        _forget_dead_server(places)
        log = places.home / "postgres.log"
        program = postgres_program(places, "postgres")
        options = [f"--{name}={value}" for name, value in _options(places).items()]
        pid = spawn(
            [str(program), "-D", str(places.pgdata), *options], account=places.account, folder=places.pgdata, log=log
        )
        _wait_until_ready(places, pid, log)
    _prepare(places)


def stop(places: Places) -> None:
    """Stop the server, ending open connections. Raises RuntimeError when it does not end."""
    pid = _recorded_pid(places)
    if pid is None or not is_alive(pid) or program_of(pid) != "postgres":
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    if wait_for_end(pid, STOP_SECONDS):
        return
    os.kill(pid, signal.SIGQUIT)
    if not wait_for_end(pid, STOP_SECONDS):
        raise RuntimeError(f"PostgreSQL (process {pid}) does not end.")


def _options(places: Places) -> dict[str, str]:
    options = {**OPTIONS, "unix_socket_directories": str(places.run)}
    if os.environ.get("PORTAL_EMBEDDED_DURABLE", "1") == "0":
        options |= {"fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "5min"}
    if os.environ.get("PORTAL_EMBEDDED_AUTOVACUUM", "1") == "0":
        options |= {"autovacuum": "off"}
    return options


def _initialise(places: Places) -> None:
    """Make the data folder. It is made under another name first, so that a half-made one is never used."""
    if (places.pgdata / "PG_VERSION").exists():
        return
    command = [
        str(postgres_program(places, "initdb")),
        *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions", "--no-sync"),
    ]
    account = places.account
    result = subprocess.run(
        [*command, f"--pgdata={places.pgdata}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=places.pgdata,
        env=server_environment(),
        user=account.uid,
        group=account.gid,
        extra_groups=[] if account.uid is not None else None,
    )
    if result.returncode != 0:
        raise RuntimeError(f"The database could not be made in {places.pgdata}:\n{result.stdout}{result.stderr}")


def _recorded_pid(places: Places) -> int | None:
    try:
        return int((places.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _forget_dead_server(places: Places) -> None:
    """Remove the record of a server that is gone, also when its process id now belongs to something else."""
    pid = _recorded_pid(places)
    if pid is not None and is_alive(pid) and program_of(pid) == "postgres":
        raise RuntimeError(f"PostgreSQL (process {pid}) runs on {places.pgdata} but does not answer at {places.run}.")
    for path in (
        places.pgdata / "postmaster.pid",
        places.postgres_socket,
        places.run / f"{places.postgres_socket.name}.lock",
    ):
        path.unlink(missing_ok=True)


def _wait_until_ready(places: Places, pid: int, log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(psycopg.OperationalError), _connect(places, "postgres"):
            return
        if not is_alive(pid) or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"PostgreSQL did not start. The end of {log}:\n{tail}")
        time.sleep(0.03)


def _connect(places: Places, database: str) -> "psycopg.Connection[tuple[object, ...]]":
    import psycopg

    return psycopg.connect(host=str(places.run), user="postgres", dbname=database, autocommit=True, connect_timeout=10)


def _prepare(places: Places) -> None:
    """Make roles, database and extensions once; the marker file spares a second start the look."""
    marker = places.pgdata / "portal-prepared-1"
    if marker.exists():
        return
    with _connect(places, "postgres") as connection:
        _make_roles(connection)
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
    for database in ("template1", DATABASE):
        with _connect(places, database) as connection:
            connection.execute(PREPARE)
    marker.touch()


def _make_roles(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    for role in (OWNER_ROLE, APP_ROLE):
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
            connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
