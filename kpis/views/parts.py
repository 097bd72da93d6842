"""What a subject is made of: sites, programmes, queues, teams or agents, each with its figures and a way down."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Value
from django.utils.translation import gettext_lazy

from partners import queries as directory
from portal.accounts.rules import Actor
from portal.naming import in_language

from ..access.subjects import Subject, address
from ..components import OF_AGENTS
from ..models import Kpi
from ..queries import Figures
from ..queries.trends import Weekly
from .entries import Entry, entry_of
from .hows import Formulary

COLUMNS: Final = 6
HEADS: Final = {
    "site": gettext_lazy("Sites"),
    "programme": gettext_lazy("Programmes"),
    "queue": gettext_lazy("Queues"),
    "team": gettext_lazy("Teams"),
    "person": gettext_lazy("Agents"),
}
_VISIBLE: Final[Mapping[str, Callable[[Actor], Any]]] = {
    "programme": directory.programmes_visible_to, "queue": directory.queues_visible_to,
    "team": directory.teams_visible_to, "person": directory.people_visible_to,
}  # fmt: skip
# What has a name in two languages.
_LABELLED: Final = frozenset({"programme", "queue", "team"})
_OF_AGENTS: Final = frozenset(component.code for component in OF_AGENTS)


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part with its page and its entries in the order of the columns. `key`: of its kind and its own, for ids."""

    key: str
    label: str
    url: str
    entries: tuple[Entry, ...]
    spark: Entry | None = None


@dataclass(frozen=True, slots=True)
class PartTable:
    """The parts of one kind. Agents and teams are in the order of their names: nobody is ranked. `drawn`: the KPI of the sparklines;
    `later`: they are asked for when the page is there."""

    kind: str
    title: str
    columns: tuple[Kpi, ...]
    rows: tuple[PartRow, ...]
    drawn: str = ""
    later: bool = False


def kpis_of_parts(subject: Subject, kpis: Sequence[Kpi], formulas: Formulary) -> dict[str, list[Kpi]]:
    """The KPIs that each kind of part can have figures of."""
    return {
        kind: [kpi for kpi in kpis if kind not in {"team", "person"} or _of_agents(kpi, formulas)]
        for kind in subject.parts
    }


def part_tables(
    actor: Actor, subject: Subject, kpis: Sequence[Kpi], formulas: Formulary, read: Mapping[str, Callable[[], Figures]],
    weeks: Mapping[str, Callable[[], Weekly]],
) -> list[PartTable]:  # fmt: skip
    """A table per kind of part that has figures; `weeks` of one KPI for its sparklines."""
    wanted = kpis_of_parts(subject, kpis, formulas)
    found = {kind: _named(figures(), wanted[kind]) for kind, figures in read.items()}
    labels = names_of_kinds(actor, subject, {kind: [key[0] for key in rows] for kind, rows in found.items()})
    made = [
        _table(kind, wanted[kind], formulas, found[kind], labels[kind], weeks[kind]() if kind in weeks else None)
        for kind in subject.parts
    ]
    return [table for table in made if table.rows]


def _named(read: Figures, kpis: Sequence[Kpi]) -> Figures:
    """What belongs to a part with a name, of these KPIs alone."""
    codes = {kpi.code for kpi in kpis}
    return {
        key: {code: one for code, one in row.items() if code in codes} for key, row in read.items() if key != (None,)
    }


def _table(
    kind: str, wanted: Sequence[Kpi], formulas: Formulary, read: Figures, labels: Mapping[Any, tuple[str, str]],
    known: Weekly | None,
) -> PartTable:  # fmt: skip
    weeks = known or {}
    measured = {code for row in read.values() for code, reading in row.items() if reading.value is not None}
    columns = [kpi for kpi in wanted if kpi.code in measured][:COLUMNS]
    codes = {code for row in weeks.values() for code in row}
    drawn = next((kpi for kpi in wanted if kpi.code in codes), None)
    rows = [
        PartRow(
            f"{kind}-{pk}", label, url, tuple(entry_of(kpi, read[pk,], how=formulas.of(kpi, read[pk,].get(kpi.code)), today=formulas.asked.today) for kpi in columns),
            entry_of(drawn, read[pk,], trend=weeks.get((pk,), {}).get(drawn.code, ()), how=formulas.of(drawn)) if drawn else None,
        )
        for pk, (label, url) in labels.items()
        if any(reading.value is not None for reading in read[pk,].values())
    ]  # fmt: skip
    ordered = tuple(sorted(rows, key=lambda row: row.label))
    return PartTable(kind, str(HEADS[kind]), tuple(columns), ordered, drawn.label if drawn else "", known is None)


def _of_agents(kpi: Kpi, formulas: Formulary) -> bool:
    """Whether agents have all that its formula needs."""
    version = formulas.chosen(kpi)
    return version is not None and {*version.numerator, *version.denominator} <= _OF_AGENTS


def names_of_kinds(
    actor: Actor, subject: Subject, ids: Mapping[str, Collection[Any]]
) -> dict[str, dict[Any, tuple[str, str]]]:
    """As `names_of`, of several kinds of parts. One query for what lies in a site."""
    together = [kind for kind in ids if subject.site is not None and kind in _LABELLED]
    found = {kind: names_of(actor, subject, kind, ids[kind]) for kind in ids if kind not in together}
    if not together:
        return found
    rows = [
        _VISIBLE[kind](actor)
        .filter(pk__in=_known(ids[kind]))
        .order_by()
        .values_list(Value(kind), "pk", "name", "name_zh")
        for kind in together
    ]
    named: dict[str, dict[Any, tuple[str, str]]] = {kind: {} for kind in together}
    for kind, pk, name, name_zh in rows[0].union(*rows[1:], all=True):
        named[kind][pk] = in_language(name, name_zh), address(kind, pk)
    return found | named


def _known(ids: Iterable[Any]) -> list[Any]:
    return [one for one in ids if one is not None]


def names_of(actor: Actor, subject: Subject, kind: str, ids: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Label and page of each part; one query, none for sites. What is out of sight is missing."""
    if kind == "site":
        return {site.pk: (site.label, address("site", site.code)) for site in subject.sites if site.pk in set(ids)}
    rows = _VISIBLE[kind](actor).filter(pk__in=_known(ids))
    if subject.site is not None:
        return {row.pk: (row.label, address(kind, row.pk)) for row in rows}
    # Of many sites a programme of the same name may stand there twice, so the site says which it is.
    sites = {site.pk: site.label for site in subject.sites}
    rows = rows.select_related("programme") if kind == "queue" else rows
    return {row.pk: (f"{sites.get(_site_of(row), '')} · {row.label}", address(kind, row.pk)) for row in rows}


def _site_of(row: Any) -> int:
    return int(row.programme.site_id if hasattr(row, "programme_id") else row.site_id)
