"""Clocks: many due at once among many running ones, fired by two workers as in production; and the idle tick."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from bench.databases import Bench, database, table
from bench.tenant import CASES, DIRECTORY

DUE = 100_000
CASES_OPEN = 250_000  # four running clocks each make a million
WORKERS = 2
IDLE_TICKS = 100

RUNNING = """
INSERT INTO sla_clock (
  subject_kind, subject_id, metric, cycle, revision, policy_version_id, calendar_version_id, target_seconds, state, started_at, due_at,
  pauses, plan_at, plan_code, plan_pos, next_event_at, error_count, last_error)
SELECT 'case', c.id, metric, 1, 0, v.id, k.id, 28800, 'running', c.opened_at, due,
  '{}', ARRAY[due - interval '4 hours', due - interval '2 hours', due, due + interval '30 minutes', due + interval '2 hours'],
  ARRAY['warned:50', 'warned:75', 'breached:0', 'escalated:1', 'escalated:2'], 0, due - interval '4 hours', 0, ''
FROM escalations_case c, sla_policyversion v, sla_calendarversion k,
  unnest(ARRAY['first_response', 'next_reply', 'resolution', 'statutory']) AS metric,
  LATERAL (SELECT now() + interval '30 days' + c.id % 100000 * interval '10 seconds' AS due) AS d
"""

# One clock each of so many cases becomes due at one instant: of the metric that has most of them left untouched.
MAKE_DUE = """
UPDATE sla_clock SET plan_at[2] = %(at)s, plan_at[1] = %(at)s - interval '1 hour', plan_pos = 1, next_event_at = %(at)s
WHERE id IN (SELECT id FROM sla_clock WHERE metric = %(metric)s AND state = 'running' AND plan_pos = 0 ORDER BY md5(id::text) LIMIT %(due)s)
"""


def run(options: argparse.Namespace) -> None:
    """Fill a database, fire, and print the tables."""
    bench = database("bench_clocks")
    with bench.connect() as connection:
        left = untouched(connection)[1]
    if left < 2 * DUE:
        bench = database("bench_clocks", fresh=True)
        fill(bench)
    with bench.connect() as connection:
        running = count(connection.execute("SELECT count(*) FROM sla_clock WHERE state = 'running'").fetchone())
    idle = idle_ticks(bench)
    rows = [fire(bench, workers) for workers in (1, WORKERS)]
    table(
        f"Clocks: {DUE:,} due at once, {running:,} running (each event with timeline entry, due column, outbox row)",
        [
            "workers",
            "events",
            "seconds",
            "events/s",
            "lateness p50 s",
            "p95 s",
            "max s",
            "CPU µs per event",
            "of workers",
            "their backends",
            "rest of the server",
        ],
        rows,
    )
    table("Idle tick, nothing due", ["running", "ticks", "p50 ms", "p95 ms"], [[f"{running:,}", IDLE_TICKS, *idle]])


def fill(bench: Bench) -> None:
    """Cases that are open, four running clocks each."""
    with bench.connect() as connection:
        connection.execute(DIRECTORY)
        connection.execute(CASES, {"cases": CASES_OPEN, "open": CASES_OPEN})
        connection.execute(RUNNING)
        connection.execute("VACUUM (ANALYZE)")


def fire(bench: Bench, workers: int) -> list[object]:
    """Make clocks due at an instant to come, let warm workers believe that it has come; one row of the table."""
    at = datetime.now(UTC) + timedelta(hours=1)
    with bench.connect() as connection:
        last = count(connection.execute("SELECT coalesce(max(id), 0) FROM sla_clockevent").fetchone())
        connection.execute(MAKE_DUE, {"at": at, "due": DUE, "metric": untouched(connection)[0]})
        connection.execute("VACUUM (ANALYZE) sla_clock")
    command = [sys.executable, "-m", "bench.clocks", (at + timedelta(seconds=1)).isoformat()]
    started = [start(command, bench) for _ in range(workers)]
    with bench.connect() as connection:
        begin, busy = datetime.now(UTC), server_seconds(connection)
        ends = together(started)
        rest = sum((server_seconds(connection) - busy).values())
        spent = max(end for _, end, _, _ in ends) - begin.timestamp()
        middle, most = connection.execute(
            """SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM recorded_at - %(begin)s)::float),
                 percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM recorded_at - %(begin)s)::float)
               FROM sla_clockevent WHERE id > %(last)s""",
            {"begin": begin, "last": last},
        ).fetchone() or (0.0, 0.0)
    events = sum(fired for fired, *_ in ends)
    cpu = [sum(own for _, _, own, _ in ends), sum(backend for *_, backend in ends), rest]
    return [
        workers,
        f"{events:,}",
        f"{spent:.1f}",
        f"{events / spent:,.0f}",
        f"{middle:.1f}",
        f"{most:.1f}",
        f"{spent:.1f}",
        *(f"{seconds / events * 1e6:.0f}" for seconds in (sum(cpu), *cpu)),
    ]


def start(command: list[str], bench: Bench) -> "subprocess.Popen[str]":
    """A worker that is warm and waits for a line."""
    worker = subprocess.Popen(command, env=bench.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while worker.stdout is not None and worker.stdout.readline() != "ready\n":
        if worker.poll() is not None:
            raise SystemExit("a worker ended before it began")
    return worker


def together(workers: "list[subprocess.Popen[str]]") -> list[list[float]]:
    """Let all of them go; what each says at its end."""
    for worker in workers:
        if worker.stdin is not None:
            worker.stdin.write("go\n")
            worker.stdin.flush()
    return [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]


def idle_ticks(bench: Bench) -> list[object]:
    """p50 and p95 of a tick that finds nothing, in milliseconds."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.clocks", "idle"], env=bench.env, check=True, stdout=subprocess.PIPE, text=True
    )
    times = json.loads(done.stdout.splitlines()[-1])
    return [f"{statistics.median(times):.2f}", f"{statistics.quantiles(times, n=20)[18]:.2f}"]


def work(now: datetime) -> None:
    """A worker: once it gets a line, tick as if it were `now` until nothing is left; print events and when it ended."""
    from django.db import connection

    from sla.actions.ticking import tick

    tick()
    backend = connection.connection.info.backend_pid
    print("ready", flush=True)
    sys.stdin.readline()
    fired, own, served = 0, time.process_time(), cpu_seconds(backend)
    while found := tick(now=now).events:
        fired += found
    print(json.dumps([fired, time.time(), time.process_time() - own, cpu_seconds(backend) - served]))


def server_seconds(connection: "psycopg.Connection[tuple[object, ...]]") -> "Counter[int]":
    """CPU seconds so far of the server's processes that are no clients': writers, checkpointer, vacuum."""
    rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend'").fetchall()
    return Counter({int(str(pid)): cpu_seconds(int(str(pid))) for (pid,) in rows})


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process of this machine has used, in the kernel too; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle() -> None:
    """Print the milliseconds of many ticks that find nothing."""
    from sla.actions.ticking import tick

    found = []
    for _ in range(IDLE_TICKS):
        begin = time.perf_counter()
        tick()
        found.append((time.perf_counter() - begin) * 1000)
    print(json.dumps(found))


def untouched(connection: "psycopg.Connection[tuple[object, ...]]") -> tuple[str, int]:
    """The metric with most clocks of which nothing was fired, and their number."""
    row = connection.execute(
        "SELECT metric, count(*) FROM sla_clock WHERE state = 'running' AND plan_pos = 0 GROUP BY metric ORDER BY 2 DESC"
    ).fetchone()
    return (str(row[0]), int(str(row[1]))) if row else ("", 0)


def count(row: "tuple[object, ...] | None") -> int:
    """The number of a one-cell row."""
    return int(str(row[0])) if row else 0


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "idle":
        idle()
    else:
        work(datetime.fromisoformat(sys.argv[1]))
