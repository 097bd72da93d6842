"""Files of facts come in: whole or by their good rows, once, corrected with a trace, and the days they touch are marked."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kpis.importing import Made, Upload, import_facts
from kpis.models import (
    AgentInterval,
    Batch,
    ContactInterval,
    DirtyBucket,
    Figure,
    QaEvaluation,
    Revision,
    RowFault,
    SurveyResponse,
)
from partners.models import Site
from portal.imports.errors import ImportRefused
from tests.kpis.importing import CONTACTS, HEADING, MAPPINGS, agent, contacts, default, json_lines, said, site, written

pytestmark = pytest.mark.django_db
NINE = "2026-11-02 09:00"
ROW = ("CD1", "VOICE", NINE, 10, 8, 7, 2, 2400)
LATER = ("CD1", "VOICE", "2026-11-02 09:30", 5, 5, "", 0, "")


def dirty() -> set[tuple[str, date]]:
    """The days that are to be made again; those marks are then gone."""
    found = {(row.site.code, row.day) for row in DirtyBucket.objects.select_related("site")}
    DirtyBucket.objects.all().delete()
    return found


def test_contact_intervals(tmp_path: Path) -> None:
    site()
    outcome = contacts(tmp_path, ROW, LATER)
    assert outcome.made == Made(rows=2, added=2)
    first, second = ContactInterval.objects.order_by("starts_at")
    assert (first.starts_at, first.seconds, first.offered, first.talk, first.row) == (datetime(2026, 11, 2, 1, tzinfo=UTC), 1800, 10, 2400, 2)  # fmt: skip
    assert (second.answered_in_t, second.abandoned, second.talk, second.wait) == (None, 0, None, None), "not measured"
    assert dirty() == {("CD1", date(2026, 11, 2))}
    batch = Batch.objects.get()
    assert (batch.state, batch.rows, batch.added, batch.source) == ("applied", 2, 2, "acd")
    assert [one.code for one in batch.sites.all()] == ["CD1"]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    site()
    contacts(tmp_path, ROW, LATER)
    dirty()
    again = contacts(tmp_path, ROW, LATER)
    assert (again.again, again.made) == (True, Made(rows=2, unchanged=2))
    other = contacts(tmp_path, LATER, ROW)
    assert (other.again, other.made) == (False, Made(rows=2, unchanged=2)), "the same rows in another file"
    assert (dirty(), Revision.objects.count()) == (set(), 0)


def test_a_corrected_file_leaves_a_trace(tmp_path: Path) -> None:
    site()
    first = contacts(tmp_path, ROW, LATER)
    dirty()
    corrected = contacts(tmp_path, (*ROW[:4], 9, 7, 1, 2400), LATER)
    assert corrected.made == Made(rows=2, replaced=1, unchanged=1)
    row = ContactInterval.objects.earliest("starts_at")
    assert (row.answered, row.abandoned, row.batch_id) == (9, 1, corrected.batch_id)
    trace = Revision.objects.get()
    assert (trace.batch_id, trace.former_batch_id, trace.former_row, trace.kind) == (corrected.batch_id, first.batch_id, 2, "contacts")  # fmt: skip
    assert (trace.before["answered"], trace.before["abandoned"], trace.at) == (8, 2, row.starts_at)
    assert dirty() == {("CD1", date(2026, 11, 2))}
    back = contacts(tmp_path, ROW, LATER)
    assert back.made == Made(rows=2, replaced=1, unchanged=1), "the first file again, after it was corrected"


def test_whole_or_good_rows_only(tmp_path: Path) -> None:
    site()
    bad = ("CD1", "VOICE", "2026-11-02 10:00", 3, 4, "", "", "")
    refused = contacts(tmp_path, ROW, bad)
    assert (refused.state, refused.made) == ("refused", Made(rows=2, added=1, errors=1))
    assert ContactInterval.objects.count() == 0
    assert dirty() == set()
    batch = Batch.objects.get()
    assert (batch.state, batch.faults, batch.applied_at) == ("refused", 1, None)
    assert [(f.row, f.column, f.code) for f in RowFault.objects.all()] == [(3, "answered", "over")]
    good = contacts(tmp_path, ROW, bad, mode="good")
    assert (good.state, good.made) == ("applied", Made(rows=2, added=1, errors=1))
    assert ContactInterval.objects.get().offered == 10
    assert contacts(tmp_path, ROW, bad, mode="good").made == Made(rows=2, unchanged=1, errors=1)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    site()
    assert contacts(tmp_path, ROW, LATER, dry_run=True).made == Made(rows=2, added=2)
    assert (Batch.objects.count(), ContactInterval.objects.count(), dirty()) == (0, 0, set())


def test_agents_by_number_address_or_foreign_id(tmp_path: Path) -> None:
    here = site()
    one, two = agent(here, "E1"), agent(here, "E2")
    heading = ("site", "agent", "starts_at", "seconds", "paid", "handle", "available")
    rows = [("CD1", "e1", NINE, 1800, 1800, 1500, 200), ("CD1", "E2", NINE, 1800, 900, "", "")]
    path = written(tmp_path / "agents.csv", heading, rows)
    outcome = import_facts(Upload(path, default("agents")))
    assert (outcome.made, "productive" in outcome.lacking) == (Made(rows=2, added=2), True)
    found = {row.person_id: (row.paid, row.handle, row.queue_id) for row in AgentInterval.objects.all()}
    assert found == {one.pk: (1800, 1500, None), two.pk: (900, None, None)}
    by_address = default("agents") | {"agents": "email"}
    path = written(
        tmp_path / "addresses.csv", heading, [("CD1", one.email.upper(), "2026-11-02 10:00", 1800, 60, "", "")]
    )
    assert import_facts(Upload(path, by_address)).made.added == 1
    one.external_ids.create(source="acd", value="4711")
    by_id = default("agents") | {"agents": "external_id", "agent_source": "acd"}
    path = written(tmp_path / "ids.csv", heading, [("CD1", 4711, "2026-11-02 11:00", 1800, 60, "", "")])
    assert import_facts(Upload(path, by_id)).made.added == 1


def test_surveys_and_evaluations(tmp_path: Path) -> None:
    here = site()
    person = agent(here, "E1")
    rows = [("CD1", "VOICE", "E1", "r1", "NPS", NINE, 9, ""), ("CD1", "", "", "r2", "csat", NINE, 4, "")]
    path = written(
        tmp_path / "s.csv", ("site", "queue", "agent", "response", "survey", "responded_at", "score", "scale"), rows
    )
    assert import_facts(Upload(path, default("surveys"))).made.added == 2
    nps, csat = SurveyResponse.objects.order_by("external_id")
    assert (nps.kind, nps.scale, nps.person_id, csat.scale, csat.queue_id) == ("nps", 10, person.pk, 5, None)
    rows = [("CD1", "E1", "q1", "2026-11-01T20:00:00Z", "86.5", 100, "yes", "")]
    path = written(tmp_path / "q.csv", ("site", "agent", "evaluation", "evaluated_at", "points", "possible", "auto_fail", "critical_error"), rows)  # fmt: skip
    dirty()
    assert import_facts(Upload(path, default("quality"))).made.added == 1
    found = QaEvaluation.objects.get()
    assert (found.points, found.auto_fail, found.critical_error) == (Decimal("86.500"), True, False)
    assert dirty() == {("CD1", date(2026, 11, 2))}, "the day at the site"


def test_answers_lie_by_site_and_time_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    site()
    site("CD2")
    heading = ("site", "queue", "agent", "response", "survey", "responded_at", "score", "scale")
    hours = {
        f"{code}-{hour}": (code, f"2026-11-0{1 + hour % 3} {hour:02}:00")
        for hour in range(9, 15)
        for code in ("CD2", "CD1")
    }
    rows = [(code, "", "", key, "csat", at, 4, "") for key, (code, at) in hours.items()]
    import_facts(Upload(written(tmp_path / "s.csv", heading, rows), default("surveys")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT external_id FROM kpis_surveyresponse ORDER BY ctid")
        lie = [key for (key,) in cursor.fetchall()]
    sites = list(Site.objects.order_by("pk").values_list("code", flat=True))
    assert lie == sorted(hours, key=lambda key: (sites.index(hours[key][0]), hours[key][1]))


def test_daily_figures_of_json_lines(tmp_path: Path) -> None:
    site()
    rows = [
        {"site": "CD1", "day": "2026-11-02", "component": "backlog", "value": 41},
        {"site": "CD1", "queue": "VOICE", "day": "2026-11-02", "component": "backlog", "value": 12.5},
    ]
    path = json_lines(tmp_path / "figures.jsonl", rows)
    assert import_facts(Upload(path, default("figures"))).made.added == 2
    assert sorted(Figure.objects.values_list("value", flat=True)) == [Decimal("12.5"), 41]
    rows[0]["value"] = 40
    assert import_facts(Upload(json_lines(path, rows), default("figures"))).made == Made(
        rows=2, replaced=1, unchanged=1
    )
    assert Revision.objects.get().before == {"value": 41}


def test_a_workbook(tmp_path: Path) -> None:
    site()
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEADING)
    book.active.append(("CD1", "VOICE", datetime(2026, 11, 2, 9, tzinfo=UTC).replace(tzinfo=None), 10, 8, 7, 2, 2400))
    book.save(tmp_path / "contacts.xlsx")
    assert import_facts(Upload(tmp_path / "contacts.xlsx", CONTACTS)).made == Made(rows=1, added=1)


def test_decimals_with_commas_when_the_mapping_says_so(tmp_path: Path) -> None:
    site()
    rows = [("CD1", "q1", NINE, "86,5", "100,0", "", "")]
    path = written(tmp_path / "q.csv", ("site", "evaluation", "evaluated_at", "points", "possible", "auto_fail", "critical_error"), rows)  # fmt: skip
    assert said(import_facts(Upload(path, default("quality")))) == [
        (2, "points", "“86,5” has a decimal comma; the mapping says decimal point")
    ]
    assert import_facts(Upload(path, default("quality") | {"decimal": ","})).made.added == 1
    assert QaEvaluation.objects.get().points == Decimal("86.5")


def test_only_the_sites_that_the_sender_may_speak_of(tmp_path: Path) -> None:
    mine = site()
    site("CD2")
    path = written(tmp_path / "c.csv", HEADING, [("CD2", *ROW[1:])])
    outcome = import_facts(Upload(path, CONTACTS, only=frozenset({mine.pk})))
    assert said(outcome) == [(2, "site", "“CD2” is no site that this file may speak of")]


def test_the_command(tmp_path: Path) -> None:
    site()
    path = written(tmp_path / "c.csv", HEADING, [(*ROW[:2], NINE, 10, "83%", 7, 2, 0)])
    out, err = StringIO(), StringIO()
    (tmp_path / "m.yml").write_text(json.dumps(CONTACTS))
    with pytest.raises(CommandError, match="1 rows are to be fixed"):
        call_command("import_facts", path, mapping=tmp_path / "m.yml", json=True, stdout=out, stderr=err)
    counts = {"rows": 1, "added": 0, "replaced": 0, "unchanged": 0, "errors": 1}
    assert json.loads(out.getvalue()).items() >= counts.items()
    assert err.getvalue() == "row 2, answered: “83%” is a percentage; a count belongs here\n"


def test_mappings_that_cannot_be(tmp_path: Path) -> None:
    path = written(tmp_path / "c.csv", HEADING, [ROW])
    for wrong, why in (
        ({"kind": "weather"}, "kind"),
        ({"fields": {"site": {"column": "site"}}}, "missing: offered, queue, starts_at"),
        ({"interval": None}, "give `interval`"),
        ({"fields": CONTACTS["fields"] | {"wether": {"column": "x"}}}, "unknown for contacts: wether"),
        ({"fields": CONTACTS["fields"] | {"offered": {"column": "offers"}}}, "no column “offers”"),
    ):
        with pytest.raises(ImportRefused, match=why):
            import_facts(Upload(path, CONTACTS | wrong))
    assert {one.name for one in MAPPINGS.glob("*.yml")} >= {"nhs_ae.yml", "bank_calls.yml"}
