"""`manage.py kpi_value`: the figure with what it was made of, in words and in exact JSON."""

import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kpis.rules.intervals import wilson
from partners.models import Site
from tests.factories.partners import QueueFactory
from tests.kpis.filling import MONDAY, SUNDAY, queue_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    queue = QueueFactory(programme__site__code="CTU")
    counts = {"abandoned": 0, "abandoned_in_t": 0}
    queue_day(queue, MONDAY, offered=3, answered=3, answered_in_t=1, **counts)
    queue_day(queue, MONDAY + timedelta(days=2), offered=6, answered=6, answered_in_t=5, **counts)
    queue_day(queue, MONDAY + timedelta(days=2), excluded=True, offered=1, answered=1, answered_in_t=0, **counts)
    made: Site = queue.programme.site
    return made


def value(*arguments: str, kpi: str = "service-level", days: tuple[object, object] = (MONDAY, SUNDAY)) -> str:
    out = StringIO()
    call_command(
        "kpi_value", kpi, "--site", "CTU", "--from", str(days[0]), "--to", str(days[1]), *arguments, stdout=out
    )
    return out.getvalue().strip()


def exact(*arguments: str, **more: Any) -> Any:
    return json.loads(value("--json", *arguments, **more), parse_float=Decimal, parse_int=Decimal)


def test_json_says_everything_exactly(site: Site) -> None:
    said = exact()
    low, high = wilson(6, 9)
    assert said == {
        "kpi": "service-level",
        "site": "CTU",
        "unit": "percent",
        "from": "2026-11-02",
        "to": "2026-11-08",
        "value": Decimal(6) / 9,
        "numerator": 6,
        "denominator": 9,
        "n": 9,
        "interval": [Decimal(repr(low)), Decimal(repr(high))],
        "version": 1,
        "versions": [1],
        "why": "",
    }


def test_by_day_shows_the_days_without_data(site: Site) -> None:
    said = exact("--by", "day", days=(MONDAY, MONDAY + timedelta(days=2)))
    assert [(row["period"], row["value"], row["n"], row["why"]) for row in said["rows"]] == [
        ("2026-11-02", Decimal(1) / 3, 3, ""),
        ("2026-11-03", None, None, "no_data"),
        ("2026-11-04", Decimal(5) / 6, 6, ""),
    ]


def test_by_week_and_month_name_the_days_they_cover(site: Site) -> None:
    weeks = exact("--by", "week", days=("2026-10-30", "2026-11-09"))["rows"]
    assert [(row["period"], row["from"], row["to"], row["denominator"]) for row in weeks] == [
        ("2026-W44", "2026-10-30", "2026-11-01", None),
        ("2026-W45", "2026-11-02", "2026-11-08", 9),
        ("2026-W46", "2026-11-09", "2026-11-09", None),
    ]
    months = exact("--by", "month", days=("2026-10-30", "2026-11-09"))["rows"]
    assert [(row["period"], row["numerator"]) for row in months] == [("2026-10", None), ("2026-11", 6)]


def test_words(site: Site) -> None:
    assert value("--by", "month").splitlines() == [
        "service-level at CTU, 2026-11-02 to 2026-11-08: "
        "0.666667; numerator 6; denominator 9; n 9; 95 % interval 0.354202 to 0.879416; version 1",
        "2026-11: 0.666667; numerator 6; denominator 9; n 9; 95 % interval 0.354202 to 0.879416; version 1",
    ]
    assert value(kpi="nps").endswith("no value (no data); numerator -; denominator -; n -; version -")


def test_what_is_excluded_counts_when_asked_for(site: Site) -> None:
    assert exact("--with-excluded")["denominator"] == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["sevice-level", "--site", "CTU", "--from", "2026-11-01", "--to", "2026-11-02"],
            "There is no KPI sevice-level. ",
        ),
        (["nps", "--site", "CTX", "--from", "2026-11-01", "--to", "2026-11-02"], "There is no site CTX."),
        (["nps", "--site", "CTU", "--from", "1.11.2026", "--to", "2026-11-02"], "--from 1.11.2026 is not a day. "),
        (["nps", "--site", "CTU", "--from", "2026-02-28", "--to", "2026-02-30"], "--to 2026-02-30 is not a day. "),
        (["nps", "--site", "CTU", "--from", "2026-11", "--to", "2026-11-02"], "--from 2026-11 is not a day. "),
        (["nps", "--site", "CTU", "--from", "2026-11-02", "--to", "2026-11-01"], "--to 2026-11-01 is before --from "),
        (
            ["nps", "--site", "CTU", "--from", "2026-11-01", "--to", "2026-11-02", "--formula", "7"],
            "--formula 7 is none of: then, now, 1.",
        ),
    ],
)
def test_what_is_unknown_is_said(site: Site, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("kpi_value", *arguments)
    assert str(refused.value).startswith(message)
