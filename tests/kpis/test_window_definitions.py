"""A window is chosen in the form of a formula, checked there and by the database, and read in the formula's line."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from kpis.models import KpiVersion
from kpis.wording.formulas import formula_text, parameter_texts
from portal.accounts.choices import Role
from tests.factories.partners import SiteFactory, signed_in
from tests.kpis.test_definition_pages import LIST, formula, text
from tests.kpis.test_definition_rules import checked


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"window": 1}, []), ({"window": 24}, []), ({"window": 25}, [("window", "window_long")]),
        ({"window": 12, "denominator": {"backlog": Decimal(1)}}, [("window", "window_of_stock")]),
    ],
)  # fmt: skip
def test_what_a_window_has_to_be(given: Any, expected: Any) -> None:
    assert checked(**given) == expected


def test_the_line_of_the_formula_says_it_and_nothing_else_does() -> None:
    made = KpiVersion(numerator={"answered": "1"}, denominator={"offered": "1"}, scale=Decimal(1))
    for window, words in (("12 months", "rolling 12 months"), ("1 months", "rolling 1 month")):
        made.parameters = {"window": window, "window_days": 7}
        assert formula_text(made, {}) == f"Answered ÷ Offered, {words}"
        assert parameter_texts(made) == [("Window, days", "7")]


@pytest.mark.django_db
def test_it_is_chosen_kept_changed_and_taken_away() -> None:
    client = signed_in(Role.ADMINISTRATOR)
    values = {
        "code": "answer-rate",
        "name": "Answer rate",
        "unit": "percent",
        "direction": "up",
        "decimals": "1",
        "position": "9",
    }
    tried = text(client.post(f"{LIST}new/", formula(**values, window="3", do="try")))
    assert "Answered ÷ Offered, rolling 3 months" in tried
    assert "rolling 3 months" in text(client.post(f"{LIST}new/", formula(**values, window="3"), follow=True))
    first = KpiVersion.objects.get(kpi__code="answer-rate")
    assert first.parameters == {"window": "3 months"}
    url = f"{LIST}answer-rate/versions/new/"
    assert '<option value="3" selected>rolling 3 months</option>' in text(client.get(url))
    again = {"version": "1", "first": "2099-01-01"}
    assert "This is the formula in force already." in text(client.post(url, formula(**again, window="3")))
    assert client.post(url, formula(**again, window="6")).status_code == 302
    assert client.post(url, formula(version="2", first="2099-02-01")).status_code == 302
    assert list(first.kpi.versions.values_list("parameters", flat=True)) == [
        {"window": "3 months"},
        {"window": "6 months"},
        {},
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["25", "0", "-1", "x", "12 months", "1\0"])
def test_others_are_refused_in_the_form(typed: str) -> None:
    SiteFactory()
    values = {
        "code": "answer-rate",
        "name": "A",
        "unit": "percent",
        "direction": "up",
        "decimals": "1",
        "position": "9",
    }
    answer = signed_in(Role.ADMINISTRATOR).post(f"{LIST}new/", formula(**values, window=typed))
    assert answer.status_code in {400, 422}
    assert not KpiVersion.objects.filter(kpi__code="answer-rate").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("window", ['"25 months"', '"0 months"', '"a year"', "12", "null", '""'])
def test_the_database_refuses_them_too(window: str) -> None:
    insert = """INSERT INTO kpis_kpiversion (kpi_id, number, period, numerator, denominator, scale, roll_up, interval, sample, minimum_n,
        parameters, reason, created_at) SELECT id, 99, daterange('1990-01-01', '1990-02-01'), '{"offered": "1"}', '{}', 1, 'ratio', 'none', '', 0,
        jsonb_build_object('window', %s::jsonb), '', now() FROM kpis_kpi WHERE code = 'asa'"""
    with pytest.raises(IntegrityError, match="kpi_version_window"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, [window])
    with connection.cursor() as cursor:
        cursor.execute(insert, ['"24 months"'])


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "saved"), [("92", True), ("93", False)])
def test_a_figure_is_provisional_for_a_quarter_at_the_most(days: str, saved: bool) -> None:
    SiteFactory()
    client = signed_in(Role.ADMINISTRATOR)
    page = client.post(f"{LIST}service-level/versions/new/", formula(window_days=days))
    assert (page.status_code == 302) == saved
    assert KpiVersion.objects.filter(kpi__code="service-level", parameters__window_days=int(days)).exists() == saved
