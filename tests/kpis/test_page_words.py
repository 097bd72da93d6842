"""Values as they are read, and how a network's contacts are compared."""

from decimal import Decimal

import pytest

from kpis.wording.values import difference_text, step_text, value_text


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        ("0.846", "percent", 1, "84.6%"),
        ("552", "seconds", 0, "9:12"),
        ("-0.4", "points", 0, "0"),
        ("-12", "points", 0, "−12"),
        ("48210", "number", 0, "48,210"),
        ("1E+3", "number", 0, "1,000"),
    ],
)
def test_a_value_has_its_unit(value: str, unit: str, decimals: int, text: str) -> None:
    assert value_text(Decimal(value), unit, decimals) == text


def test_what_is_missing_is_a_dash_and_has_no_difference() -> None:
    assert value_text(None, "percent") == "–"
    assert difference_text(None, Decimal(1), "percent") == ""


@pytest.mark.parametrize(
    ("step", "unit", "text"), [("0.014", "percent", "+1.4"), ("-8", "seconds", "−8s"), ("0.00001", "percent", "0.0")]
)
def test_a_difference_has_its_sign(step: str, unit: str, text: str) -> None:
    assert step_text(Decimal(step), unit) == text
