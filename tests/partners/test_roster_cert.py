"""The CERT rosters, month after month, forwards and backwards: the counts are those of the files themselves."""

import csv
import json
from datetime import date
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command

from partners.importing import run
from partners.models import Placement, Site
from tests.factories.partners import SiteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
MAPPING = Path(run.__file__).resolve().parent.parent / "mappings" / "cert_ldap.yml"


def people(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8") as handle:
        return {row["user_id"]: row for row in csv.DictReader(handle)}


def expected(before: dict[str, dict[str, str]], now: dict[str, dict[str, str]], ever: set[str]) -> dict[str, int]:
    """By the files alone: who is new, who is gone, whose row differs, who was here once."""
    both, new = before.keys() & now.keys(), now.keys() - before.keys()
    movers = sum(before[key] != now[key] for key in both)
    return {
        "rows": len(now),
        "joiners": len(new - ever),
        "movers": movers,
        "leavers": len(before.keys() - now.keys()),
        "rehires": len(new & ever),
        "unchanged": len(both) - movers,
        "errors": 0,
    }


def applied(path: Path, day: str) -> dict[str, int]:
    out = StringIO()
    call_command(
        "roster_diff",
        str(path),
        f"--mapping={MAPPING}",
        "--site=DTAA",
        f"--as-of={day}",
        "--apply",
        "--json",
        stdout=out,
    )
    found: dict[str, int] = json.loads(out.getvalue().splitlines()[-1])
    return found


def run_through(
    files: list[Path], ever: set[str], before: dict[str, dict[str, str]], year: int
) -> dict[str, dict[str, str]]:
    for number, path in enumerate(files, start=1):
        now = people(path)
        assert applied(path, f"{year}-{number:02}-01") == expected(before, now, ever), path.name
        ever.update(now)
        before = now
    return before


@pytest.fixture
def site() -> Site:
    return SiteFactory(code="DTAA")


@pytest.fixture
def months(shared_dir: Path) -> list[Path]:
    return sorted((shared_dir / "data" / "cert_ldap_roster").glob("*.csv"))


def test_forwards_people_leave_and_backwards_they_come_back(site: Site, months: list[Path]) -> None:
    ever: set[str] = set()
    last = run_through(months, ever, {}, 2010)
    led = Placement.objects.filter(period__contains=date(2010, 12, 1), lead__isnull=False)
    by_name = {row["employee_name"]: row for row in last.values()}
    assert led.count() == sum(row["supervisor"] in by_name for row in last.values())
    for placement in led.select_related("person", "lead")[:50]:
        assert placement.lead
        assert by_name[placement.person.name]["supervisor"] == placement.lead.name
    assert applied(months[-1], "2010-12-31") == expected(last, last, ever)
    run_through(months[-2:-5:-1], ever, last, 2011)


def test_backwards_from_the_last_month_people_join(site: Site, months: list[Path]) -> None:
    backwards = months[:-5:-1]
    assert sum(b.keys() - a.keys() != set() for a, b in pairwise([people(path) for path in backwards])) == 3
    run_through(backwards, set(), {}, 2010)
