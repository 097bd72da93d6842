"""Files of every kind: what stands afterwards, and what the pages add up, is what a plain reading of the file adds up to."""

import csv
import random
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from kpis.actions import recompute
from kpis.components import AGENTS
from kpis.importing import Made, Upload, import_facts
from kpis.models import AgentDay, AgentInterval, DirtyBucket, Figure, QaEvaluation, QueueDay, SurveyResponse
from kpis.queries import Scope, sums
from portal.demo.facts import HEADINGS, Place, days_to, facts
from tests.databases import Database
from tests.kpis.importing import agent, default, site, written
from tests.kpis.test_import_together import waiting

LAST = date(2026, 11, 8)
DAYS = days_to(LAST, 9)
NUMBERS = ("E-1", "E-2", "E-3")
type Row = dict[str, str]


def two_sites() -> list[Any]:
    """One in the east and one in the west, each with two queues and three agents."""
    made = [site("CD1", "Asia/Shanghai", "VOICE", "CHAT"), site("BG1", "America/Bogota", "VOICE", "CHAT")]
    for one in made:
        for number in NUMBERS:
            agent(one, number)
    return made


def file_of(kind: str, folder: Path, sites: Iterable[Any]) -> tuple[Path, list[Row]]:
    """A file of a kind for these sites, and its rows as the csv module reads them."""
    rows = []
    for at, one in enumerate(sites):
        code = one.programmes.get().code
        place = Place(one.code, [(code, "VOICE"), (code, "CHAT")], NUMBERS)
        rows += [row for found, row in facts(place, DAYS, random.Random(at)) if found == kind]
    path = written(folder / f"{kind}.csv", HEADINGS[kind], rows)
    with path.open(encoding="utf-8", newline="") as handle:
        return path, list(csv.DictReader(handle))


def brought_in(kind: str, folder: Path) -> tuple[list[Any], list[Row]]:
    """The sites and the rows of an applied file, with the sums made; the same file again changes nothing."""
    sites = two_sites()
    path, rows = file_of(kind, folder, sites)
    assert import_facts(Upload(path, default(kind))).made == Made(rows=len(rows), added=len(rows))
    while recompute(1000):
        pass
    assert import_facts(Upload(path, default(kind))).made == Made(rows=len(rows), unchanged=len(rows))
    return sites, rows


def added(rows: Iterable[Row], key: tuple[str, ...], value: str) -> dict[tuple[str, ...], int]:
    """The sums of a column by other columns, of which the times are cut to their day."""
    total = Counter[tuple[str, ...]]()
    for row in rows:
        total[tuple(row[one][:10] if one.endswith("_at") else row[one] for one in key)] += int(row[value])
    return dict(total)


def kept(rows: Any) -> dict[tuple[str, ...], int]:
    return {(*map(str, key), str(day)): value for *key, day, value in rows}


@pytest.mark.django_db
def test_agents(tmp_path: Path) -> None:
    _sites, rows = brought_in("agents", tmp_path)
    for one in AGENTS:
        wanted = sum(int(row[one.code]) for row in rows)
        assert AgentInterval.objects.aggregate(n=Sum(one.code))["n"] == wanted, one.code
        assert QueueDay.objects.aggregate(n=Sum(one.code))["n"] == wanted, one.code
    by_queue = QueueDay.objects.values_list("site__code", "queue__code", "day", "handle")
    assert kept(by_queue) == added(rows, ("site", "queue", "starts_at"), "handle")
    who = AgentDay.objects.values_list("site__code", "person__engagements__employee_number", "day", "agent_handled")
    assert kept(who) == added(rows, ("site", "agent", "starts_at"), "agent_handled")


@pytest.mark.django_db
def test_surveys(tmp_path: Path) -> None:
    _sites, rows = brought_in("surveys", tmp_path)
    assert SurveyResponse.objects.count() == len(rows)
    nps = [row for row in rows if row["survey"] == "nps"]
    csat = [row for row in rows if row["survey"] == "csat"]
    wanted = {
        "nps_responses": nps,
        "promoters": [row for row in nps if int(row["score"]) >= 9],
        "passives": [row for row in nps if int(row["score"]) in (7, 8)],
        "detractors": [row for row in nps if int(row["score"]) <= 6],
        "csat_responses": csat,
        "satisfied": [row for row in csat if int(row["score"]) >= 4],
    }
    for name, found in wanted.items():
        assert len(found) > 0, name
        for model, place in ((QueueDay, "queue__code"), (AgentDay, "person__engagements__employee_number")):
            column = "queue" if model is QueueDay else "agent"
            stands = kept(model.objects.exclude(**{name: 0}).values_list("site__code", place, "day", name))
            counted = Counter((row["site"], row[column], row["responded_at"][:10]) for row in found)
            assert stands == dict(counted), (name, column)


@pytest.mark.django_db
def test_evaluations(tmp_path: Path) -> None:
    sites = two_sites()
    path, rows = file_of("quality", tmp_path, sites)
    for row in rows[::7]:
        row["auto_fail"] = "yes"
    written(path, HEADINGS["quality"], [list(row.values()) for row in rows])
    assert import_facts(Upload(path, default("quality"))).made == Made(rows=len(rows), added=len(rows))
    while recompute(1000):
        pass
    assert QaEvaluation.objects.aggregate(n=Sum("points"))["n"] == sum(Decimal(row["points"]) for row in rows)
    given = [row for row in rows if row["auto_fail"] == "no"]
    assert kept(QueueDay.objects.values_list("site__code", "queue__code", "day", "qa_possible")) == added(
        rows, ("site", "queue", "evaluated_at"), "possible"
    )
    points = QueueDay.objects.exclude(qa_points=0).values_list("site__code", "queue__code", "day", "qa_points")
    assert kept(points) == added(given, ("site", "queue", "evaluated_at"), "points"), "an auto-fail gives no point"
    for name, column in (("auto_fails", "auto_fail"), ("critical_errors", "critical_error")):
        assert AgentDay.objects.aggregate(n=Sum(name))["n"] == sum(row[column] == "yes" for row in rows)
    assert AgentDay.objects.aggregate(n=Sum("evaluations"))["n"] == len(rows)


@pytest.mark.django_db
def test_stocks_and_counts_of_a_day(tmp_path: Path) -> None:
    sites, rows = brought_in("figures", tmp_path)
    stands = Figure.objects.values_list("site__code", "component__code", "day", "value")
    assert kept(stands) == added(rows, ("site", "component", "day"), "value")
    scope = Scope(frozenset(one.pk for one in sites))
    read = sums(scope, DAYS[0], LAST, (), ["backlog", "forecast"])[()]
    last = [int(row["value"]) for row in rows if (row["component"], row["day"]) == ("backlog", LAST.isoformat())]
    assert (len(last), read["backlog"]) == (2, sum(last)), "a stock is the last day's, added up over the sites"
    assert read["forecast"] == sum(int(row["value"]) for row in rows if row["component"] == "forecast")


@pytest.mark.processes
def test_two_kinds_at_once(fresh_database: Database, tmp_path: Path) -> None:
    """Files of different kinds for the same days of the same sites: both stand, and the days are made of both."""
    sites = two_sites()
    (agents, hours), (surveys, answers) = (file_of(kind, tmp_path, sites) for kind in ("agents", "surveys"))
    found: list[Made] = []

    def second() -> None:
        try:
            found.append(import_facts(Upload(surveys, default("surveys"))).made)
        finally:
            connection.close()

    with transaction.atomic():
        first = import_facts(Upload(agents, default("agents"))).made
        thread = threading.Thread(target=second)
        thread.start()
        waiting(fresh_database)
    thread.join()
    assert (first, found) == (Made(rows=len(hours), added=len(hours)), [Made(rows=len(answers), added=len(answers))])
    assert DirtyBucket.objects.count() == len(sites) * len(DAYS)
    while recompute():
        pass
    total = QueueDay.objects.aggregate(paid=Sum("paid"), asked=Sum("nps_responses"))
    assert total["paid"] == sum(int(row["paid"]) for row in hours)
    assert total["asked"] == sum(row["survey"] == "nps" for row in answers)
