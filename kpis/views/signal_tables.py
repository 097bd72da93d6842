"""What stands behind a signal: its weeks with values, samples and targets, and the facts that its sentence is made of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from partners import queries as directory
from portal.notifications.registry import Delivery

from ..models import AlertEvent
from ..queries.contracts import Card, cards, judged_on
from ..queries.signals import followers, period_of
from ..rules.scoring import judge
from ..wording.periods import period_text, short_text
from ..wording.values import target_text, value_text
from .signal_charts import Behind, Shown, behind, shown
from .signal_words import bars, sentence

WEEKS = 13


@dataclass(frozen=True, slots=True)
class Row:
    """A week: its name, its value and sample as text, its verdict (g, a, r, n), a bar of blocks, and whether it may still change."""

    week: str
    value: str
    n: str
    rag: str
    bar: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A signal in the reader's language; `chart` where it is mailed."""

    event: AlertEvent
    sentence: str
    period: str
    value: str
    target: str
    rows: tuple[Row, ...]
    chart: Shown | None = None


def facts(event: AlertEvent, card: Card | None) -> dict[str, Any]:
    """What the sentence about a signal is made of, in no language. The event has its site and KPI at hand."""
    site, kpi, terms = event.site, event.kpi, card.line_of(event.kpi.code) if card else None
    return {
        "site": site.name, "site_zh": site.name_zh, "kpi": kpi.name, "kpi_zh": kpi.name_zh, "kind": event.kind,
        "grain": event.grain, "period": event.period.isoformat(), "value": value_text(event.value, kpi.unit, kpi.decimals),
        "target": target_text(terms, kpi.unit, kpi.decimals) if terms else "",
    }  # fmt: skip


def card_of(event: AlertEvent) -> Card | None:
    """The scorecard that judges the signal's period."""
    return cards([event.site_id], judged_on(period_of(event))).get(event.site_id)


def deliveries(payloads: list[Mapping[str, Any]]) -> list[Delivery]:
    """Signals are for those who follow them and may still see the site."""
    ids = {int(payload["event"]) for payload in payloads}
    events = list(AlertEvent.objects.filter(pk__in=ids).select_related("site", "kpi").order_by("pk"))
    told = followers(events)
    known = {event.pk: facts(event, card_of(event)) for event in events if event.pk in told}
    return [
        Delivery(user, event.pk, reverse("kpis:alert", args=[event.pk]), known[event.pk])
        for event in events
        for user in told.get(event.pk, ())
    ]


def tables(ids: Collection[int]) -> dict[int, Table]:
    """The signals of these ids as a mail shows them. A constant number of queries for each."""
    found = {}
    for event in AlertEvent.objects.filter(pk__in=ids).select_related("site", "kpi"):
        weeks = behind(event, card_of(event))
        found[event.pk] = replace(table_of(weeks), chart=shown(weeks))
    return found


def table_of(found: Behind) -> Table:
    """A signal with its last weeks."""
    event, known = found.event, facts(found.event, found.card)
    return Table(
        event, sentence(known), period_text(period_of(event)), known["value"], known["target"], tuple(_rows(found))
    )


def _rows(found: Behind) -> list[Row]:
    kpi, read = found.event.kpi, found.readings[-WEEKS:]
    terms = found.card.line_of(kpi.code) if found.card else None
    drawn = bars([None if one.value is None else float(one.value) for one in read])
    today = directory.site_today(found.event.site)
    return [
        Row(
            short_text(week),
            value_text(reading.value, kpi.unit, kpi.decimals),
            "" if reading.n is None else f"{reading.n:,}",
            judge(terms, reading).rag if terms else "",
            bar,
            reading.is_provisional(today),
        )
        for week, reading, bar in zip(found.weeks[-WEEKS:], read, drawn, strict=True)
    ]
