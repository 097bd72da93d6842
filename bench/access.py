"""Access: 1,000 leavers reported at once among a million grants, until every removal is handed over, and taken by a SCIM directory."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.access_rows import ROWS, UNCHECKED
from bench.databases import ROOT, Bench, database, table

PEOPLE, SYSTEMS, GRANTS_EACH, LEAVERS = 50_000, 60, 20, 1_000
SITES = 25


def run(_options: argparse.Namespace) -> None:
    """Fill a database, report the leavers, and print what each step took."""
    bench = database("bench_access", fresh=True)
    fill(bench)
    found = [*_worker(bench, "leavers"), *_scim(bench)]
    rows: list[list[object]] = [[one["what"], one["n"], f"{one['wall']:.1f}", f"{one['cpu']:.1f}"] for one in found]
    table(
        f"Access: {LEAVERS:,} of {PEOPLE:,} people leave at once ({PEOPLE * GRANTS_EACH:,} grants in {SYSTEMS} systems)",
        ["step", "rows", "seconds", "CPU seconds of the process"],
        rows,
    )


def _worker(bench: Bench, part: str, **env: str) -> list[dict[str, Any]]:
    """A part in a process of its own, on the benchmark's database."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.access", part], env=bench.env | env, cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def _scim(bench: Bench) -> list[dict[str, Any]]:
    """Two workers carry the removals out against a directory on loopback, which takes its share of the two cores."""
    directory = subprocess.Popen(
        [sys.executable, "-m", "bench.access", "directory"], env=bench.env, cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert directory.stdout is not None
        url = directory.stdout.readline().strip()
        env = bench.env | {"WEBHOOKS_ALLOW_PRIVATE": "1", "BENCH_SCIM": url}
        begin = time.perf_counter()
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.access", "carry"], env=env, cwd=ROOT, text=True, stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        found = [json.loads(one.communicate()[0].splitlines()[-1])[0] for one in workers]
        wall = time.perf_counter() - begin
    finally:
        directory.communicate("\n")
    cpu = sum(one["cpu"] for one in found)
    return [
        {
            "what": "carried out and read back, two workers",
            "n": sum(one["n"] for one in found),
            "wall": wall,
            "cpu": cpu,
        }
    ]


def measured(what: str, run_it: Callable[[], int]) -> dict[str, Any]:
    """How long a step took, by the clock and of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    n = run_it()
    return {"what": what, "n": n, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def fill(bench: Bench) -> None:
    """Fifty thousand people at twenty-five sites with twenty grants each, from a bundle."""
    numbers = {"sites": SITES, "people": PEOPLE, "systems": SYSTEMS, "each": GRANTS_EACH}
    with bench.connect() as owner:
        for name in UNCHECKED:
            owner.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")  # type: ignore[arg-type]
        for statement in ROWS:
            owner.execute(statement, numbers)  # type: ignore[arg-type]
        for name in UNCHECKED:
            owner.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")  # type: ignore[arg-type]
        owner.execute("VACUUM ANALYZE")


def leavers() -> list[dict[str, Any]]:
    """Report a thousand people of one site, hand everything over."""
    from django.utils import timezone

    from access_requests.actions import dispatch, report_leavers
    from access_requests.models import RequestItem
    from partners.models import Placement, Site
    from portal.accounts.rules import SYSTEM

    site = Site.objects.get(code="B1")
    people = list(Placement.objects.filter(site=site).order_by("pk").values_list("person_id", flat=True)[:LEAVERS])

    def report() -> int:
        report_leavers(actor=SYSTEM, site_id=site.pk, person_ids=people, last_shift_at=timezone.now())
        return RequestItem.objects.filter(operation="revoke").count()

    def hand_over() -> int:
        done = 0
        while found := dispatch():
            done += found
        return done

    return [measured("reported in one request", report), measured("handed over", hand_over)]


def carry() -> list[dict[str, Any]]:
    """Carry out what is due until nothing is."""
    from access_requests.models import System
    from portal.notifications.delivery.dispatch import dispatch_batch

    System.objects.filter(channel="scim").update(scim_url=os.environ["BENCH_SCIM"])

    def work() -> int:
        done = 0
        while found := dispatch_batch():
            done += found
        return done

    return [measured("carried out", work)]


def directory() -> None:
    """A directory that knows everybody, until a line comes in."""
    from access_requests.models import Account
    from tests.access_requests.fake_scim import running

    with running() as server:
        group = server.add_group("agents")
        for external, email in Account.objects.values_list("external_id", "person__email"):
            server.users[external] = {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": external, "userName": email, "active": True,
            }  # fmt: skip
        server.groups[group]["members"] = list(server.users)
        print(server.url, flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    import django

    django.setup()
    part = sys.argv[1]
    if part == "directory":
        directory()
    else:
        print(json.dumps({"leavers": leavers, "carry": carry}[part]()))
