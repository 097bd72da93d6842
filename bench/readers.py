"""Pages of a filled database over HTTP, asked for by who sees all of it and by who sees one site."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, table


def run(options: argparse.Namespace, name: str, number: int, title: str) -> None:
    """Fill the database of `bench.NAME_rows` once, then print a row per page."""
    bench = database(f"bench_{name}")
    if bench.is_new:
        _within(bench.env, name, "fill", number)
        with bench.connect() as connection:
            connection.execute("VACUUM ANALYZE")
    bench.manage("collectstatic", "--noinput", "--verbosity", "0")
    rows = json.loads(_within(bench.env, name, "measure", options.requests).splitlines()[-1])
    head = f"{title}; whole response over HTTP, one client"
    table(head, ["page", "queries", "p50 ms", "p95 ms", "kB"], [row[:5] for row in rows])


def _within(env: dict[str, str], name: str, what: str, number: int) -> str:
    command = [sys.executable, "-m", f"bench.{name}_rows", what, str(number)]
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
