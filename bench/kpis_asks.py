"""What the pages of KPIs ask, asked many times; the same of the facts in SQL; sums made anew."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from bench import measure  # sets Django up
from bench.kpis_facts import of_facts
from kpis.actions.recomputing import make_sums, mark_range, recompute
from kpis.models import AgentDay, AgentInterval, Kpi, QueueDay
from kpis.queries import Scope, figures, kpis_in_use, sums
from kpis.rules.decomposition import Key, ratio_moved
from kpis.rules.periods import Period, containing
from partners import queries as directory
from portal.accounts.models import User
from portal.accounts.queries import actor_for

WEEKS, LONG = 13, 26
WARM = 10  # calls of `measure.times` that do not count
# What a contract names; the network's matrix has a column for each.
USUAL = ("service-level", "asa", "abandonment", "aht", "nps", "csat", "qa", "productivity")


def main(count: int) -> None:
    """Print one JSON line: rows for each table. With 0, make all sums and measure nothing."""
    if count == 0:
        print(json.dumps({"sums": [all_sums()]}))
        return
    found = {"rows": _rows(), "asked": asked(count), "pages": pages(count), "sums": remade()}
    print(json.dumps(found))


class Questions:
    """The questions, of the last whole month there is."""

    def __init__(self) -> None:
        actor = actor_for(User.objects.get(email="u1@bench.example"))
        sites = list(directory.sites_visible_to(actor).order_by("pk").values_list("pk", flat=True))
        last = QueueDay.objects.aggregate(last=Max("day"))["last"]
        self.all, self.site, self.kpis = Scope(frozenset(sites)), Scope(frozenset(sites[:1])), kpis_in_use()
        self.usual = [one for one in self.kpis if one.code in USUAL]
        self.month = containing("month", last)
        one = AgentDay.objects.filter(site=sites[0], day=last).order_by("person")[0]
        self.person, self.team = one.person_id, one.team_id or 0
        self.agent = Scope(self.site.site_ids, person_ids=frozenset([one.person_id]))

    def weeks(self, number: int) -> tuple[date, date]:
        """So many weeks up to the month's last day."""
        return self.month.last - timedelta(days=number * 7 - 1), self.month.last

    def over(self, scope: Scope, period: Period, *by: str, usual: bool = False) -> Any:
        """Every KPI, or the usual ones, over a period."""
        return figures(scope, self.usual if usual else self.kpis, period.first, period.last, by)

    def matrix(self, usual: bool = True) -> Any:
        """Sites x KPIs: the month, the one before, and thirteen weeks of each."""
        return (
            self.over(self.all, self.month, "site", usual=usual),
            self.over(self.all, self.month.previous(), "site", usual=usual),
            figures(self.all, self.usual if usual else self.kpis, *self.weeks(WEEKS), ("site", "week")),
        )

    def scorecard(self, usual: bool = True) -> Any:
        """A site: the month, the one before, the year before, its programmes and teams, and 26 weeks."""
        return (
            self.over(self.site, self.month, usual=usual),
            self.over(self.site, self.month.previous(), usual=usual),
            self.over(self.site, self.month.year_before(), usual=usual),
            self.over(self.site, self.month, "programme", usual=usual),
            self.over(self.site, self.month, "team", usual=usual),
            figures(self.site, self.usual if usual else self.kpis, *self.weeks(LONG), ("week",)),
        )

    def agents(self) -> Any:
        """The agents of a team in the month."""
        return self.over(Scope(self.site.site_ids, team_ids=frozenset([self.team])), self.month, "person")

    def one_agent(self) -> Any:
        """An agent: the month, the one before, and 26 weeks."""
        return (
            self.over(self.agent, self.month),
            self.over(self.agent, self.month.previous()),
            figures(self.agent, self.kpis, *self.weeks(LONG), ("week",)),
        )

    def why(self) -> Any:
        """What moved the network's service level since the month before, by queue."""
        codes = ("answered_in_t", "answered", "abandoned", "abandoned_in_t")
        return ratio_moved(self.by_queue(self.month.previous(), codes), self.by_queue(self.month, codes))

    def by_queue(self, period: Period, codes: tuple[str, ...]) -> dict[Key, tuple[Decimal, Decimal]]:
        """Numerator and denominator of each queue."""
        rows = sums(self.all, period.first, period.last, ("site", "queue"), codes)
        return {key: _ratio(row) for key, row in rows.items()}

    def three_years(self) -> Any:
        """Every month of every site, service level alone: what a long chart asks."""
        kpis = [one for one in self.kpis if one.code == "service-level"]
        return figures(self.all, kpis, self.month.last - timedelta(days=1094), self.month.last, ("site", "month"))


def _ratio(row: dict[str, Decimal | None]) -> tuple[Decimal, Decimal]:
    number = {code: value or Decimal(0) for code, value in row.items()}
    return number["answered_in_t"], number["answered"] + number["abandoned"] - number["abandoned_in_t"]


def asked(count: int) -> list[list[Any]]:
    """Each question: queries, times, and what the facts take for it."""
    it = Questions()
    sites, one = sorted(it.all.site_ids), sorted(it.site.site_ids)
    month, two = (it.month.first, it.month.last), (it.month.previous().first, it.month.last)
    questions: list[tuple[str, Callable[[], Any], Callable[[], Any] | None]] = [
        (f"network matrix, {len(it.usual)} KPIs", it.matrix, of_facts(sites, *it.weeks(WEEKS), "site", "week")),
        (f"network matrix, all {len(it.kpis)} KPIs", lambda: it.matrix(usual=False), None),
        (f"site scorecard, {len(it.usual)} KPIs", it.scorecard, of_facts(one, *it.weeks(LONG), "team", "week")),
        (f"site scorecard, all {len(it.kpis)} KPIs", lambda: it.scorecard(usual=False), None),
        ("agents of a team", it.agents, of_facts(one, *month, "person", team=it.team)),
        ("an agent", it.one_agent, of_facts(one, *it.weeks(LONG), "week", person=it.person)),
        ("why did it move, by queue", it.why, of_facts(sites, *two, "queue", "month")),
        ("three years of months, one KPI", it.three_years, None),
    ]
    return [_asked(name, ask, facts, count) for name, ask, facts in questions]


def _asked(name: str, ask: Callable[[], Any], facts: Callable[[], Any] | None, count: int) -> list[Any]:
    with CaptureQueriesContext(connection) as queries:
        ask()
    begin = time.process_time()
    found = measure.times(count, ask)
    python = (time.process_time() - begin) / (count + WARM) * 1000
    p50, p95 = measure.percentiles(found)
    raw = f"{_seconds(facts):.2f}" if facts else ""
    return [name, len(queries), f"{p50:.1f}", f"{p95:.1f}", f"{python:.1f}", raw]


def _seconds(ask: Callable[[], Any]) -> float:
    """The better of two times, so that what was on disk is in memory."""
    return min(timed(ask), timed(ask))


def timed(ask: Callable[[], Any]) -> float:
    """Seconds by the clock."""
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def pages(count: int) -> list[list[Any]]:
    """Whole responses over HTTP."""
    it = Questions()
    wanted = _pages(it)
    if not wanted:
        return []
    port = measure.free_port()
    server = measure.start_server(port)
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email="u1@bench.example"))
    try:
        return [
            [
                *measure.measured(client, port, name, path, None, count, piece="lines=" in path)[:5],
                f"{_processor(client, path):.1f}",
            ]
            for name, path in wanted
        ]
    finally:
        server.terminate()
        server.wait(20)


def _processor(client: Client, path: str, count: int = 20) -> float:
    """Milliseconds of processor time of a request in process, the median: other work on the machine says less of it."""
    found = []
    for _ in range(count):
        begin = time.process_time()
        client.get(path, headers={"HX-Request": "true"} if "lines=" in path else {})
        found.append((time.process_time() - begin) * 1000)
    return statistics.median(found)


def _pages(it: Questions) -> list[tuple[str, str]]:
    code = directory.sites_visible_to(actor_for(User.objects.get(email="u1@bench.example"))).order_by("pk")[0].code
    found = []
    for name, url, words in (
        ("network matrix", "kpis:network", []),
        ("site scorecard", "kpis:site", [code]),
        ("team scorecard", "kpis:team", [it.team]),
        ("agent scorecard", "kpis:person", [it.person]),
        ("why did it move", "kpis:network_why", ["service-level"]),
        ("agents of a site, spread", "kpis:site_spread", [code, "productivity"]),
    ):
        try:
            found.append((name, f"{reverse(url, args=words)}?period={it.month.key}"))
        except NoReverseMatch:
            print(f"no page {url} yet", file=sys.stderr)
    return [*found, ("lines of the site's teams, asked for by its page", f"{found[1][1]}&lines=team")]


def all_sums() -> list[Any]:
    """Every day there is, as the workers make them."""
    it = AgentInterval.objects.aggregate(first=Min("starts_at"), last=Max("starts_at"))
    sites = list(
        directory.sites_visible_to(actor_for(User.objects.get(email="u1@bench.example"))).values_list("pk", flat=True)
    )
    mark_range(sites, it["first"].date(), it["last"].date())
    return _worked("all sums")


def remade() -> list[list[Any]]:
    """A site's day and a month of all sites, made again."""
    it = Questions()
    days = [it.month.last - timedelta(days=step) for step in range(20)]
    first, *times = [timed(partial(_site_day, min(it.all.site_ids), day)) for day in days]
    mark_range(it.all.site_ids, it.month.first, it.month.last)
    return [
        ["a site's day, the first after pages were read", 1, f"{first:.3f}"],
        ["a site's day, median of the next 19", 1, f"{statistics.median(times):.3f}"],
        ["a site's day, slowest of these", 1, f"{max(times):.3f}"],
        _worked("a month of all sites (site days)"),
    ]


def _site_day(site: int, day: date) -> None:
    with transaction.atomic():
        make_sums([site], [day])


def _worked(name: str) -> list[Any]:
    begin, done = time.perf_counter(), 0
    while made := recompute():
        done += made
    return [name, done, f"{time.perf_counter() - begin:.1f}"]


def _rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(reltuples)::bigint FROM pg_class WHERE relname ~ '^kpis_agentinterval_\\d' AND relkind = 'r'"
        )
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    assert Kpi.objects.exists()
    main(int(sys.argv[1]))
