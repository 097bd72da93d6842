"""Why a figure moved is written alike to the last digit by chart, sentence and table, and what is written adds up."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kpis.models import Kpi
from kpis.rules.decomposition import Moved, ratio_moved, sum_moved
from kpis.rules.periods import parse
from kpis.rules.rounding import rounded
from kpis.views.why import chart_of
from kpis.views.words.moved import effect_text, printed, sentence
from portal.ui.charts.waterfall import draw_waterfall

NOVEMBER = parse("2026-11")
assert NOVEMBER is not None


def ratios(rows: list[tuple[int, int]]) -> dict[Any, tuple[Decimal, Decimal]]:
    return {at: (Decimal(top), Decimal(bottom)) for at, (top, bottom) in enumerate(rows)}


def moved_in_thirds(parts: int) -> Moved:
    """Each part lost a third of a tenth of a percent more than can be written, so that rounding each for itself would not add up."""
    before, after = [(300, 300)] * parts, [(299 - at % 2, 300) for at in range(parts)]
    made = ratio_moved(ratios(before), ratios(after))
    assert made is not None
    return made


@pytest.mark.parametrize("parts", [2, 3, 5, 9])
@pytest.mark.parametrize(("unit", "decimals"), [("percent", 1), ("percent", 0), ("number", 2), ("seconds", 0)])
def test_chart_sentence_and_table_agree(parts: int, unit: str, decimals: int) -> None:
    kpi = Kpi(code="x", name="Level", unit=unit, direction="up", decimals=decimals)
    moved = moved_in_thirds(parts)
    if unit == "seconds":
        moved = sum_moved({at: Decimal(10) for at in range(parts)}, {at: Decimal("8.65") for at in range(parts)})
    steps = printed(kpi, moved)
    names: dict[Any, tuple[str, str]] = {one.part.key: (f"Part {one.part.key}", "") for one in steps}
    texts = [effect_text(kpi, one.effect) for one in steps]
    chart = chart_of(kpi, moved, names, NOVEMBER.previous(), NOVEMBER)
    shown = [point.text for point in chart.parts]
    assert shown[:6] == texts[:6]
    assert len(shown) == min(parts, 7)
    table = draw_waterfall(chart).tables[0]
    assert [row[1] for row in table.rows[1:-1]] == shown
    said = sentence(kpi, moved, {key: label for key, (label, _url) in names.items()})
    found = re.search(r"did most: (\S+),", said)
    assert found
    assert found[1] in texts
    whole = sum((one.effect for one in steps), Fraction(0))
    assert [sum((one.mix for one in steps), Fraction(0)) + sum((one.rate for one in steps), Fraction(0))] == [whole]
    assert all(one.mix + one.rate == one.effect for one in steps)
    digits = 1 if unit == "seconds" else decimals + (3 if unit == "percent" else 1)
    assert [whole] == rounded([moved.difference], digits)


def test_the_last_digit_that_gives_way_is_the_same_everywhere() -> None:
    kpi = Kpi(code="x", name="Level", unit="percent", direction="up", decimals=1)
    moved = ratio_moved(ratios([(900, 1000)] * 3), ratios([(613, 1000)] * 3))
    assert moved is not None
    assert {float(one.effect) for one in moved.parts} == {float(Fraction(-287, 3000))}, "−9.5666… each, −28.70 together"
    texts = [effect_text(kpi, one.effect) for one in printed(kpi, moved)]
    assert sorted(texts) == ["−9.56", "−9.57", "−9.57"]
    names: dict[Any, tuple[str, str]] = {at: (f"Part {at}", "") for at in range(3)}
    chart = chart_of(kpi, moved, names, NOVEMBER.previous(), NOVEMBER)
    assert [point.text for point in chart.parts] == texts
    assert f"{chart.parts[0].label} did most: {texts[0]}" in chart.description
