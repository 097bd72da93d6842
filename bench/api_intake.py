"""Cases raised through the API beside many others: how many a second, by several clients on kept connections."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, drop, table
from bench.search import filled

CLIENTS = (1, 4, 8)
SECONDS = 15


def run(options: argparse.Namespace) -> None:
    """Measure at each size, on a copy of the database of the search, whose indexes of words are large; the bound is 100 cases a
    second on two cores at a million."""
    rows: list[list[object]] = []
    for size in (int(part) for part in options.sizes.split(",")):
        origin = filled(size)
        # The copy is measured and dropped: the search goes on with what it had.
        bench = database(f"bench_api_intake_{size}", fresh=True, of=origin.name)
        try:
            for clients in CLIENTS:
                command = [sys.executable, "-m", "bench.api_intake_rows", str(clients), str(SECONDS)]
                env = {**bench.env, "API_REQUESTS_PER_MINUTE": "10000000"}
                printed = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
                rows.append(json.loads(printed.splitlines()[-1]))
        finally:
            drop(bench.name)
    head = [
        "cases in the table", "clients", "raised", "cases/s", "p50 ms", "p95 ms", "queries", "CPU ms per case, web",
        "CPU ms per case, database",
    ]  # fmt: skip
    title = "Cases raised through the API, one subscription to their events; gunicorn with 2 workers, keep-alive, whole response"
    table(title, head, rows)
