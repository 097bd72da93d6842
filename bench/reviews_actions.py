"""Reviews: 50,000 actions at 40 sites; the list, its filters and the board over HTTP, for who sees all of it and for who sees one site."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, table

ACTIONS = 50_000


def run(options: argparse.Namespace) -> None:
    """Fill a database once, then print a row per page."""
    bench = database("bench_reviews_actions")
    if bench.is_new:
        _within(bench.env, "fill", ACTIONS)
        with bench.connect() as connection:
            connection.execute("VACUUM ANALYZE")
    bench.manage("collectstatic", "--noinput", "--verbosity", "0")
    rows = json.loads(_within(bench.env, "measure", options.requests).splitlines()[-1])
    table(
        f"Actions ({ACTIONS:,}; whole response over HTTP, one client)",
        ["page", "queries", "p50 ms", "p95 ms", "kB"],
        [row[:5] for row in rows],
    )


def _within(env: dict[str, str], what: str, number: int) -> str:
    command = [sys.executable, "-m", "bench.reviews_actions_rows", what, str(number)]
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
