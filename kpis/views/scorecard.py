"""One scorecard for all: a partner, a site, a programme, a queue, a team or one agent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.accounts.decorators import require_actor
from portal.accounts.requests import actor_of
from portal.accounts.rules import Actor
from portal.ui.htmx import is_htmx

from ..access import subjects
from ..access.subjects import Subject, address
from ..models import Kpi
from ..queries import THEN
from ..queries.book import Book, book_in_use, book_of
from ..queries.contracts import Card, cards, judged_on
from ..queries.scores import carried_scores, tally, worth
from ..queries.trends import freshness
from ..rules.periods import Period
from ..rules.scoring import Total
from ..wording.values import value_text
from .asked import Asked, asked_of
from .bands import band_tables
from .common import head_of
from .control import drawn
from .counted import ByKey, answered, counted, key_of
from .entries import MISSING, Entry, entry_of
from .hows import Formulary, formulary
from .markup import markup_of, part_rows
from .network import columns_of
from .noted import note_url, noted_of
from .parts import PartTable, kpis_of_parts, part_tables
from .reading import read_parts, read_scorecard
from .scorecard_rows import scorecard_rows

TILES: Final = 5
#: Has a page show at once what it asks for later otherwise: a page that becomes a file asks for nothing.
ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Everything that a scorecard's page and its export show."""

    subject: Subject
    asked: Asked
    entries: tuple[Entry, ...]
    total: Total | None
    card: Card | None
    weeks: tuple[Period, ...]
    tables: tuple[PartTable, ...]
    chosen: Entry | None
    formulas: Formulary


def page(get: Callable[[Actor, Any], Subject]) -> Callable[..., HttpResponseBase]:
    """The view of one kind of subject; `get` fetches it or raises Http404."""

    @require_safe
    @require_actor
    def view(request: HttpRequest, key: Any) -> HttpResponse:
        actor = actor_of(request)
        subject = get(actor, key)
        asked, lines = asked_of(request, subject), request.GET.get("lines", "")
        if is_htmx(request) and lines in subject.parts:
            return _with_lines(request, actor, subject, asked, lines)
        made = scorecard_of(actor, subject, asked, whole=lines == ALL)
        markup = markup_of(request, asked)
        context = {
            **context_of(actor, made), "markup": markup, "tables": [(table, part_rows(table, markup)) for table in made.tables],
            "rows": scorecard_rows(made.entries, markup, shows_contract=made.card is not None),
        }  # fmt: skip
        return answered(request, "kpis/scorecard.html", context, _figures(made))

    return view


partner = page(subjects.get_partner)
site = page(subjects.get_site)
programme = page(subjects.get_programme)
queue = page(subjects.get_queue)
team = page(subjects.get_team)
person = page(subjects.get_person)


@require_safe
@require_actor
def scorecards(request: HttpRequest) -> HttpResponse:
    """The one scorecard of whoever sees one site; for others a list by partner."""
    sites = subjects.sites_for(actor_of(request))
    if len(sites) == 1:
        return redirect(address("site", sites[0].code))
    groups: dict[Any, list[Any]] = {}
    for one in sorted(sites, key=lambda site: (site.partner.label, site.label)):
        groups.setdefault(one.partner, []).append(one)
    return render(request, "kpis/scorecards.html", {"groups": list(groups.items())})


def _with_lines(request: HttpRequest, actor: Actor, subject: Subject, asked: Asked, kind: str) -> HttpResponse:
    """The parts of one kind with their lines of weeks, for the page that shows them without. Nothing where there are none."""
    _card, book, pins, weeks, every = _basis(subject, asked)
    wanted = kpis_of_parts(subject, book.kpis, every)[kind]
    figures, of_weeks = read_parts(subject, book, asked, pins, weeks, kind, wanted)
    tables = part_tables(actor, replace(subject, parts=(kind,)), book.kpis, every, {kind: figures}, {kind: of_weeks})
    if not tables:
        return HttpResponse()
    markup = markup_of(request, asked)
    return render(request, "kpis/_parts.html", {"table": tables[0], "body": part_rows(tables[0], markup)})


def _figures(made: Scorecard) -> ByKey:
    """How each figure of the page was counted, by its key."""
    for entry in made.entries:
        yield entry.kpi.code, counted(entry)
    for table in made.tables:
        for row in table.rows:
            for entry in row.entries:
                yield key_of(row.key, entry.kpi.code), counted(entry, row.label)


def context_of(actor: Actor, made: Scorecard) -> dict[str, Any]:
    """What the page shows, but for the rows of its tables."""
    subject, asked = made.subject, made.asked
    noted = noted_of(actor, subject, made.chosen.kpi if made.chosen else None, made.weeks)
    fresh = freshness(subject.site_ids, {one.pk: one.newest for one in subject.sites}, asked.period)
    return {
        "made": made, "title": subject.label, "metas": _metas(made), "score": _score(made),
        "shows_contract": made.card is not None, "tiles": [one for one in made.entries if one.reading.value is not None][:TILES],
        "chart": drawn(made.chosen, made.weeks, noted, asked) if made.chosen else None, "notes": noted,
        "note_url": note_url(actor, subject, made.chosen.kpi if made.chosen else None, asked),
        "counted": [(entry.kpi, entry.how) for entry in made.entries], "spread_url": _spread_url(made), "export_url": address(subject.kind, subject.key, "export"),
        "bands": band_tables(actor, [(subject.site, made.entries)], asked) if subject.kind == "site" else [],
        **head_of(subject, asked, numbers=made.formulas.numbers, fresh=fresh),
    }  # fmt: skip


def _spread_url(made: Scorecard) -> str:
    """Where the chosen KPI is spread over hours and agents."""
    if made.chosen is None or made.subject.kind not in {"site", "programme", "queue", "team"}:
        return ""
    url = reverse(f"kpis:{made.subject.kind}_spread", args=[made.subject.key, made.chosen.kpi.code])
    return f"{url}{made.asked.query()}"


def _why_url(subject: Subject, kpi: Kpi) -> str:
    """Where a difference is taken apart; agents and teams have no volume of their own to split."""
    if subject.kind not in {"partner", "site", "programme"}:
        return ""
    return reverse(f"kpis:{subject.kind}_why", args=[subject.key, kpi.code])


def scorecard_of(actor: Actor, subject: Subject, asked: Asked, *, whole: bool = False) -> Scorecard:
    """Read it all, in a constant number of queries. `whole`: with the weeks of parts that a page asks for later."""
    card, book, pins, weeks, every = _basis(subject, asked)
    read = read_scorecard(subject, book, asked, pins, weeks, kpis_of_parts(subject, book.kpis, every), whole=whole)
    now, trend, before = read.now, read.trend, read.before
    total = None
    if card and subject.kind == "site":
        carried = carried_scores({subject.site.pk: card}, judged_on(asked.period))
        total = tally(card, now, carried.get(subject.site.pk))
    elif card:
        total = replace(tally(card, now), score=None)
    kept = [kpi for kpi in book.kpis if _is_known(kpi, now, trend) or (card and subject.kind == "site")]
    lines = {line.terms.kpi: line for line in total.lines} if total else {}
    how = formulary(asked, book, kept, pins)
    entries = tuple(
        entry_of(
            kpi, now, before=before.get(kpi.code), line=lines.get(kpi.code), trend=trend.get(kpi.code, ()),
            how=how.of(kpi, now.get(kpi.code)), url=_why_url(subject, kpi), today=asked.today,
        )
        for kpi in kept
    )  # fmt: skip
    chosen = next((one for one in entries if one.kpi.code == asked.kpi), entries[0] if entries else None)
    tables = part_tables(actor, subject, kept, how, read.parts, read.part_weeks)
    return Scorecard(subject, asked, entries, total, card, tuple(weeks), tuple(tables), chosen, how)


def _basis(subject: Subject, asked: Asked) -> tuple[Card | None, Book, Mapping[int, Any], Sequence[Period], Formulary]:
    """By which contract and formulas it is read, over which weeks."""
    card = _card(subject, asked)
    book = book_of(card.kpis) if card else _in_order(book_in_use(), subject, asked)
    pins = card.pins if card and asked.formula == THEN else {}
    return card, book, pins, asked.weeks(subject.newest, subject.today), formulary(asked, book, book.kpis, pins)


def _in_order(book: Book, subject: Subject, asked: Asked) -> Book:
    """Of a partner, the KPIs that its sites' contracts name come first, the heaviest before the others."""
    if subject.kind != "partner":
        return book
    named = columns_of(cards(subject.site_ids, judged_on(asked.period)).values())
    place = {kpi.pk: at for at, kpi in enumerate(named)}
    return replace(book, kpis=tuple(sorted(book.kpis, key=lambda kpi: place.get(kpi.pk, len(place)))))


def _card(subject: Subject, asked: Asked) -> Card | None:
    """The scorecard of the site that it lies in: the targets of a site are those of its programmes, teams and agents."""
    if subject.site is None:
        return None
    day = judged_on(asked.period)
    return cards([subject.site.pk], day).get(subject.site.pk)


def _is_known(kpi: Kpi, now: Mapping[str, Any], trend: Mapping[str, Sequence[Any]]) -> bool:
    return now.get(kpi.code, MISSING).value is not None or any(
        one is not None and one.value is not None for one in trend.get(kpi.code, ())
    )


def _metas(made: Scorecard) -> list[str]:
    subject = made.subject
    found = []
    if made.card:
        words = {"contract": made.card.contract.label, "number": made.card.schedule.number}
        found.append(_("%(contract)s, version %(number)s") % words)
    kinds = {
        "partner": _("Partner"), "programme": _("Programme"), "queue": _("Queue"), "team": _("Team"), "person": _("Agent"),
    }  # fmt: skip
    if subject.kind in kinds:
        found.insert(0, kinds[subject.kind])
    return found


def _score(made: Scorecard) -> dict[str, str] | None:
    """The weighted score with the band it reaches, for a site under contract."""
    if made.total is None or made.total.score is None or made.card is None:
        return None
    percent = worth(made.total, made.card, None).percent
    tone, text = (
        ("g", _("Bonus band")) if percent > 0 else ("r", _("Malus band")) if percent < 0 else ("a", _("Base band"))
    )
    gate = next((one.kpi.label for one in made.entries if one.kpi.code == made.total.gated_by), "")
    return {
        "score": f"{made.total.score:.1f}", "tone": tone, "text": text,
        "percent": value_text(percent / 100, "percent"), "gate": gate,
    }  # fmt: skip
