"""Months, frozen or not, their statements and disputed ranges, as files."""

import csv
import io
import zipfile
from decimal import Decimal

import pytest

from kpis.actions import exclusions, results, statements
from kpis.models import KpiVersion, Statement
from portal.audit.models import AuditEntry
from tests.kpis.contract_world import MONTH, World
from tests.kpis.test_contract_pages import client, text
from tests.kpis.test_exclusions import propose
from tests.kpis.test_pages_export import content, rows

pytestmark = pytest.mark.django_db
SEPTEMBER = "?month=2026-09"


@pytest.fixture
def world() -> World:
    """A site's month with an invoice."""
    made = World()
    made.usual()
    results.set_invoice(actor=made.by_manager, site=made.site, month=MONTH, amount=Decimal(1000), currency="EUR")
    return made


def frozen(world: World) -> None:
    """Frozen, and signed by the company."""
    found = results.freeze(actor=world.by_manager, site=world.site, month=MONTH)
    seen = statements.stamp(Statement.objects.get(result=found))
    statements.sign(actor=world.by_manager, site=world.site, month=MONTH, seen=seen)


def test_a_frozen_month_with_its_lines_and_statement(world: World) -> None:
    frozen(world)
    page = f"/results/{world.site.code}/2026-09/"
    lead = client(world.lead)
    level, asa = rows(lead, f"/performance{page}export/")
    assert (level["KPI"], level["Month"], level["Revision"]) == ("Service level", "September 2026", "1.0")
    assert (float(level["Numerator"]), float(level["Denominator"]), float(level["n"])) == (460, 600, 600)
    assert float(level["Value"]) == pytest.approx(460 / 600)
    assert (float(level["Weight"]), float(asa["Weight"])) == (0.6, 0.4)
    assert level["Status"] == "Watch"
    for row in (level, asa):
        money = [float(row[name]) for name in ("Invoice", "Percent of the invoice", "Bonus or malus", "Together")]
        assert money == [1000, -8, -80, -80]
        assert (row["Currency"], row["Statement"]) == ("EUR", "Draft")
        assert row["Company"].startswith(world.manager.name)
        assert row["Partner"] == ""
    assert f'action="/performance{page}export/?"' in text(lead, page)
    written = AuditEntry.objects.get(verb="figures.exported")
    assert written.changes["key"] == world.site.code
    book = content(lead, f"/performance{page}export/", "xlsx")
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert "Service level" in parts.read("xl/sharedStrings.xml").decode()


def test_a_month_that_is_not_frozen_gives_what_would_be(world: World) -> None:
    page = f"/performance/results/{world.site.code}"
    level, asa = rows(client(world.lead), f"{page}/2026-09/export/")
    assert (level["Revision"], level["Statement"], level["Invoice"]) == ("", "", "")
    assert float(level["Points"]) + float(asa["Points"]) == pytest.approx(float(level["Weighted score"]), abs=0.01)
    assert rows(client(world.lead), f"{page}/2020-01/export/") == [], "nothing to freeze there"


def test_results_of_the_sites_in_sight(world: World) -> None:
    frozen(world)
    other = World()
    (mine,) = rows(client(world.lead), f"/performance/results/export/{SEPTEMBER}")
    assert (mine["Site"], float(mine["Percent of the invoice"])) == (world.site.label, -8)
    assert float(mine["Bonus or malus"]) == -80
    (theirs,) = rows(client(other.lead), f"/performance/results/export/{SEPTEMBER}")
    assert (theirs["Site"], theirs["Revision"], theirs["Invoice"]) == (other.site.label, "", "")
    assert f'action="/performance/results/export/{SEPTEMBER}"' in text(client(world.lead), f"/results/{SEPTEMBER}")


def test_disputed_ranges_in_the_state_that_is_shown(world: World) -> None:
    held = propose(world)
    other = World()
    (one,) = rows(client(world.manager), "/performance/exclusions/export/")
    assert (one["Site"], one["State"]) == (world.site.label, held.get_state_display())
    assert (one["What happened"], one["Decided by"]) == (held.note, "")
    assert one["From"] < one["To"]
    assert one["Time zone"] == world.site.time_zone
    exclusions.decide(actor=world.by_manager, pk=held.pk, verdict="approved")
    assert rows(client(world.lead), "/performance/exclusions/export/") == []
    (one,) = rows(client(world.lead), "/performance/exclusions/export/?state=approved")
    assert one["Decided by"] == world.manager.name
    assert rows(client(other.lead), "/performance/exclusions/export/?state=all") == []


def test_cells_are_never_formulas(world: World) -> None:
    propose(world, note="=1+1")
    said = content(client(world.manager), "/performance/exclusions/export/").decode("utf-8-sig")
    assert "'=1+1" in next(csv.reader(io.StringIO(said.splitlines()[1])))


def test_the_lines_of_a_contract(world: World) -> None:
    page = f"/contracts/{world.contract.code}/v/1/"
    level, asa = rows(client(world.lead), f"/performance{page}export/")
    assert (level["Contract"], level["KPI"], level["From"]) == ("Voice", "Service level", "2026-01-01")
    assert [float(level[name]) for name in ("Weight", "Red", "Target", "Stretch")] == [0.6, 0.7, 0.8, 0.9]
    assert (asa["Stretch"], float(asa["Target"])) == ("", 30)
    assert f'action="/performance{page}export/?"' in text(client(world.lead), page)
    assert client(World().lead).post(f"/performance{page}export/").status_code == 404


def test_what_kpis_are(world: World) -> None:
    found = rows(client(world.lead), "/performance/definitions/export/")
    assert len(found) == KpiVersion.objects.count()
    (nps,) = [one for one in found if one["Code"] == "nps"]
    assert nps["Formula"] == "100 × (Promoters − Detractors) ÷ NPS responses"
    assert (nps["KPI"], float(nps["Formula version"]), nps["To"]) == ("NPS", 1, "")
    assert 'action="/performance/definitions/export/' in text(client(world.lead), "/definitions/")
