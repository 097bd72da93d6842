"""The search over cases with their words, people and more: rare and common words, Chinese, parts of references."""

import argparse
import json
import subprocess
import sys

from bench.databases import Bench, database, table
from bench.search_tenant import fill

CASES = 1_000_000


def filled(cases: int = CASES) -> Bench:
    """The database with so many cases and their words, filled once."""
    bench = database("bench_search" if cases == CASES else f"bench_search_{cases}")
    if bench.is_new:
        fill(bench, cases)
    return bench


def run(options: argparse.Namespace) -> None:
    """Fill the database once, then print a row per text and reader. What must hold is a p95 of 100 ms."""
    bench = filled()
    bench.manage("collectstatic", "--noinput", "--verbosity", "0")
    command = [sys.executable, "-m", "bench.search_rows", str(options.requests)]
    done = subprocess.run(command, env=bench.env, check=True, stdout=subprocess.PIPE, text=True)
    rows = json.loads(done.stdout.splitlines()[-1])
    head = ["looked for", "text", "by", "hits", "queries", "busy p50 ms", "busy p95 ms", "HTTP p50 ms", "HTTP p95 ms"]
    table(f"Search at {CASES:,} cases with their words; whole response over HTTP, one client", head, rows)
