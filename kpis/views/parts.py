"""What a subject is made of: sites, programmes, queues, teams or agents, each with its figures and a way down."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy

from partners import queries as directory
from portal.accounts.rules import Actor

from ..access.subjects import Subject, address
from ..components import OF_AGENTS
from ..models import Kpi
from ..queries import figures
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
_OF_AGENTS: Final = frozenset(component.code for component in OF_AGENTS)


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part with its page and its entries in the order of the columns. `key`: of its kind and its own, for ids."""

    key: str
    label: str
    url: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class PartTable:
    """The parts of one kind. Agents and teams are in the order of their names: nobody is ranked."""

    kind: str
    title: str
    columns: tuple[Kpi, ...]
    rows: tuple[PartRow, ...]


def part_tables(actor: Actor, subject: Subject, kpis: Sequence[Kpi], formulas: Formulary) -> list[PartTable]:
    """A table per kind of part that has figures."""
    made = [_table(actor, subject, kind, kpis, formulas) for kind in subject.parts]
    return [table for table in made if table.rows]


def _table(actor: Actor, subject: Subject, kind: str, kpis: Sequence[Kpi], formulas: Formulary) -> PartTable:
    asked, period = formulas.asked, formulas.asked.period
    wanted = [kpi for kpi in kpis if kind not in {"team", "person"} or _of_agents(kpi, formulas)]
    read = figures(
        subject.scope, wanted, period.first, period.last, (kind,), formula=asked.formula, excluded=asked.excluded,
        pins=formulas.pins,
    )  # fmt: skip
    read.pop((None,), None)
    measured = {code for row in read.values() for code, reading in row.items() if reading.value is not None}
    columns = [kpi for kpi in wanted if kpi.code in measured][:COLUMNS]
    labels = names_of(actor, subject, kind, [key[0] for key in read])
    rows = [
        PartRow(
            f"{kind}-{pk}", label, url, tuple(entry_of(kpi, read[pk,], how=formulas.of(kpi, read[pk,].get(kpi.code))) for kpi in columns)
        )
        for pk, (label, url) in labels.items()
        if any(reading.value is not None for reading in read[pk,].values())
    ]  # fmt: skip
    return PartTable(kind, str(HEADS[kind]), tuple(columns), tuple(sorted(rows, key=lambda row: row.label)))


def _of_agents(kpi: Kpi, formulas: Formulary) -> bool:
    """Whether agents have all that its formula needs."""
    version = formulas.chosen(kpi)
    return version is not None and {*version.numerator, *version.denominator} <= _OF_AGENTS


def names_of(actor: Actor, subject: Subject, kind: str, ids: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    """Label and page of each part; one query, none for sites. What is out of sight is missing."""
    if kind == "site":
        return {site.pk: (site.label, address("site", site.code)) for site in subject.sites if site.pk in set(ids)}
    visible: Mapping[str, Callable[[Actor], Any]] = {
        "programme": directory.programmes_visible_to, "queue": directory.queues_visible_to,
        "team": directory.teams_visible_to, "person": directory.people_visible_to,
    }  # fmt: skip
    rows = visible[kind](actor).filter(pk__in=[one for one in ids if one is not None])
    if subject.site is not None:
        return {row.pk: (row.label, address(kind, row.pk)) for row in rows}
    # Of many sites a programme of the same name may stand there twice, so the site says which it is.
    sites = {site.pk: site.label for site in subject.sites}
    rows = rows.select_related("programme") if kind == "queue" else rows
    return {row.pk: (f"{sites.get(_site_of(row), '')} · {row.label}", address(kind, row.pk)) for row in rows}


def _site_of(row: Any) -> int:
    return int(row.programme.site_id if hasattr(row, "programme_id") else row.site_id)
