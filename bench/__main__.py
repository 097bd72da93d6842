"""Benchmarks: they measure and print, they never assert. `python -m bench [pages|clocks|imports|rosters|access|access_pages|charts|kpis|facts|reviews_render|reviews_archive|reviews_actions|api_intake|hints|search|day] [options]`."""

import argparse
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = (
    "pages", "clocks", "imports", "rosters", "access", "access_pages", "charts", "kpis", "facts", "reviews_render",
    "reviews_archive", "reviews_actions", "api_intake", "hints", "search", "day",
)  # fmt: skip


def main() -> None:
    """Run the parts that were asked for, each on databases of its own."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (default: all)")
    parser.add_argument(
        "--sizes", default="10000,100000,1000000", help="numbers of cases for the pages and for the API's intake"
    )
    parser.add_argument("--requests", type=int, default=200, help="requests per page and size")
    parser.add_argument(
        "--days", default="110", help="days of facts for the KPIs; 1095 for the whole network, which takes 12 GB"
    )
    parser.add_argument("--file", default=str(ROOT.parent / "shared/data/uci_incident_log/incident_event_log.csv.gz"))
    options = parser.parse_args()
    os.environ.setdefault("PORTAL_DATA_DIR", str(ROOT / ".data" / "bench"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    print(
        f"{datetime.now(UTC).date().isoformat()} · {platform.machine()} · {os.cpu_count()} cores · Python {platform.python_version()}"
    )
    for part in options.parts or PARTS:
        module = __import__(f"bench.{part}", fromlist=["run"])
        sys.stdout.flush()
        module.run(options)


if __name__ == "__main__":
    main()
