"""Pages over HTTP at several sizes, beside a hello-world view of the same server and the bare SQL of the same rows."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, table
from bench.tenant import fill


def run(options: argparse.Namespace) -> None:
    """Measure every size and print one table."""
    rows: list[list[object]] = []
    for size in (int(part) for part in options.sizes.split(",")):
        bench = database(f"bench_pages_{size}")
        if bench.is_new:
            fill(bench, size)
        bench.manage("collectstatic", "--noinput", "--verbosity", "0")
        command = [sys.executable, "-m", "bench.measure", str(options.requests)]
        done = subprocess.run(command, env=bench.env, check=True, stdout=subprocess.PIPE, text=True)
        rows += [[f"{size:,}", *line] for line in json.loads(done.stdout.splitlines()[-1])]
    table(
        "Pages (whole response over HTTP, one client)",
        ["cases", "page", "queries", "p50 ms", "p95 ms", "kB", "bare SQL p50 ms", "bare SQL p95 ms"],
        rows,
    )
