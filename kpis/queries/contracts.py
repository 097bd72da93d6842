"""Which contract a site is under, which version of its scorecard judges a period, and that version as the rules compute with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef

from ..models import Band, Contract, Line, Schedule
from ..rules.money import Scale
from ..rules.periods import Period
from ..rules.scoring import Terms


@dataclass(frozen=True, slots=True)
class Card:
    """A version of a scorecard: its lines in order, as stored and as `terms`, and what a score is worth as `scale`."""

    schedule: Schedule
    contract: Contract
    lines: tuple[Line, ...]
    terms: tuple[Terms, ...]
    scale: Scale

    @property
    def kpis(self) -> list[Any]:
        """The KPIs of its lines."""
        return [line.kpi for line in self.lines]

    @property
    def pins(self) -> dict[int, Any]:
        """The formulas that the contract names, by KPI id; the others are those in force on the day."""
        return {line.kpi_id: line.version for line in self.lines if line.version is not None}

    def line_of(self, code: str) -> Terms | None:
        """The terms of a KPI, None when the contract says nothing about it."""
        return next((terms for terms in self.terms if terms.kpi == code), None)


def by_formulas(judged: Mapping[int, Card]) -> list[tuple[list[int], dict[int, Any]]]:
    """The sites whose contracts name the same formulas, with these, by KPI id: what is read of such sites is read at once."""
    groups: dict[frozenset[tuple[int, int]], tuple[list[int], dict[int, Any]]] = {}
    for site, card in judged.items():
        pins = card.pins
        key = frozenset((kpi, version.pk) for kpi, version in pins.items())
        groups.setdefault(key, ([], pins))[0].append(site)
    return list(groups.values())


def judged_on(period: Period) -> date:
    """The day whose contract judges a period: the first of the month in which it ends, as months are judged."""
    return period.last.replace(day=1)


def cards(site_ids: Collection[int], day: date) -> dict[int, Card]:
    """The scorecard in force for each site on a day; sites without one are missing. Two queries, one where there is none."""
    covering = Schedule.objects.filter(
        period__contains=day, contract__covers__site__in=site_ids, contract__covers__period__contains=day
    )
    bands = Band.objects.filter(schedule=OuterRef("pk"))
    rows = covering.select_related("contract").annotate(
        site_id=F("contract__covers__site"),
        band_scores=ArraySubquery(bands.values("from_score")),
        band_percents=ArraySubquery(bands.values("percent")),
    )
    of_site = {row.site_id: row for row in rows}
    schedules = {row.pk: row for row in of_site.values()}
    lines = _lines_of(schedules.values())
    made = {pk: make_card(row, lines[pk], _bands_of(row)) for pk, row in schedules.items()}
    return {site: made[row.pk] for site, row in of_site.items()}


def _bands_of(row: Any) -> list[Band]:
    return [
        Band(from_score=score, percent=percent)
        for score, percent in zip(row.band_scores, row.band_percents, strict=True)
    ]


def card_of(schedule: Schedule) -> Card:
    """One version as a card."""
    return cards_of([schedule])[0]


def cards_of(schedules: Collection[Schedule]) -> list[Card]:
    """These versions as cards. Two queries besides their own."""
    found = list(schedules)
    lines, bands = _lines_of(found), _of(Band.objects.all(), found)
    return [make_card(one, lines[one.pk], bands[one.pk]) for one in found]


def make_card(schedule: Schedule, lines: Collection[Line], bands: Collection[Band]) -> Card:
    """A card of rows in hand, saved or not."""
    return Card(
        schedule, schedule.contract, tuple(lines), tuple(terms_of(line) for line in lines), scale_of(schedule, bands)
    )


def terms_of(line: Line) -> Terms:
    """A line as the rules score it."""
    return Terms(
        kpi=line.kpi.code,
        weight=line.weight,
        direction=line.direction,
        red=line.red,
        target=line.target,
        stretch=line.stretch,
        target_high=line.target_high,
        red_high=line.red_high,
        minimum_n=line.minimum_n,
        shortage=line.shortage,
        gate_cap=line.gate_cap,
    )


def scale_of(schedule: Schedule, bands: Collection[Band]) -> Scale:
    """What scores are worth under a version."""
    return Scale(
        bands=[(band.from_score, band.percent) for band in bands],
        bonus_cap=schedule.bonus_cap,
        malus_cap=schedule.malus_cap,
        earn_back_months=schedule.earn_back_months,
        earn_back_score=schedule.earn_back_score,
    )


def _lines_of(schedules: Collection[Schedule]) -> Mapping[int, list[Any]]:
    return _of(Line.objects.select_related("kpi", "version"), schedules) if schedules else {}


def _of(rows: Any, schedules: Collection[Schedule]) -> Mapping[int, list[Any]]:
    found: dict[int, list[Any]] = {one.pk: [] for one in schedules}
    for row in rows.filter(schedule__in=found):
        found[row.schedule_id].append(row)
    return found
