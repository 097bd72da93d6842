"""My day at a million cases: the page and each piece that it fetches, for a coordinator, an associate and a partner lead."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, drop, table
from bench.day_tenant import fill_day
from bench.tenant import fill

CASES = 1_000_000


def run(options: argparse.Namespace) -> None:
    """On a copy of the database of the pages' benchmark, with what is of today; what must hold is a p95 of 60 ms for the page and
    for each piece. Ends with a message where a piece has no row: that would be the cost of nothing."""
    origin = database(f"bench_pages_{CASES}")
    if origin.is_new:
        fill(origin, CASES)
    bench = database(f"bench_day_{CASES}", fresh=True, of=origin.name)
    try:
        fill_day(bench)
        bench.manage("collectstatic", "--noinput", "--verbosity", "0")
        command = [sys.executable, "-m", "bench.day_rows", str(options.requests)]
        done = subprocess.run(command, env=bench.env, check=False, stdout=subprocess.PIPE, text=True)
    finally:
        drop(bench.name)
    if done.returncode:
        raise SystemExit(done.returncode)
    rows = json.loads(done.stdout.splitlines()[-1])
    head = ["piece", "queries", "p50 ms", "p95 ms", "kB", "rows"]
    table(f"My day at {CASES:,} cases; whole response over HTTP, one client", head, rows)
