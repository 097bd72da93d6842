"""Logs of real desks go in as they are."""

import csv
import json
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from escalations.models import Case, CaseOrigin, TimelineEntry
from portal.notifications.models import OutboxRow
from tests.databases import ROOT, Database
from tests.escalations.small_log import MAPPINGS, command
from tests.factories.escalations import open_policy


@pytest.mark.shared
@pytest.mark.processes
def test_the_incident_log_of_a_real_desk(fresh_database: Database, shared_dir: Path) -> None:
    """Counts, states, severities, reopenings and reassignments are those of the log's own figures."""
    open_policy()
    folder = shared_dir / "data" / "uci_incident_log"
    figures = json.loads((folder / "figures.json").read_text())
    said = _import(fresh_database, folder / "incident_event_log.csv.gz", "uci_incident_log.yml")
    overall = figures["overall"]
    assert (said["cases"], said["created"], said["errors"]) == (overall["incidents"], overall["incidents"], 0)
    assert TimelineEntry.objects.filter(code="import.event").count() == 141_712
    _check_overall(overall)
    _check_severities(figures["by_priority"])
    _check_states(figures["incidents_ever_in_state"])
    _check_groups(figures["top10_assignment_group"])
    assert not OutboxRow.objects.exists()
    again = _import(fresh_database, folder / "incident_event_log.csv.gz", "uci_incident_log.yml")
    assert (again["created"], again["updated"], again["unchanged"], again["entries"]) == (0, 0, 24_918, 0)


def _import(database: Database, file: Path, mapping: str) -> dict[str, Any]:
    words = [sys.executable, str(ROOT / "manage.py"), "import_cases", str(file), "--mapping", str(MAPPINGS / mapping)]
    done = subprocess.run([*words, "--json"], env=database.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _check_overall(wanted: dict[str, Any]) -> None:
    assert Case.objects.filter(state="closed").count() == wanted["incidents"]
    assert CaseOrigin.objects.filter(facts__made_sla=True).count() == wanted["made_sla_true"]
    assert Case.objects.filter(reopen_count__gt=0).count() == wanted["reopened"]
    moves = list(Case.objects.values_list("reassign_count", flat=True))
    assert sum(count > 0 for count in moves) == wanted["reassigned"]
    assert round(statistics.fmean(moves), 6) == wanted["mean_reassignments"]
    assert max(moves) == wanted["max_reassignments"]
    resolved = Case.objects.exclude(origin__facts__resolved_at=None).values_list("opened_at", "resolved_at")
    hours = [(end - start).total_seconds() / 3600 for start, end in resolved]
    assert len(hours) == wanted["resolution_hours"]["n"]
    assert round(statistics.fmean(hours), 4) == wanted["resolution_hours"]["mean"]
    cuts = statistics.quantiles(hours, n=100, method="inclusive")
    assert [round(cuts[q - 1], 4) for q in (50, 75, 90, 95)] == [
        wanted["resolution_hours"][name] for name in ("p50", "p75", "p90", "p95")
    ]


def _check_severities(wanted: dict[str, Any]) -> None:
    found = Counter(Case.objects.values_list("severity", flat=True))
    assert found == {int(name[0]): row["incidents"] for name, row in wanted.items()}


def _check_states(wanted: dict[str, int]) -> None:
    """Which of the source's states an incident was ever in, read back from our entries."""
    ever: Counter[str] = Counter()
    seen: dict[int, set[str]] = {}
    for case_id, params in TimelineEntry.objects.filter(code="import.event").values_list("case_id", "params"):
        states = seen.setdefault(case_id, set())
        states |= {to for name, _from, to in params["changes"] if name == "source_state"}
    for states in seen.values():
        ever.update(states)
    assert dict(ever) == wanted


def _check_groups(wanted: list[dict[str, Any]]) -> None:
    found = Counter(Case.objects.values_list("service__name", flat=True))
    for row in wanted:
        name = "Unassigned group" if row["key"] == "?" else row["key"]
        assert found[name] == row["incidents"], name


@pytest.mark.shared
@pytest.mark.django_db
def test_complaints_go_in_as_plain_cases(shared_dir: Path) -> None:
    open_policy()
    file = shared_dir / "data" / "cfpb_complaints" / "full_schema_sample_268.csv"
    with file.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    said = command(file, MAPPINGS / "cfpb_complaints.yml")
    assert (said["cases"], said["created"], said["errors"]) == (268, 268, 0)
    timely = sum(row["Timely response?"] == "Yes" for row in rows)
    assert CaseOrigin.objects.filter(facts__timely=True).count() == timely
    assert Case.objects.filter(state="in_progress").count() == 1
    told = TimelineEntry.objects.filter(code="import.opened", body__isnull=False).count()
    assert told == sum(bool(row["Consumer complaint narrative"].strip()) for row in rows)
    products = Counter(row["Product"] for row in rows)
    top = Counter(Case.objects.values_list("issue_type__parent__parent__name", flat=True))
    assert top["Debt collection"] + _shallow("Debt collection") == products["Debt collection"]
    assert command(file, MAPPINGS / "cfpb_complaints.yml")["unchanged"] == 268


def _shallow(product: str) -> int:
    """Complaints without a sub-issue hang one level higher."""
    return Case.objects.filter(issue_type__level=2, issue_type__parent__name=product).count()
