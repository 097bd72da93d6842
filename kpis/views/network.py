"""The network: every site in sight by every KPI of its contract."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from portal.accounts.choices import Role
from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor

from ..access.subjects import Subject, address, get_network, newest_of, today_of
from ..models import Kpi
from ..queries import THEN
from ..queries.book import book_in_use, book_of
from ..queries.contracts import Card, cards, judged_on
from ..queries.scores import carried_scores, tally, worth
from ..queries.trends import Freshness, freshness
from ..rules.scoring import Total
from ..wording.periods import day_text
from .asked import Asked, asked_of
from .bands import band_tables
from .common import head_of
from .counted import ByKey, Counted, answered, counted, key_of
from .entries import Entry, entry_of
from .hows import Formulary, formulary
from .markup import markup_of
from .matrix_rows import matrix_rows
from .noted import note_url
from .pins import common_pins
from .reading import MatrixRead, read_matrix
from .tiles import tiles_of
from .words.signals import Told, told

# Signals of the last weeks are news.
NEWS: Final = 4


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site with its entries in the order of the columns."""

    site: Any
    url: str
    total: Total | None
    entries: tuple[Entry, ...]
    fresh: Freshness
    spark: Entry | None
    band: str

    @property
    def newest_text(self) -> str:
        """The newest day with figures."""
        return day_text(self.fresh.newest) if self.fresh.newest else ""

    @property
    def score(self) -> str:
        """The score, to one decimal."""
        return f"{self.total.score:.1f}" if self.total and self.total.score is not None else "–"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Everything that the network page, its export and a partner's page show."""

    asked: Asked
    columns: tuple[Kpi, ...]
    rows: tuple[SiteRow, ...]
    signals: tuple[tuple[SiteRow, Told], ...]
    formulas: Formulary
    weights: Mapping[str, str]
    whole: Mapping[str, Any]
    contacts: Mapping[int, Decimal]
    contacts_before: Mapping[int, Decimal]


@require_safe
@require_actor
def network(request: HttpRequest) -> HttpResponse:
    """Sites by KPI."""
    actor = actor_of(request)
    subject = get_network(actor)
    asked = asked_of(request, subject)
    partners = {site.partner.code: site.partner.label for site in subject.sites}
    matrix = matrix_of(subject, asked)
    markup = markup_of(request, asked)
    context = {
        "markup": markup, "rows": matrix_rows(matrix, markup), "partners": sorted(partners.items(), key=lambda pair: pair[1]),
        **shown(matrix), "title": _("Network performance"), "metas": [_sites_text(len(matrix.rows))],
        "bands": band_tables(actor, [(row.site, row.entries) for row in matrix.rows], asked),
        "note_url": note_url(actor, subject, None, asked),
        "export_url": reverse("kpis:network_export"), "imports_url": imports_url(actor),
        **head_of(subject, asked, numbers=matrix.formulas.numbers, fresh={row.site.pk: row.fresh for row in matrix.rows}),
    }  # fmt: skip
    return answered(request, "kpis/network.html", context, _figures(matrix))


def _figures(matrix: Matrix) -> ByKey:
    """How each figure of the page was counted, by its key."""
    for kpi in matrix.columns:
        yield kpi.code, Counted(kpi, matrix.formulas.of(kpi))
    for tile in tiles_of(matrix):
        if "entry" in tile:
            yield key_of("all", tile["entry"].kpi.code), counted(tile["entry"], _("all sites together"))
    for row in matrix.rows:
        for entry in row.entries:
            yield key_of(row.site.code, entry.kpi.code), counted(entry, row.site.label)


def shown(matrix: Matrix) -> dict[str, Any]:
    """What the template of a matrix needs."""
    spark = next((kpi for kpi in matrix.columns if kpi.code == matrix.asked.kpi), next(iter(matrix.columns), None))
    return {
        "matrix": matrix, "tiles": tiles_of(matrix), "spark_name": spark.label if spark else "",
        "why_url": reverse("kpis:network_why", args=[spark.code]) if spark else "",
        "spread_url": reverse("kpis:network_spread", args=[spark.code]) if spark else "",
        "counted": [(kpi, matrix.formulas.of(kpi)) for kpi in matrix.columns], "unfiltered": matrix.asked.view(partner=""),
        "heads": [(kpi, matrix.formulas.of(kpi), matrix.weights.get(kpi.code, "")) for kpi in matrix.columns],
    }  # fmt: skip


def imports_url(actor: Actor) -> str:
    """Where figures are brought in, for those who may; empty for others."""
    try:
        return reverse("kpis:imports") if actor.has(Role.ADMINISTRATOR, Role.COORDINATOR, Role.MANAGER) else ""
    except NoReverseMatch:
        return ""


def _sites_text(number: int) -> str:
    return ngettext("%(n)d site", "%(n)d sites", number) % {"n": number}


def _narrowed(subject: Subject, asked: Asked) -> list[Any]:
    """The sites left by the filter."""
    return [site for site in subject.sites if not asked.partner or site.partner.code == asked.partner]


def matrix_of(subject: Subject, asked: Asked) -> Matrix:
    """Read it all; the number of queries does not depend on the number of sites."""
    sites = _narrowed(subject, asked)
    ids = [site.pk for site in sites]
    judged = cards(ids, judged_on(asked.period)) if ids else {}
    book = book_of(columns_of(judged.values())) if judged else book_in_use()
    weeks = asked.weeks(newest_of(sites), today_of(sites))
    pins = common_pins(judged.values()) if asked.formula == THEN else {}
    other = next((site for site in subject.peers if site.code == asked.other_site), None)
    read = read_matrix(sites, book, judged, asked, pins, weeks, other)
    carried = carried_scores(judged, judged_on(asked.period))
    totals = {site: tally(card, read.now.get(site, {}), carried.get(site)) for site, card in judged.items()}
    fresh = freshness(ids, {site.pk: site.newest for site in sites}, asked.period)
    how = formulary(asked, book, read.columns, pins)
    rows = [_row(site, read, totals.get(site.pk), fresh, how, judged.get(site.pk)) for site in sites]
    return Matrix(
        asked, tuple(read.columns), tuple(_sorted(rows, asked)), tuple(_signals(rows, weeks)), how, _weights(judged.values()),
        read.whole, read.contacts, read.contacts_before,
    )  # fmt: skip


def columns_of(judged: Iterable[Card]) -> list[Kpi]:
    """The KPIs of the contracts, those of the heaviest lines first."""
    weight: dict[int, Decimal] = {}
    known: dict[int, Kpi] = {}
    for card in judged:
        for line in card.lines:
            known[line.kpi_id] = line.kpi
            weight[line.kpi_id] = weight.get(line.kpi_id, Decimal(0)) + line.weight
    return sorted(known.values(), key=lambda kpi: (-weight[kpi.pk], kpi.position, kpi.pk))


def _row(
    site: Any, read: MatrixRead, total: Total | None, fresh: Mapping[int, Freshness], formulas: Formulary, card: Card | None
) -> SiteRow:  # fmt: skip
    lines = {line.terms.kpi: line for line in total.lines} if total else {}
    now, earlier, weeks = read.now.get(site.pk, {}), read.before.get((site.pk,), {}), read.trend.get((site.pk,), {})
    url = address("site", site.code)
    entries = tuple(
        entry_of(
            kpi, now, before=earlier.get(kpi.code), line=lines.get(kpi.code), trend=weeks.get(kpi.code, ()), url=url,
            how=formulas.of(kpi, now.get(kpi.code)), today=today_of([site]),
        )
        for kpi in read.columns
    )  # fmt: skip
    asked = formulas.asked
    chosen = next((entry for entry in entries if entry.kpi.code == asked.kpi), entries[0] if entries else None)
    return SiteRow(site, url, total, entries, fresh[site.pk], chosen, _band(total, card))


def _band(total: Total | None, card: Card | None) -> str:
    if total is None or total.score is None or card is None:
        return ""
    percent = worth(total, card, None).percent
    return _("bonus") if percent > 0 else _("malus") if percent < 0 else _("base")


def _sorted(rows: list[SiteRow], asked: Asked) -> list[SiteRow]:
    by_name = sorted(rows, key=lambda row: (row.site.label, row.site.pk))
    if asked.sort == "name":
        return by_name
    return sorted(by_name, key=lambda row: -row.total.score if row.total and row.total.score is not None else 1)


def _signals(rows: Sequence[SiteRow], weeks: Sequence[Any]) -> list[tuple[SiteRow, Told]]:
    """What is new in the last weeks, the newest and gravest first."""
    found = []
    for row in rows:
        for entry in row.entries:
            control, values = entry.control, entry.values
            fresh = [signal for signal in control.signals if signal.members[-1] >= len(weeks) - NEWS]
            found += [(row, told(signal, control, values, entry.kpi, weeks)) for signal in fresh]
    return sorted(found, key=lambda pair: ("rag".index(pair[1].tone), -pair[1].at, pair[0].site.label))


def _weights(judged: Iterable[Card]) -> dict[str, str]:
    """Weights that all contracts share, for the heads of the columns."""
    found: dict[str, set[Decimal]] = {}
    for card in judged:
        for line in card.lines:
            found.setdefault(line.kpi.code, set()).add(line.weight)
    return {code: f"{weights.pop().normalize():f}%" for code, weights in found.items() if len(weights) == 1}
