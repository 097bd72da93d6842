"""The importer on a whole event log: rows and cases a second, then the same file again."""

import argparse
import json
import time
from pathlib import Path

from bench.databases import ROOT, database, table


def run(options: argparse.Namespace) -> None:
    """Import into an empty database, twice."""
    path = Path(options.file)
    if not path.exists():
        print(f"\n## Import\n\nleft out: {path.name} is not here")
        return
    bench = database("bench_imports", fresh=True)
    # With policies, so that every case gets its clocks and their past.
    bench.manage("shell", "-c", "from portal.demo.rules_of_time import *; build_policies(build_calendars())")
    rows: list[list[object]] = []
    for turn in ("first run", "same file again"):
        begin = time.perf_counter()
        out = bench.manage(
            "import_cases", str(path), "--mapping", str(ROOT / "escalations/mappings/uci_incident_log.yml"), "--json"
        )
        seconds = time.perf_counter() - begin
        said = json.loads(out.splitlines()[-1])
        counts = [said[name] for name in ("cases", "created", "updated", "unchanged", "entries", "errors")]
        rows.append([turn, *counts, f"{seconds:.1f}", f"{said['cases'] / seconds:,.0f}", f"{141_712 / seconds:,.0f}"])
    table(
        "Import of the UCI incident log (141,712 events)",
        ["run", "cases", "created", "updated", "unchanged", "entries", "errors", "seconds", "cases/s", "rows/s"],
        rows,
    )
