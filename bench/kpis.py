"""KPIs: a network of 3,000 agents over months or years; what pages ask of the sums, and the same asked of the facts themselves."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench import kpis_rows
from bench.databases import ROOT, Bench, database, table
from portal.embedded import ensure_running


def run(options: argparse.Namespace) -> None:
    """Fill a database per size once (`--days`), make its sums, measure, and print."""
    for days in map(int, options.days.split(",")):
        bench = database(f"bench_kpis_{days}")
        if not _is_filled(bench):
            fill(bench, days)
        bench.manage("collectstatic", "--noinput", "--verbosity", "0")
        found = _measured(bench, options.requests)
        size = f"{found['rows']:,} rows of agents, {days:,} days"
        load = f"load average {os.getloadavg()[0]:.1f}"
        table(
            f"What pages of KPIs ask ({size}; in process; {load})",
            ["question", "queries", "p50 ms", "p95 ms", "CPU ms of Python", "of the facts, s"],
            found["asked"],
        )
        table(
            f"Pages of KPIs (over HTTP; {size}; {load})",
            ["page", "queries", "p50 ms", "p95 ms", "kB", "CPU ms of Python"],
            found["pages"],
        )
        table(f"Sums ({size}; {load})", ["step", "n", "seconds"], found["sums"])
        table(f"Space ({size})", ["table", "rows", "MB", "bytes a row", "of it indexes"], space(bench))


def fill(bench: Bench, days: int) -> None:
    """The facts by SQL, then every sum by the workers' own action."""
    with psycopg.connect(_as_superuser(bench), autocommit=True) as connection:
        for month, seconds in kpis_rows.fill(connection, days):
            print(f"{month:%Y-%m}: facts in {seconds:.1f} s", file=sys.stderr, flush=True)
    begin = time.perf_counter()
    _measured(bench, 0)
    print(f"all sums in {time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
    with bench.connect() as owner:
        owner.execute("VACUUM (ANALYZE)")


def space(bench: Bench) -> list[list[object]]:
    """Rows, megabytes and bytes a row of each table, partitions together."""
    with bench.connect() as owner:
        found = owner.execute(
            """SELECT name, sum(rows)::bigint, sum(whole)::bigint, sum(indexes)::bigint FROM (
                SELECT regexp_replace(c.relname, '_\\d{4}_\\d{2}$', '') AS name, c.reltuples AS rows,
                    pg_total_relation_size(c.oid) AS whole, pg_indexes_size(c.oid) AS indexes
                FROM pg_class c WHERE c.relkind = 'r' AND c.reltuples > 0 AND c.relname ~
                    '^kpis_(agentinterval|contactinterval|surveyresponse|qaevaluation|figure|queueday|agentday)'
            ) t GROUP BY 1 ORDER BY 3 DESC"""
        ).fetchall()
    return [
        [name, f"{rows:,}", f"{whole / 1e6:,.0f}", f"{whole / rows:.0f}", f"{indexes / rows:.0f}"]
        for name, rows, whole, indexes in _numbers(found)
    ]


def _numbers(found: list[Any]) -> list[Any]:
    return [row for row in found if row[1]]


def _is_filled(bench: Bench) -> bool:
    with bench.connect() as owner:
        return bool((owner.execute("SELECT EXISTS (SELECT 1 FROM kpis_agentday)").fetchone() or (False,))[0])


def _as_superuser(bench: Bench) -> str:
    address = ensure_running(Path(os.environ["PORTAL_DATA_DIR"])).admin_url
    return urlunsplit(urlsplit(address)._replace(path=f"/{bench.name}"))


def _measured(bench: Bench, count: int) -> dict[str, Any]:
    """In a process of its own, on the benchmark's database; 0: only make the sums."""
    command = [sys.executable, "-m", "bench.kpis_asks", str(count)]
    done = subprocess.run(command, env=bench.env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))
