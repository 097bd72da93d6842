"""My day at a million cases: the page and each piece that it fetches, for a coordinator, an associate and a partner lead."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, table
from bench.tenant import fill

CASES = 1_000_000


def run(options: argparse.Namespace) -> None:
    """On the database of the pages' benchmark; what must hold is a p95 of 60 ms for the page and for each piece."""
    bench = database(f"bench_pages_{CASES}")
    if bench.is_new:
        fill(bench, CASES)
    with bench.connect() as connection:
        connection.execute("ANALYZE escalations_case")
    bench.manage("collectstatic", "--noinput", "--verbosity", "0")
    command = [sys.executable, "-m", "bench.day_rows", str(options.requests)]
    done = subprocess.run(command, env=bench.env, check=True, stdout=subprocess.PIPE, text=True)
    rows = json.loads(done.stdout.splitlines()[-1])
    head = ["piece", "queries", "p50 ms", "p95 ms", "kB"]
    table(f"My day at {CASES:,} cases; whole response over HTTP, one client", head, [row[:5] for row in rows])
