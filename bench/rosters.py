"""Rosters of several sizes: applied to an empty site, then the next month's set beside it, with time and memory."""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from bench.databases import ROOT, Bench, database, table

SIZES = (5_000, 50_000)
HEADING = ("employee_no", "name", "preferred_name", "email", "language", "job_role", "programme", "team", "lead", "first_day", "last_day")  # fmt: skip
TEAMS = 40
MAPPING = ROOT / "partners/mappings/default.yml"
SETUP = """
from partners.models import *
partner, _ = Partner.objects.get_or_create(code='BENCH', defaults={'name': 'Bench'})
site, made = Site.objects.get_or_create(code='%(code)s', defaults={'partner': partner, 'name': '%(code)s', 'time_zone': 'UTC'})
if made:
    programme = Programme.objects.create(site=site, name='Hosts', code='HOSTS')
    Team.objects.bulk_create(Team(programme=programme, name=f'Team {n}') for n in range(40))
"""


@dataclass(frozen=True)
class Measured:
    """What one run of the command took: seconds of the clock, of the processor, of memory at most, and its counts."""

    wall: float
    cpu: float
    peak_mb: float
    counts: dict[str, int]


def run(_options: argparse.Namespace) -> None:
    """Measure each size on one database, smallest first."""
    bench = database("bench_rosters", fresh=True)
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            code = f"R{size}"
            bench.manage("shell", "-c", SETUP % {"code": code})
            first, second = people(size, code), next_month(people(size, code), code)
            paths = [written(Path(folder) / f"{code}-{n}.csv", found) for n, found in enumerate((first, second))]
            book = as_workbook(Path(folder) / f"{code}.xlsx", second)
            bench.manage("shell", "-c", "from django.db import connection; connection.cursor().execute('ANALYZE')")
            runs = [
                ("applied to an empty site", paths[0], "2026-10-01", True),
                ("next month, diff", paths[1], "2026-11-01", False),
                ("next month, diff of the XLSX", book, "2026-11-01", False),
                ("next month, applied", paths[1], "2026-11-01", True),
                ("the same again, diff", paths[1], "2026-11-01", False),
            ]
            rows += [line(size, name, measured(bench, path, code, day, apply)) for name, path, day, apply in runs]
    table(
        "Rosters",
        ["rows", "run", "joiners", "movers", "leavers", "unchanged", "errors", "seconds", "CPU s", "peak MB"],
        rows,
    )


def line(size: int, name: str, found: Measured) -> list[object]:
    """A row of the printed table."""
    counts = [found.counts[key] for key in ("joiners", "movers", "leavers", "unchanged", "errors")]
    return [f"{size:,}", name, *counts, f"{found.wall:.1f}", f"{found.cpu:.1f}", f"{found.peak_mb:.0f}"]


def people(size: int, code: str) -> list[list[str]]:
    """A roster: every fiftieth leads the rest, by name; names are unique, as a test of the resolving."""
    leads = [f"Lead {code} {n}" for n in range(size // 50)]
    rows = []
    for n in range(size):
        role, name = ("LEAD", leads[n // 50]) if n % 50 == 0 else ("AGENT", f"Agent {code} {n}")
        lead = "" if n % 50 == 0 else leads[n // 50]
        rows.append([f"{code}-{n}", name, "", f"{code}-{n}@bench.example", "", role, "Hosts", f"Team {n % TEAMS}", lead, "2026-09-01", ""])  # fmt: skip
    return rows


def next_month(rows: list[list[str]], code: str) -> list[list[str]]:
    """A month later: 2 % gone, 4 % in other teams, 2 % new."""
    choose = random.Random(7)
    agents = [row for row in rows if row[5] == "AGENT"]
    gone = {id(row) for row in choose.sample(agents, len(rows) // 50)}
    for row in choose.sample(agents, len(rows) // 25):
        row[7] = f"Team {choose.randrange(TEAMS)}"
    new = [[f"{code}-N{n}", f"New {code} {n}", "", f"{code}-n{n}@bench.example", "", "AGENT", "", "Team 1", "", "2026-11-03", ""] for n in range(len(rows) // 50)]  # fmt: skip
    return [row for row in rows if id(row) not in gone] + new


def written(path: Path, rows: list[list[str]]) -> Path:
    """The rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADING)
        writer.writerows(rows)
    return path


def as_workbook(path: Path, rows: list[list[str]]) -> Path:
    """The rows as XLSX."""
    workbook = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = workbook.add_worksheet()
    for number, row in enumerate([list(HEADING), *rows]):
        sheet.write_row(number, 0, row)
    workbook.close()
    return path


def measured(bench: Bench, path: Path, code: str, day: str, apply: bool) -> Measured:
    """Run the command in a process of its own; time of the database's processes is not in its processor seconds."""
    words = ["roster_diff", str(path), f"--mapping={MAPPING}", f"--site={code}", f"--as-of={day}", "--json"]
    command = [sys.executable, str(ROOT / "manage.py"), *words, *(["--apply"] if apply else [])]
    begin = time.perf_counter()
    with subprocess.Popen(command, env=bench.env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        out = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{path.name}: exit {process.returncode}")
    wall = time.perf_counter() - begin
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, json.loads(out.splitlines()[-1]))
