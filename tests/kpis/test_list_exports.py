"""What if, the lists of contracts and of imports, and the bad rows of an import, as files."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client

from kpis.actions import results
from kpis.models import Batch
from portal.accounts.choices import Role
from portal.audit.models import AuditEntry
from tests.factories.partners import user
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_contract_pages import client
from tests.kpis.test_exclusions import approve, propose
from tests.kpis.test_pages_export import content, rows

pytestmark = pytest.mark.django_db
CONTRACTS, IMPORTS = "/performance/contracts/export/", "/performance/imports/export/"


@pytest.fixture
def world() -> World:
    """A quarter under a contract, its last month with an invoice."""
    made = World()
    for month in (date(2026, 7, 1), date(2026, 8, 1), MONTH):
        made.usual(month)
    results.set_invoice(actor=made.by_manager, site=made.site, month=MONTH, amount=Decimal(1000), currency="EUR")
    return made


def trying(world: World, query: str = "") -> str:
    return f"/performance/contracts/{world.contract.code}/what-if/export/{query}"


def sheet(browser: Client, url: str) -> list[tuple[Any, ...]]:
    """The first sheet of the workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content(browser, url, "xlsx")))
    return [tuple(cell.value for cell in row) for row in book.worksheets[0].iter_rows()]


def test_what_if_with_all_terms_both_ways(world: World) -> None:
    lead = client(world.lead)
    found = rows(lead, trying(world, "?target_service-level=75&red_asa=50"))
    assert [(row["Month"], row["KPI"]) for row in found] == [
        (month, kpi)
        for month in ("July 2026", "August 2026", "September 2026")
        for kpi in ("Service level", "Average speed of answer")
    ]
    level, asa = found[-2:]
    terms = {"Weight": "0.6", "Red": "0.7", "Stretch": "0.9", "Smallest sample": "0"}
    for name, value in terms.items():
        assert {float(level[f"{name}, as it was"]), float(level[f"{name}, as it would be"])} == {float(value)}
    assert (level["Target, as it was"], level["Target, as it would be"]) == ("0.8", "0.75")
    assert (float(asa["Red, as it was"]), float(asa["Red, as it would be"])) == (60, 50)
    assert float(level["Value, as it was"]) == pytest.approx(460 / 600)
    assert (level["Value, as it would be"], float(level["n, as it was"])) == (level["Value, as it was"], 600)
    assert float(level["Score, as it was"]) < 100 < float(level["Score, as it would be"])
    assert (float(level["Invoice"]), level["Currency"], found[0]["Invoice"]) == (1000, "EUR", "")
    assert float(level["Bonus or malus, as it was"]) == 10 * float(level["Percent of the invoice, as it was"]) == -80
    for way in ("as it was", "as it would be"):
        points = sum(float(row[f"Points, {way}"]) for row in (level, asa))
        assert points == pytest.approx(float(level[f"Weighted score, {way}"]), abs=0.01)


def test_what_if_as_a_workbook_says_what_was_left_out(world: World) -> None:
    query = "?target_service-level=75"
    head, *lines = sheet(client(world.lead), trying(world, query))
    assert (len(lines), head[:4]) == (6, ("Site", "Month", "KPI", "Unit"))
    first = dict(zip(head, lines[0], strict=True))
    assert (first["Target, as it was"], first["Target, as it would be"]) == (0.8, 0.75)
    approve(world, propose(world))
    book = openpyxl.load_workbook(io.BytesIO(content(client(world.lead), trying(world, query), "xlsx")))
    told = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}
    assert told["Site"] == world.site.label
    assert "Approved" in told["Time ranges left out"]
    assert told["Page"].endswith(f"/performance/contracts/{world.contract.code}/what-if/{query}")


def test_what_if_where_nothing_is_asked_or_too_much(world: World) -> None:
    lead = client(world.lead)
    for row in rows(lead, trying(world)):
        assert row["Score, as it was"] == row["Score, as it would be"]
    assert lead.post(trying(world, "?target_service-level=x")).status_code == 400
    assert lead.post(trying(world, "?site=nowhere")).status_code == 404
    assert client(World().lead).post(trying(world)).status_code == 404
    page = f"/performance/contracts/{world.contract.code}/what-if/"
    assert f'action="{page}export/?target_asa=20"' in lead.get(f"{page}?target_asa=20").content.decode()
    assert "export/" not in lead.get(page).content.decode()


def test_contracts_in_sight(world: World) -> None:
    World()
    (mine,) = rows(client(world.lead), CONTRACTS)
    assert mine["Contract"] == "Voice"
    assert (mine["Code"], mine["Currency"], mine["Sites"]) == (world.contract.code, "EUR", "1")
    assert (mine["Version in force"], mine["From"]) == ("1", "2026-01-01")
    assert [row[1] for row in sheet(client(world.manager), CONTRACTS)] == ["Code", world.contract.code]
    assert len(rows(client(user(Role.AUDITOR)), CONTRACTS)) == 2
    assert f'action="{CONTRACTS}?"' in client(world.lead).get("/performance/contracts/").content.decode()
    assert AuditEntry.objects.filter(verb="figures.exported", changes__subject="contracts").count() == 3


def brought(world: World, name: str, sender: Any, **more: Any) -> Batch:
    made = Batch.objects.create(
        kind="contacts", source="acd", name=name, digest=name, state="checked", user=sender, **more
    )
    made.sites.add(world.site)
    return made


def test_imports_in_sight(world: World) -> None:
    other = World()
    brought(world, "mine.csv", world.manager, rows=7, added=4, replaced=1, unchanged=1, faults=1)
    brought(other, "=theirs.csv", other.manager)
    manager = client(world.manager)
    mine, *_rest = rows(manager, IMPORTS)
    assert (mine["File"], mine["What it holds"], mine["Brought by"]) == (
        "mine.csv",
        "Contact intervals",
        world.manager.name,
    )
    assert [mine[name] for name in ("Rows", "Added", "Replaced", "As before", "Bad rows")] == ["7", "4", "1", "1", "1"]
    assert "=theirs.csv" not in str(sheet(manager, IMPORTS))
    assert "=theirs.csv" in str(sheet(client(user(Role.AUDITOR)), IMPORTS))
    assert "'=theirs.csv" in str(rows(client(user(Role.AUDITOR)), IMPORTS))
    assert client(world.lead).post(IMPORTS).status_code == 404
    assert f'action="{IMPORTS}?"' in manager.get("/performance/imports/").content.decode()


def test_bad_rows_as_a_workbook(world: World) -> None:
    batch = brought(world, "bad.csv", world.manager, rows=2, faults=2)
    batch.row_faults.create(row=13, column="offered", code="percent", params={"value": "85%"})
    batch.row_faults.create(row=14, column="answered", code="not_whole", params={"value": "x"})
    page, url = f"/performance/imports/{batch.pk}/", f"/performance/imports/{batch.pk}/export/"
    head, first, second = sheet(client(world.manager), url)
    assert head == ("Row", "Column", "Reason")
    assert (first[:2], second[:2]) == ((13, "offered"), (14, "answered"))
    assert "85%" in first[2]
    assert "85%" not in str(sheet(client(user(Role.COORDINATOR, site=world.site)), url)), "the file is not theirs"
    assert f'action="{url}?"' in client(world.manager).get(page).content.decode()
    written = AuditEntry.objects.filter(changes__subject="faults").order_by("id").first()
    assert written is not None
    assert (written.changes["format"], written.changes["rows"]) == ("xlsx", 2)
