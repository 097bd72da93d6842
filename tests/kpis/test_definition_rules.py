"""What a formula has to be, and how it reads."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from kpis.models import KpiVersion
from kpis.rules.definitions import faults
from kpis.wording.formulas import formula_text, parameter_texts

KNOWN = {"answered": False, "offered": False, "backlog": True, "promoters": False, "detractors": False} | {
    "nps_responses": False
}


def checked(**given: Any) -> list[tuple[str, str]]:
    sound: dict[str, Any] = {
        "numerator": {"answered": Decimal(1)},
        "denominator": {"offered": Decimal(1)},
        "scale": Decimal(1),
        "unit": "percent",
        "roll_up": "ratio",
        "interval": "wilson",
        "sample": "offered",
        "minimum_n": 30,
        "known": KNOWN,
    }
    return faults(**{**sound, **given})


def test_a_sound_formula_has_no_faults() -> None:
    assert checked() == []
    stock: dict[str, Any] = {"numerator": {"backlog": Decimal(1)}, "denominator": {}, "roll_up": "last"}
    assert checked(**stock, interval="none", sample="", minimum_n=0) == []
    nps = {"promoters": Decimal(1), "detractors": Decimal(-1)}
    of_nps: dict[str, Any] = {"numerator": nps, "denominator": {"nps_responses": Decimal(1)}, "scale": Decimal(100)}
    assert checked(**of_nps, unit="points", interval="adjusted_wald") == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"numerator": {}}, [("numerator", "no_numerator")]),
        ({"numerator": {"nonsense": Decimal(1)}}, [("numerator", "unknown_component")]),
        ({"denominator": {"offered": Decimal(0)}}, [("denominator", "no_factor")]),
        ({"sample": "nonsense"}, [("sample", "unknown_component")]),
        ({"scale": Decimal(0)}, [("scale", "no_scale")]),
        ({"scale": Decimal(100)}, [("scale", "percent_scale")]),
        ({"denominator": {}, "sample": "", "interval": "none"}, [("minimum_n", "no_sample")]),
        ({"denominator": {}}, [("interval", "wilson_needs_share")]),
        ({"roll_up": "last"}, [("roll_up", "last_of_stocks")]),
        (
            {"numerator": {"backlog": Decimal(1)}, "denominator": {}, "interval": "none"},
            [("roll_up", "stock_is_last")],
        ),
        ({"interval": "adjusted_wald"}, [("interval", "wald_needs_nps")]),
    ],
)
def test_what_is_wrong_is_said_at_its_field(given: Any, expected: Any) -> None:
    assert checked(**given) == expected


def version(numerator: dict[str, str], denominator: dict[str, str], scale: str = "1", **more: Any) -> KpiVersion:
    return KpiVersion(numerator=numerator, denominator=denominator, scale=Decimal(scale), **more)


@pytest.mark.parametrize(
    ("made", "english", "chinese"),
    [
        (
            version({"answered_in_t": "1"}, {"answered": "1", "abandoned": "1", "abandoned_in_t": "-1"}),
            "Answered in time ÷ (Answered + Abandoned − Abandoned in time)",
            "及时接听 ÷ (接听 + 放弃 − 及时放弃)",
        ),
        (
            version({"promoters": "1", "detractors": "-1"}, {"nps_responses": "1"}, "100.0000"),
            "100 × (Promoters − Detractors) ÷ NPS responses",
            None,
        ),
        (version({"backlog": "1"}, {}), "Open at the end", "日终未结"),
        (version({"detractors": "-1", "answered": "0.5"}, {}, "2"), "2 × (0.5 × Answered − Detractors)", None),
        (version({"leavers": "365"}, {"headcount_days": "1"}), "365 × leavers ÷ headcount_days", None),
        (version({"talk": "1"}, {"handled": "1"}, "3600"), "3,600 × Talk ÷ Handled", None),
    ],
)
def test_a_formula_in_words(made: KpiVersion, english: str, chinese: str | None) -> None:
    assert formula_text(made, {"backlog": "Open at the end"}) == english
    if chinese:
        with translation.override("zh-hans"):
            text = formula_text(made, {"backlog": "日终未结"})
        assert text.count("÷") == english.count("÷")
        assert "Answered" not in text


def test_parameters_in_words() -> None:
    made = version({"answered": "1"}, {}, parameters={"variant": "f4", "threshold_seconds": 20, "own": "x"})
    assert parameter_texts(made) == [("Variant", "F4"), ("Threshold T, seconds", "20"), ("own", "x")]
