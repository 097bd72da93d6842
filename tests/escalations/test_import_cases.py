"""The importer of cases: by small files that say one thing each, and by the real logs."""

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone

from escalations.models import Case, CaseOrigin, TimelineEntry
from portal.notifications.models import Notification, OutboxRow
from sla.models import Clock, ClockEvent
from tests.databases import ROOT, Database
from tests.escalations.small_log import DAY, HEAD, MAPPING, TRAIL, command, run
from tests.factories.escalations import open_policy
from tests.factories.sla import ALWAYS, CalendarFactory


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
        # From the first moment of a week on, so that some are past whenever this runs.
        opened = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=4 * number)
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
