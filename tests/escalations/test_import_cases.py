"""The importer of cases: by small files that say one thing each, and by the real logs."""

import csv
import gzip
import io
import json
import os
import signal
import statistics
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from escalations.models import Case, CaseOrigin, TimelineEntry
from portal.notifications.models import Notification, OutboxRow
from sla.models import Clock, ClockEvent
from tests.databases import ROOT, Database
from tests.factories.escalations import open_policy
from tests.factories.sla import ALWAYS, CalendarFactory

MAPPINGS = ROOT / "escalations" / "mappings"
MAPPING = """
source: small-log
kind: events
time_zone: Europe/Lisbon
dates: ["%Y-%m-%d %H:%M"]
missing: ["", "?"]
key: id
event: {at: at, order: [at], by: who}
first_response_states: [in_progress]
fields:
  opened_at: {column: opened, kind: instant, required: true}
  resolved_at: {column: resolved, kind: instant, written_back: true}
  state: {column: state, table: {New: new, Active: in_progress, Wait: waiting_customer, Done: resolved, Closed: closed}}
  severity: {column: prio, table: {"1": 1, "3": 3}}
  service: {column: team, create: true}
  subject: {column: title}
  reopen_count: {column: reopened, kind: integer}
facts:
  made_sla: {column: sla, kind: boolean}
"""
HEAD = "id,at,who,opened,resolved,state,prio,team,title,reopened,sla"


def run(tmp_path: Path, rows: list[str], *options: str, mapping: str = MAPPING) -> dict[str, Any]:
    """Import these rows; what the closing line of JSON says."""
    file, said = tmp_path / "log.csv", tmp_path / "m.yml"
    file.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8")
    said.write_text(mapping, encoding="utf-8")
    return command(file, said, "--errors", str(tmp_path / "errors.csv"), *options)


def command(file: Path, mapping: Path, *options: str) -> dict[str, Any]:
    """The management command with --json."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_cases", str(file), "--mapping", str(mapping), "--json", *options, stdout=out, stderr=err)
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


DAY = "2026-03-02"
TRAIL = [
    f"A1,{DAY} 09:00,Ana,{DAY} 08:55,{DAY} 15:00,New,3,Desk,Lost key,0,true",
    f"A1,{DAY} 09:30,Ana,{DAY} 08:55,{DAY} 15:00,Active,3,Desk,Lost key,0,true",
    f"A1,{DAY} 10:00,Ana,{DAY} 08:55,{DAY} 15:00,Wait,3,Desk,Lost key,0,true",
    f"A1,{DAY} 12:00,Ana,{DAY} 08:55,{DAY} 15:00,Active,3,Desk,Lost key,0,true",
    f"A1,{DAY} 15:00,Ana,{DAY} 08:55,{DAY} 15:00,Done,1,Desk,Lost key,0,false",
]


@pytest.mark.django_db
def test_a_case_per_key_an_entry_per_event_and_waits_as_pauses(tmp_path: Path) -> None:
    open_policy(calendar=CalendarFactory(hours=ALWAYS))
    said = run(tmp_path, TRAIL)
    assert {k: said[k] for k in ("cases", "created", "entries", "errors")} == {
        "cases": 1,
        "created": 1,
        "entries": 6,
        "errors": 0,
    }
    case = Case.objects.get()
    assert (case.state, case.severity, case.subject, case.service.name) == ("resolved", 1, "Lost key", "Desk")
    assert case.opened_at == datetime(2026, 3, 2, 8, 55, tzinfo=UTC)
    assert case.resolved_at == datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert case.origin.facts["made_sla"] is False
    clock = Clock.objects.get(metric="resolution")
    assert [(p.lower, p.upper) for p in clock.pauses] == [
        (datetime(2026, 3, 2, 10, 0, tzinfo=UTC), datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    ]
    assert clock.met_at == case.resolved_at
    assert Clock.objects.get(metric="first_response").met_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    open_policy()
    run(tmp_path, TRAIL)
    before = _everything()
    said = run(tmp_path, TRAIL)
    assert (said["created"], said["updated"], said["unchanged"], said["entries"]) == (0, 0, 1, 0)
    assert _everything() == before


def _everything() -> list[Any]:
    tables = (Case, CaseOrigin, TimelineEntry, Clock, ClockEvent)
    return [list(model.objects.order_by("pk").defer(*_not_compared(model)).values()) for model in tables]


def _not_compared(model: Any) -> list[str]:
    return ["search"] if model is Case else []


@pytest.mark.django_db
def test_an_import_is_silent_about_its_past_and_its_clocks_go_on(tmp_path: Path) -> None:
    open_policy(calendar=CalendarFactory(hours=ALWAYS))
    opened = timezone.now() - timedelta(days=3)
    stamp = opened.strftime("%Y-%m-%d %H:%M")
    run(tmp_path, [f"B1,{stamp},Ana,{stamp},?,New,3,Desk,Still open,0,true"])
    clock = Clock.objects.get(metric="resolution")
    assert clock.state == "running"
    assert clock.breached_at is not None
    fired = ClockEvent.objects.filter(kind__in=["warned", "breached", "escalated"])
    assert set(fired.values_list("silent", flat=True)) == {True}
    assert ClockEvent.objects.filter(kind="breached").count() == 2
    assert not OutboxRow.objects.exists()
    assert not Notification.objects.exists()
    assert Case.objects.get().next_due_at == Clock.objects.order_by("due_at")[0].due_at


@pytest.mark.django_db
def test_bad_rows_are_reported_with_line_and_column_and_the_rest_goes_in(tmp_path: Path) -> None:
    rows = [
        TRAIL[0],
        f"B2,32/13/2026,Ana,{DAY} 08:55,?,New,3,Desk,Bad time,0,true",
        f"B3,{DAY} 09:00,Ana,{DAY} 08:55,?,Lost,3,Desk,Bad state,0,true",
        f"B4,{DAY} 09:00,Ana,?,?,New,3,Desk,No opening,0,true",
        f"B5,{DAY} 09:00,Ana,{DAY} 08:55,?,New,3,Desk,Bad count,=1+1,true",
        "too,few",
        f",{DAY} 09:00,Ana,{DAY} 08:55,?,New,3,Desk,No key,0,true",
    ]
    said = run(tmp_path, rows)
    assert (said["created"], said["errors"]) == (1, 6)
    with (tmp_path / "errors.csv").open(encoding="utf-8") as handle:
        report = list(csv.DictReader(handle))
    assert [(r["line"], r["column"]) for r in report] == [
        ("3", "at"),
        ("4", "state"),
        ("5", "opened"),
        ("6", "reopened"),
        ("7", ""),
        ("8", "id"),
    ]
    assert "not in the mapping" in report[1]["reason"]


@pytest.mark.django_db
def test_a_longer_log_brings_the_case_up_to_date_and_keeps_what_people_did(tmp_path: Path) -> None:
    open_policy()
    run(tmp_path, [*TRAIL[:2], *[row.replace("A1", "A2") for row in TRAIL[:2]]])
    touched = Case.objects.get(origin__external_ref="A2")
    TimelineEntry.objects.create(
        case=touched, at=timezone.now(), kind="note", code="note.added", actor=_somebody(), params={}
    )
    said = run(tmp_path, [*TRAIL, *[row.replace("A1", "A2") for row in TRAIL]])
    assert (said["created"], said["updated"], said["entries"]) == (0, 2, 6)
    assert Case.objects.get(origin__external_ref="A1").state == "resolved"
    assert Case.objects.get(origin__external_ref="A2").state == "in_progress"
    clock = Clock.objects.get(subject_id=Case.objects.get(origin__external_ref="A1").pk, metric="resolution")
    assert (clock.state, len(clock.pauses)) == ("met", 1)
    again = run(tmp_path, [*TRAIL, *[row.replace("A1", "A2") for row in TRAIL]])
    assert (again["updated"], again["entries"]) == (0, 0)


def _somebody() -> Any:
    from tests.factories.accounts import UserFactory

    return UserFactory()


@pytest.mark.django_db
def test_a_dry_run_keeps_nothing(tmp_path: Path) -> None:
    said = run(tmp_path, TRAIL, "--dry-run")
    assert said["created"] == 1
    assert not Case.objects.exists()
    assert not TimelineEntry.objects.exists()


@pytest.mark.django_db
def test_shifted_to_now_the_future_is_left_out_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    open_policy()
    rows = []
    for number in range(40):
        opened = datetime(2026, 3, 2, 0, 5, tzinfo=UTC) + timedelta(hours=4 * number)
        done = opened + timedelta(hours=30)
        for at, state in ((opened, "New"), (opened + timedelta(hours=2), "Active"), (done, "Done")):
            stamps = [moment.strftime("%Y-%m-%d %H:%M") for moment in (at, opened, done)]
            rows.append(f"C{number},{stamps[0]},Ana,{stamps[1]},{stamps[2]},{state},3,Desk,Matter {number},0,true")
    said = run(tmp_path, rows, "--shift-to", "now")
    now = timezone.now()
    assert 0 < said["created"] <= 40
    for case in Case.objects.all():
        assert case.opened_at <= now
        assert case.resolved_at is None or case.resolved_at <= now
        assert (case.resolved_at is None) == (case.state in {"new", "in_progress"})
        assert (
            "resolved_at" not in case.origin.facts or case.state == "resolved" or not case.origin.facts["resolved_at"]
        )
    assert not TimelineEntry.objects.filter(at__gt=now).exists()
    before = _everything()
    again = run(tmp_path, rows, "--shift-to", "now")
    assert (again["created"], again["updated"]) == (0, 0)
    assert _everything() == before
    with pytest.raises(CommandError, match="shifted"):
        run(tmp_path, rows)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"\x1f\x8bjunkjunkjunk", "gzip"), (b"a" * 2_000_000, "longer than 1 MB")],
)
def test_files_that_are_no_logs_are_refused_in_words(tmp_path: Path, content: bytes, message: str) -> None:
    file, said = tmp_path / "x.csv", tmp_path / "m.yml"
    file.write_bytes(content)
    said.write_text(MAPPING)
    with pytest.raises(CommandError, match=message):
        command(file, said)


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


@pytest.mark.processes
def test_an_import_that_was_killed_goes_on_where_it_was(fresh_database: Database, tmp_path: Path) -> None:
    open_policy()
    file, said = tmp_path / "log.csv.gz", tmp_path / "m.yml"
    rows = [row.replace("A1", f"K{n:05}") for n in range(3000) for row in TRAIL]
    file.write_bytes(gzip.compress("\n".join([HEAD, *rows]).encode()))
    said.write_text(MAPPING)
    words = [sys.executable, str(ROOT / "manage.py"), "import_cases", str(file), "--mapping", str(said), "--json"]
    process = subprocess.Popen(words, env=fresh_database.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with fresh_database.connect() as connection:
        while process.poll() is None:
            count = connection.execute("SELECT count(*) FROM escalations_case").fetchone()
            if count and int(str(count[0])) >= 1000:
                os.kill(process.pid, signal.SIGKILL)
                break
    assert process.wait() == -signal.SIGKILL
    done = subprocess.run(words, env=fresh_database.env, capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["cases"] == 3000
    assert 0 < result["created"] < 3000
    assert Case.objects.count() == 3000
    assert TimelineEntry.objects.count() == 3000 * 6
    assert Clock.objects.count() == 3000 * 2
