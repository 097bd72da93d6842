"""A million agent intervals: imported, imported again, then a corrected file; rows a second end to end, memory, bytes a row."""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

from bench.databases import ROOT, Bench, database, table

AGENTS, SITES, INTERVALS = 3_000, 12, 18
ROWS = 1_000_000
FIRST = date(2026, 9, 1)
HEADING = ("site", "queue", "agent", "starts_at", "seconds", "paid", "productive", "available", "handle", "scheduled", "in_adherence", "worked", "agent_handled", "agent_talk", "agent_hold", "agent_wrap")  # fmt: skip
MAPPING = ROOT / "kpis/mappings/default_agents.yml"
SETUP = """
from datetime import date
from django.db.backends.postgresql.psycopg_any import DateRange
from partners.models import *
partner = Partner.objects.create(code='BENCH', name='Bench')
sites = [Site.objects.create(partner=partner, code=f'B{n}', name=f'Site {n}', time_zone='Asia/Shanghai') for n in range(12)]
for site in sites:
    programme = Programme.objects.create(site=site, name='Hosts', code='HOSTS')
    Queue.objects.create(programme=programme, name='Voice', code='VOICE'), Queue.objects.create(programme=programme, name='Chat', code='CHAT')
people = Person.objects.bulk_create([Person(name=f'Agent {n}') for n in range(3000)])
Engagement.objects.bulk_create([Engagement(person=p, employer=partner, employee_number=f'E{n}', period=DateRange(date(2024, 1, 1), None)) for n, p in enumerate(people)])
"""
SIZE = """
SELECT sum(pg_total_relation_size(inhrelid))::bigint, sum(pg_relation_size(inhrelid))::bigint
FROM pg_inherits WHERE inhparent = 'kpis_agentinterval'::regclass
"""


def run(_options: argparse.Namespace) -> None:
    """Measure the import on an empty database; what is busy besides is told by the load."""
    bench = database("bench_facts", fresh=True)
    bench.manage("shell", "-c", SETUP)
    lines: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        first, corrected = Path(folder) / "first.csv", Path(folder) / "corrected.csv"
        written(first, 0)
        written(corrected, 10)
        for name, path in (("first run", first), ("the same file again", first), ("10 % of it corrected", corrected)):
            lines.append([name, *measured(bench, path)])
    table(
        f"Import of {ROWS:,} agent intervals",
        ["run", "added", "replaced", "unchanged", "errors", "seconds", "rows/s", "CPU s", "peak MB", "load"],
        lines,
    )
    with bench.connect() as connection:
        size = connection.execute(SIZE).fetchone()
    assert size is not None
    whole, heap = (int(str(part)) for part in size)
    print(
        f"\nBytes a row: {whole / ROWS:.0f} with indexes, {heap / ROWS:.0f} without (each corrected row leaves a dead one)."
    )


def written(path: Path, corrected: int) -> None:
    """The file; `corrected`: of how many rows in a hundred a figure differs."""
    choose = random.Random(3)
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADING)
        for number in range(ROWS):
            day, rest = divmod(number, AGENTS * INTERVALS)
            turn, agent = divmod(rest, AGENTS)
            at = datetime.combine(FIRST, datetime.min.time()) + timedelta(days=day, hours=9, minutes=30 * turn)
            handle_, talk = choose.randrange(300, 1200), choose.randrange(100, 300)
            more = 1 if corrected and number % 100 < corrected else 0
            writer.writerow((f"B{agent % SITES}", ("VOICE", "CHAT")[agent % 2], f"E{agent}", at, 1800, 1800, 1700 + more, 1800 - handle_, handle_, 1800, 1750, 1790, choose.randrange(2, 8), talk, 20, 60))  # fmt: skip


def measured(bench: Bench, path: Path) -> list[object]:
    """Run the command in a process of its own. Its processor seconds are without those of the database's."""
    command = [sys.executable, str(ROOT / "manage.py"), "import_facts", str(path), f"--mapping={MAPPING}", "--json"]
    begin = time.perf_counter()
    with subprocess.Popen(command, env=bench.env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        out = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{path.name}: exit {process.returncode}")
    wall = time.perf_counter() - begin
    said = json.loads(out.splitlines()[-1])
    counts = [f"{said[name]:,}" for name in ("added", "replaced", "unchanged", "errors")]
    return [
        *counts, f"{wall:.1f}", f"{ROWS / wall:,.0f}", f"{usage.ru_utime + usage.ru_stime:.1f}", f"{usage.ru_maxrss / 1024:.0f}",
        f"{os.getloadavg()[0]:.1f}",
    ]  # fmt: skip
