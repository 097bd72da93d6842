"""Cases raised through the API: how many a second, by several clients on kept connections."""

import argparse
import json
import subprocess
import sys

from bench.databases import database, table

CLIENTS = (1, 4, 8)
SECONDS = 15


def run(_options: argparse.Namespace) -> None:
    """Measure on a database of its own; the bound is 100 cases a second on two cores."""
    bench = database("bench_api_intake")
    with bench.connect() as connection:
        connection.execute("ANALYZE")
    rows = []
    for clients in CLIENTS:
        command = [sys.executable, "-m", "bench.api_intake_rows", str(clients), str(SECONDS)]
        env = {**bench.env, "API_REQUESTS_PER_MINUTE": "10000000"}
        printed = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
        rows.append(json.loads(printed.splitlines()[-1]))
    head = [
        "clients",
        "cases",
        "cases/s",
        "p50 ms",
        "p95 ms",
        "queries",
        "CPU ms per case, web",
        "CPU ms per case, database",
    ]
    table("Cases raised through the API; gunicorn with 2 workers, keep-alive, whole response", head, rows)
