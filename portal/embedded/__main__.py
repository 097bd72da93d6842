"""`python -m portal.embedded start|stop|status|remove|psql [ARGUMENTS]` for the servers of PORTAL_DATA_DIR."""

import argparse
import os
import subprocess
import sys

from portal.embedded.binaries import client_program
from portal.embedded.places import addresses
from portal.embedded.servers import ensure_running, in_use, is_running, remove, start, stop
from portal.servers import data_dir


def main() -> int:
    """Carry out one command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m portal.embedded", description="The embedded PostgreSQL and Valkey."
    )
    parser.add_argument("command", choices=["start", "stop", "status", "remove", "psql"])
    parser.add_argument(
        "--as", dest="role", choices=["app", "owner", "admin"], default="app", help="whom psql connects as"
    )
    given, rest = parser.parse_known_args()
    if given.command == "psql":
        return _psql(given.role, rest)
    if rest:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    {"start": _start, "stop": _stop, "status": _status, "remove": _remove}[given.command]()
    return 0


def _start() -> None:
    found = start(data_dir())
    print(f"DATABASE_URL={found.database_url}\nDATABASE_OWNER_URL={found.owner_url}\nREDIS_URL={found.redis_url}")


def _stop() -> None:
    stop(data_dir())


def _remove() -> None:
    remove(data_dir())


def _status() -> None:
    for name, running in is_running(data_dir()).items():
        print(f"{name}: {'running' if running else 'stopped'}")
    print(f"In use: {'yes' if in_use(data_dir()) else 'no'}")


def _psql(role: str, rest: list[str]) -> int:
    ensure_running(data_dir())
    found = addresses(data_dir())
    url = {"app": found.database_url, "owner": found.owner_url, "admin": found.admin_url}[role]
    return subprocess.run([client_program("psql"), url, *rest], check=False, env=os.environ).returncode


if __name__ == "__main__":
    sys.exit(main())
