"""The rows that are written as strings: whatever a name, a label or an address holds stays text."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.test import RequestFactory

from kpis.choices import Unit
from kpis.models import Kpi
from kpis.queries.trends import Freshness
from kpis.rules.formulas import Reading
from kpis.rules.periods import parse
from kpis.views.asked import Asked
from kpis.views.entries import Entry
from kpis.views.markup import Markup, markup_of, part_rows
from kpis.views.matrix_rows import matrix_rows
from kpis.views.scorecard_rows import scorecard_rows

EVIL = "\"><script>alert('1')</script>&amp;"
# The quotes of its first characters close no attribute, and its tag opens none.
TOLD = "&quot;&gt;&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&amp;amp;"


def markup() -> Markup:
    period = parse("2026-11")
    assert period is not None
    return markup_of(RequestFactory().get("/", {"x": EVIL, EVIL: "x", "how": EVIL, "kpi": EVIL}), Asked(period))


def entry() -> Entry:
    read = Reading(Decimal("0.5"), Decimal(50), Decimal(100), 100, Decimal("0.4"), Decimal("0.6"))
    before = Reading(Decimal("0.4"), Decimal(40), Decimal(100), 100)
    kpi = Kpi(code=EVIL, name=EVIL, name_zh=EVIL, unit=Unit.PERCENT)
    return Entry(kpi, read, before, url=f"/{EVIL}", trend=(read, before))


def is_safe(rows: str, names: int) -> bool:
    return "<script" not in rows and "'1'" not in rows and EVIL not in rows and rows.count(TOLD) >= names


def test_rows_of_sites() -> None:
    site = SimpleNamespace(code=EVIL, label=EVIL, partner=SimpleNamespace(label=EVIL))
    row: Any = SimpleNamespace(
        site=site, url=f"/{EVIL}", score=EVIL, band=EVIL, entries=(entry(),), spark=entry(), newest_text=EVIL,
        fresh=Freshness(newest=parse("2026-11-02").last, waiting=1),  # type: ignore[union-attr]
    )  # fmt: skip
    matrix: Any = SimpleNamespace(rows=(row,))
    assert is_safe(matrix_rows(matrix, markup()), 8)


def test_rows_of_a_scorecard() -> None:
    for shows_contract in (True, False):
        assert is_safe(scorecard_rows([entry()], markup(), shows_contract=shows_contract), 5)


def test_rows_of_parts() -> None:
    row: Any = SimpleNamespace(key=EVIL, label=EVIL, url=f"/{EVIL}", entries=(entry(),), spark=entry())
    table: Any = SimpleNamespace(rows=(row,), later=False)
    assert is_safe(part_rows(table, markup()), 4)
