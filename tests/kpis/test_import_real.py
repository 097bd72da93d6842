"""Real files: what went in is what a plain reading of the file adds up to."""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth

from kpis.actions import recompute
from kpis.importing import Made, Upload, import_facts
from kpis.models import ContactInterval, QueueDay
from portal.imports.mapping import read_mapping
from tests.factories.partners import PartnerFactory
from tests.kpis.importing import MAPPINGS

pytestmark = [pytest.mark.shared, pytest.mark.django_db]
SUMS = {"offered": Sum("offered"), "in_time": Sum("answered_in_t")}


def brought_in(path: Path, mapping: str) -> Made:
    """What came of the file."""
    PartnerFactory.create(code="REAL") if not ContactInterval.objects.exists() else None
    upload = Upload(path, read_mapping(MAPPINGS / mapping), create_under="real")
    return import_facts(upload).made


def test_attendances_and_breaches(shared_dir: Path) -> None:
    path = shared_dir / "data/nhs_ae_attendances/ae_attendances.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [(r["org_code"].upper(), r["period"][:7], r["type"], float(r["attendances"]), float(r["breaches"])) for r in csv.DictReader(handle)]  # fmt: skip
    made = brought_in(path, "nhs_ae.yml")
    assert made == Made(rows=len(rows), added=len(rows))
    sites, months, kinds = Counter[str](), Counter[str](), Counter[str]()
    in_time = Counter[str]()
    for site, month, kind, attendances, breaches in rows:
        sites[site] += int(attendances)
        months[month] += int(attendances)
        kinds[{"other": "OTHER"}.get(kind, f"TYPE-{kind}")] += int(attendances)
        in_time[site] += int(attendances - breaches)
    found = ContactInterval.objects.values_list("site__code").annotate(**SUMS)
    assert {code: total for code, total, _in_time in found} == dict(sites)
    assert {code: within for code, _total, within in found} == dict(in_time)
    assert dict(ContactInterval.objects.values_list("queue__code").annotate(n=Sum("offered"))) == dict(kinds)
    while recompute(5000):
        pass
    by_month = QueueDay.objects.annotate(month=TruncMonth("day")).values_list("month").annotate(n=Sum("offered"))
    assert {day.isoformat()[:7]: n for day, n in by_month} == dict(months)
    assert QueueDay.objects.aggregate(n=Sum("answered_in_t"))["n"] == sum(in_time.values())
    assert brought_in(path, "nhs_ae.yml") == Made(rows=len(rows), unchanged=len(rows))
    assert ContactInterval.objects.aggregate(n=Count("offered"))["n"] == len(rows)


def test_calls_every_five_minutes(shared_dir: Path) -> None:
    path = shared_dir / "data/bank_calls_5min/bank_calls.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        rows = [(r["DateTime"][:10], int(float(r["Calls"]))) for r in csv.DictReader(handle)]
    made = brought_in(path, "bank_calls.yml")
    assert made == Made(rows=len(rows), added=len(rows))
    days, months = Counter[str](), Counter[str]()
    for day, calls in rows:
        days[day] += calls
        months[day[:7]] += calls
    while recompute(1000):
        pass
    assert {day.isoformat(): n for day, n in QueueDay.objects.values_list("day", "offered")} == dict(days)
    by_month = QueueDay.objects.annotate(month=TruncMonth("day")).values_list("month").annotate(n=Sum("offered"))
    assert {day.isoformat()[:7]: n for day, n in by_month} == dict(months)
    assert ContactInterval.objects.aggregate(n=Sum("offered"))["n"] == sum(days.values())
    assert brought_in(path, "bank_calls.yml") == Made(rows=len(rows), unchanged=len(rows))
