"""The scorecard and the summary of a pack say what the scorecards' pages say, figure by figure."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from kpis.models import AgentDay, QueueDay
from kpis.queries import Scope, cards, carried_scores, figures, judged_on, readings, tally
from kpis.queries.signals import smallest_samples, weekly
from kpis.rules.periods import containing, run_up
from kpis.rules.signals import appeared
from reviews.queries.sections import scorecard, summary
from reviews.queries.sections.reading import WEEKS
from reviews.wording.packs import told
from tests.factories.partners import SiteFactory
from tests.reviews.packing import a_site, cell, context, notes, row_of, table

pytestmark = pytest.mark.django_db
WEEK = containing("week", date(2026, 11, 9))


def plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def test_every_line_is_what_the_scorecard_shows() -> None:
    site = a_site()
    built = scorecard.build(context(site))
    lines = table(built, "lines")
    card = cards([site.pk], judged_on(WEEK))[site.pk]
    now, before = (readings({site.pk: card}, one)[site.pk] for one in (WEEK, WEEK.previous()))
    total = tally(card, now, carried_scores({site.pk: card}, judged_on(WEEK)).get(site.pk))
    assert [row.key for row in lines.rows] == [kpi.code for kpi in card.kpis]
    for one in total.lines:
        code, reading = one.terms.kpi, now[one.terms.kpi]
        assert reading.value is not None
        assert cell(lines, code, "value") == plain(reading.value)
        assert (cell(lines, code, "n"), cell(lines, code, "low"), cell(lines, code, "high")) == (
            reading.n, plain(reading.low), plain(reading.high),
        )  # fmt: skip
        assert (cell(lines, code, "target"), cell(lines, code, "red")) == (
            plain(one.terms.target),
            plain(one.terms.red),
        )
        assert (cell(lines, code, "score"), row_of(lines, code).rag) == (plain(one.score), one.verdict.rag)
        assert cell(lines, code, "change") == plain(reading.value - (before[code].value or 0))
    weeks = run_up(WEEK, WEEKS)
    read, fewest = weekly(site.pk, card.kpis, weeks, card.pins), smallest_samples(card.kpis, card, WEEK.last)
    for kpi in card.kpis:
        assert list(row_of(lines, kpi.code).signals) == appeared(read[kpi.code], kpi.unit, fewest[kpi.pk], set())


def test_red_lines_and_signals_need_a_comment_and_others_may_have_one() -> None:
    site = a_site(level=0.5)
    built = scorecard.build(context(site))
    exceptions = {row.key for row in table(built, "lines").rows if row.rag == "r" or row.signals}
    assert {one.key for one in built.needed} == exceptions
    assert {one.key for one in (*built.needed, *built.others)} == {row.key for row in table(built, "lines").rows}
    assert {one.site_id for one in (*built.needed, *built.others)} == {site.pk}
    assert "service-level" in exceptions


def test_the_summary_counts_the_same_lines() -> None:
    site = a_site()
    here = context(site)
    lines, scores = table(scorecard.build(here), "lines"), table(summary.build(here), "scores")
    counted = Counter(row.rag for row in lines.rows)
    assert [cell(scores, site.code, f"rag_{rag}") for rag in "ragn"] == [counted[rag] for rag in "ragn"]
    card = cards([site.pk], judged_on(WEEK))[site.pk]
    assert cell(scores, site.code, "score") == plain(tally(card, readings({site.pk: card}, WEEK)[site.pk]).score)
    assert cell(scores, site.code, "signals") == sum(bool(row.signals) for row in lines.rows)
    movers = table(summary.build(here), "movers")
    assert len(movers.rows) == summary.MOVERS
    for row in movers.rows:
        code = row.key.partition(":")[2]
        assert cell(movers, row.key, "change") == cell(lines, code, "change")
    here.options = {"movers": 1}
    assert len(table(summary.build(here), "movers").rows) == 1


def test_several_sites_are_rows_of_the_network() -> None:
    one, other = a_site(), a_site(contracted=False)
    here = context(scope="network")
    built = scorecard.build(here)
    sites = table(built, "sites")
    assert {row.key for row in sites.rows} == {one.code, other.code}
    for site in (one, other):
        read = figures(
            Scope(frozenset({site.pk})), [line.kpi for line in here.judged[site.pk].lines], WEEK.first, WEEK.last
        )[()]
        for code, reading in read.items():
            assert cell(sites, site.code, code) == plain(reading.value)
    alone = {row.key for row in table(scorecard.build(context(one)), "lines").rows if row.rag == "r" or row.signals}
    assert {f"{one.code}:{key}" for key in alone} <= {row.key for row in table(built, "exceptions").rows}
    assert [text.code for text in built.missing] == ["no_contract"]


def test_a_site_without_data_says_so() -> None:
    built = scorecard.build(context(SiteFactory.create()))
    assert (table(built, "lines").rows, built.needed) == ([], [])
    assert [one.code for one in built.missing] == ["no_contract", "no_data"]
    assert notes(built) == ["no_contract", "no_data"]
    assert notes(summary.build(context(SiteFactory.create()))) == ["summary.nothing_to_compare"]


def test_half_a_week_says_which_days_are_missing() -> None:
    site = a_site(last=date(2026, 11, 11))
    built = scorecard.build(context(site))
    (text,) = built.missing
    assert (text.code, text.params["days"], text.params["count"]) == ("absent_days", [["2026-11-12", "2026-11-15"]], 4)
    assert told(text).endswith(": no figures of 12 Nov – 15 Nov; days without: 4.")
    QueueDay.objects.filter(site=site, day="2026-11-10").delete()
    AgentDay.objects.filter(site=site, day="2026-11-10").delete()
    (text,) = scorecard.build(context(site, revision=2)).missing
    assert text.params["days"] == [["2026-11-10", "2026-11-10"], ["2026-11-12", "2026-11-15"]]
    assert cell(table(built, "lines"), "service-level", "value") is not None


def test_days_on_which_a_site_never_works_are_not_missing() -> None:
    site = a_site()
    QueueDay.objects.filter(site=site, day__week_day__in=[1, 7]).delete()
    AgentDay.objects.filter(site=site, day__week_day__in=[1, 7]).delete()
    assert scorecard.build(context(site)).missing == []
