"""Files of contact and of agent intervals: imported, imported again, then corrected; rows a second end to end, memory, bytes a row."""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.databases import ROOT, Bench, database, table

AGENTS, SITES, QUEUES, INTERVALS = 3_000, 12, ("VOICE", "CHAT"), 18
SMALL, LARGE = 100_000, 1_000_000
COMMAND = (sys.executable, str(ROOT / "manage.py"), "import_facts")
HEADINGS = {
    "contacts": ("site", "queue", "starts_at", "seconds", "offered", "answered", "answered_in_t", "abandoned", "short_abandoned", "abandoned_in_t", "handled", "wait", "talk", "hold", "wrap"),
    "agents": ("site", "queue", "agent", "starts_at", "seconds", "paid", "productive", "available", "handle", "scheduled", "in_adherence", "worked", "agent_handled", "agent_talk", "agent_hold", "agent_wrap"),
}  # fmt: skip
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
FROM pg_inherits WHERE inhparent = %s::regclass
"""


def run(_options: argparse.Namespace) -> None:
    """Measure the import, each kind on an empty database; what is busy besides is told by the load."""
    lines: list[list[object]] = []
    sizes: list[list[object]] = []
    for kind in HEADINGS:
        bench = database("bench_facts", fresh=True)
        bench.manage("shell", "-c", SETUP)
        lines += _runs(bench, kind)
        with bench.connect() as connection:
            size = connection.execute(SIZE, [f"kpis_{kind[:-1]}interval"]).fetchone()
        assert size is not None
        whole, heap = (int(str(part)) / LARGE for part in size)
        sizes.append([kind, f"{whole:.0f}", f"{heap:.0f}"])
    head = [
        "kind",
        "rows",
        "run",
        "added",
        "replaced",
        "unchanged",
        "errors",
        "seconds",
        "rows/s",
        "CPU s",
        "peak MB",
        "load",
    ]
    table("Imports of facts", head, lines)
    table("Bytes a row, with what the corrected rows left dead", ["kind", "with indexes", "without"], sizes)


def _runs(bench: Bench, kind: str) -> Iterator[list[object]]:
    with tempfile.TemporaryDirectory() as folder:
        env = _as_installed(bench, Path(folder) / "bytecode")
        small, first, corrected = (Path(folder) / f"{name}.csv" for name in ("small", "first", "corrected"))
        # The small file is of other days, so that nothing of it stands in the way of the large one.
        written(kind, small, SMALL, year=2022)
        written(kind, first, LARGE)
        written(kind, corrected, LARGE, corrected=10)
        for name, path, rows in (
            ("first run", small, SMALL),
            ("first run", first, LARGE),
            ("the same file again", first, LARGE),
            ("10 % of it corrected", corrected, LARGE),
        ):
            yield [kind, f"{rows:,}", name, *measured(env, kind, path, rows)]


def _as_installed(bench: Bench, folder: Path) -> dict[str, str]:
    """The environment of a command that finds its byte code as every start but the first does, whatever this machine says of it."""
    kept = {name: value for name, value in bench.env.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "PYTHONPYCACHEPREFIX": str(folder)}
    subprocess.run([*COMMAND, "--help"], env=env, check=True, stdout=subprocess.DEVNULL)
    return env


def written(kind: str, path: Path, rows: int, *, year: int = 2024, corrected: int = 0) -> None:
    """The file; `corrected`: of how many rows in a hundred a figure differs."""
    first = datetime.combine(date(year, 1, 1), datetime.min.time())
    choose, made = random.Random(3), {"contacts": contact, "agents": agent}[kind]
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADINGS[kind])
        writer.writerows(made(number, first, choose, 1 if number % 100 < corrected else 0) for number in range(rows))


def contact(number: int, first: datetime, choose: random.Random, more: int) -> tuple[Any, ...]:
    """Half hours of the queues, one after another."""
    turn, place = divmod(number, SITES * len(QUEUES))
    offered, late = choose.randrange(20, 90), choose.randrange(5)
    answered = offered - late
    at = first + timedelta(minutes=30 * turn)
    return (f"B{place % SITES}", QUEUES[place // SITES], at, 1800, offered, answered, answered - late, late, late // 2, 0, answered, 14 * answered, 260 * answered + more, 9 * answered, 70 * answered)  # fmt: skip


def agent(number: int, first: datetime, choose: random.Random, more: int) -> tuple[Any, ...]:
    """The half hours of a day of all agents, then the next day."""
    day, rest = divmod(number, AGENTS * INTERVALS)
    turn, who = divmod(rest, AGENTS)
    at = first + timedelta(days=day, hours=9, minutes=30 * turn)
    handle, talk = choose.randrange(300, 1200), choose.randrange(100, 300)
    return (f"B{who % SITES}", QUEUES[who % 2], f"E{who}", at, 1800, 1800, 1700 + more, 1800 - handle, handle, 1800, 1750, 1790, choose.randrange(2, 8), talk, 20, 60)  # fmt: skip


def measured(env: dict[str, str], kind: str, path: Path, rows: int) -> list[object]:
    """Run the command in a process of its own. Its processor seconds are without those of the database's."""
    mapping = ROOT / f"kpis/mappings/default_{kind}.yml"
    command = [*COMMAND, str(path), f"--mapping={mapping}", "--json"]
    begin = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+") as told,
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=told, text=True) as process,
    ):
        assert process.stdout is not None
        out = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            told.seek(0)
            raise RuntimeError(f"{path.name}: exit {process.returncode}: {told.read()[-2000:]}")
    wall = time.perf_counter() - begin
    said = json.loads(out.splitlines()[-1])
    counts = [f"{said[name]:,}" for name in ("added", "replaced", "unchanged", "errors")]
    return [
        *counts, f"{wall:.1f}", f"{rows / wall:,.0f}", f"{usage.ru_utime + usage.ru_stime:.1f}", f"{usage.ru_maxrss / 1024:.0f}",
        f"{os.getloadavg()[0]:.1f}",
    ]  # fmt: skip
