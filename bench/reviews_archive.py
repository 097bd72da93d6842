"""Packs: the archive of 52 weeks at 12 sites, its filters and one pack over HTTP, for who sees all of it and for who sees one site."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, table

SITES, WEEKS = 12, 52


def run(options: argparse.Namespace) -> None:
    """Fill a database once, then print a row per page."""
    bench = database("bench_reviews_archive")
    if bench.is_new:
        _within(bench.env, "fill", WEEKS)
        with bench.connect() as connection:
            connection.execute("VACUUM ANALYZE")
    bench.manage("collectstatic", "--noinput", "--verbosity", "0")
    rows = json.loads(_within(bench.env, "measure", options.requests).splitlines()[-1])
    table(
        f"Packs ({WEEKS} weeks at {SITES} sites; whole response over HTTP, one client)",
        ["page", "queries", "p50 ms", "p95 ms", "kB"],
        [row[:5] for row in rows],
    )


def _within(env: dict[str, str], what: str, number: int) -> str:
    command = [sys.executable, "-m", "bench.reviews_archive_rows", what, str(number)]
    return subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
