"""Performance in the demo: queues, a quarter of facts through the importer, contracts, and a story to find."""

import csv
import random
import tempfile
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.db import transaction

from access_requests.actions import figures as of_access
from escalations.actions import figures as of_cases
from kpis import queries as performance
from kpis.actions import alerts, contracts, exclusions, headcount, notes, recompute, results
from kpis.choices import BatchState, Direction, ExclusionReason, NoteKind
from kpis.importing import Upload, import_facts
from kpis.importing.uploads import raw_mapping
from kpis.queries.imports import batches_visible_to
from partners import queries as directory
from partners.actions import QueueValues, add_queue
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor
from portal.demo.facts import HEADINGS, Place, days_to, facts
from portal.imports.errors import ImportRefused

if TYPE_CHECKING:
    from partners.models import Site

DAYS: Final = 91
SEED: Final = 26
AGENTS: Final = 6
SOURCE: Final = "demo-"
QUEUES: Final = {"CARE": ("VOICE", "Voice", "语音"), "HOST": ("CHAT", "Chat", "在线聊天")}
OFF, DRIFTING, SMALL = "CTU", "DLC", "SOF"
MONEY: Final = {"BLUEWAVE": "CNY", "HARBOUR": "PHP", "LUMEN": "MYR", "CUMBRE": "USD"}
# KPI, weight, direction, red, target, stretch, smallest sample.
LINES: Final = (
    ("service-level", 25, Direction.UP, "0.75", "0.80", "0.90", 100),
    ("nps", 20, Direction.UP, "30", "40", "60", 30),
    ("productivity", 20, Direction.UP, "4.0", "4.5", "5.2", 30),
    ("qa", 15, Direction.UP, "0.83", "0.88", "0.95", 20),
    ("abandonment", 10, Direction.DOWN, "0.08", "0.05", "0.02", 100),
    ("adherence", 10, Direction.UP, "0.88", "0.92", "0.97", 0),
)
BANDS: Final = ((0, "-5"), (80, "-2"), (90, "0"), (105, "2"))
TERMS: Final = {"score_cap": Decimal(120), "bonus_cap": Decimal(3), "malus_cap": Decimal(5), "earn_back_months": 3,
                "earn_back_score": Decimal(105)}  # fmt: skip


def is_built() -> bool:
    """Whether the demo has its facts."""
    return batches_visible_to(SYSTEM).filter(name__startswith=SOURCE).exists()


@transaction.atomic
def build_performance(days: int = DAYS) -> None:
    """Everything about performance, whole or not at all; what is there stays."""
    if is_built():
        return
    sites = list(directory.live_sites().select_related("partner").order_by("pk"))
    span = days_to(directory.today() - timedelta(days=1), days)
    _queues(sites)
    _facts(sites, span)
    while recompute():
        pass
    manager = actor_for(User.objects.get(email="manager@demo.example"))
    _contracts(manager, sites, span)
    _story(manager, sites, span)


def _queues(sites: "list[Site]") -> None:
    for programme in directory.programmes_visible_to(SYSTEM).filter(site__in=sites).order_by("pk"):
        code, name, name_zh = QUEUES[programme.code]
        add_queue(actor=SYSTEM, programme=programme, values=QueueValues(name, code, name_zh))


def _facts(sites: "list[Site]", span: list[date]) -> None:
    """A file of each kind for all sites, imported as anybody's file is."""
    rng = random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        paths = {kind: Path(folder) / f"{SOURCE}{kind}.csv" for kind in HEADINGS}
        with ExitStack() as open_files:
            writers = {}
            for kind, path in paths.items():
                writers[kind] = csv.writer(open_files.enter_context(path.open("w", encoding="utf-8", newline="")))
                writers[kind].writerow(HEADINGS[kind])
            for number, site in enumerate(sites):
                for kind, row in facts(_place(site, number, span), span, rng):
                    writers[kind].writerow(row)
        for kind, path in paths.items():
            outcome = import_facts(Upload(path, raw_mapping(kind), path.name))
            if outcome.state != BatchState.APPLIED:
                raise ImportRefused(f"{path.name}: {outcome.faults[:3]}")


def _place(site: "Site", number: int, span: list[date]) -> Place:
    rows = directory.placements_visible_to(SYSTEM).filter(site=site, job_role__code="AGENT")
    people = list(rows.order_by("period", "pk").values_list("person_id", flat=True)[:AGENTS])
    last = span[-1]
    return Place(
        site.code,
        [(programme, queue) for programme, (queue, _name, _zh) in QUEUES.items()],
        list(directory.numbers_of(site.partner_id, people).values()),
        volume=8 if site.code == SMALL else 22 + 3 * (number % 5),
        level=0.85 + 0.01 * (number % 4),
        off_since=last - timedelta(days=20) if site.code == OFF else None,
        drifts_since=_eight_weeks_back(last) if site.code == DRIFTING else None,
        quicker_since=_five_weeks_back(last) if site.code == OFF else None,
        small=site.code == SMALL,
    )


def _eight_weeks_back(last: date) -> date:
    """So that the last whole week is the eighth on one side of the mean."""
    monday = last - timedelta(days=last.weekday())
    whole = monday if last.weekday() == 6 else monday - timedelta(weeks=1)
    return whole - timedelta(weeks=7)


def _five_weeks_back(last: date) -> date:
    """The week after the one in which something was tried (see `review_actions`)."""
    return last - timedelta(days=last.weekday(), weeks=5)


def _contracts(manager: Actor, sites: "list[Site]", span: list[date]) -> None:
    """One a partner, since the first month with facts; invoices for its whole months."""
    kpis = {kpi.code: kpi for kpi in performance.kpis_in_use()}
    lines = [
        {"kpi": kpis[code], "version": None, "weight": Decimal(weight), "direction": direction, "red": Decimal(red),
         "target": Decimal(target), "stretch": Decimal(stretch), "minimum_n": least}
        for code, weight, direction, red, target, stretch, least in LINES
    ]  # fmt: skip
    bands = [(Decimal(score), Decimal(percent)) for score, percent in BANDS]
    first, months = span[0].replace(day=1), _whole_months(span)
    made: set[str] = set()
    for site in sites:
        partner = site.partner
        code, currency = f"{partner.code.lower()}-2026", MONEY.get(partner.code, "EUR")
        if code not in made:
            made.add(code)
            values = {"partner": partner, "code": code, "name": f"{partner.name}, customer support",
                      "name_zh": f"{partner.name_zh}客户服务", "currency": currency, "shows_band": len(made) % 2 == 1}  # fmt: skip
            contracts.add_contract(actor=manager, values=values, first=first)
            contracts.set_terms(actor=manager, code=code, number=1, terms=TERMS, lines=lines, bands=bands)
        contracts.cover_site(actor=manager, code=code, site=site, first=first)
        for month in months:
            amount = Decimal(180_000 + 7_500 * (site.pk % 7))
            results.set_invoice(actor=manager, site=site, month=month, amount=amount, currency=currency)


def _whole_months(span: list[date]) -> list[date]:
    last = span[-1] + timedelta(days=1)
    return [day for day in span if day.day == 1 and (day + timedelta(days=32)).replace(day=1) <= last]


def _story(manager: Actor, sites: "list[Site]", span: list[date]) -> None:
    """At the site that is off target: a remark, a range that its lead disputes; and last month's result, frozen."""
    site, last = next(one for one in sites if one.code == OFF), span[-1]
    lead = actor_for(User.objects.get(email="lead@demo.example"))
    notes.annotate(
        actor=manager, site=site, kpi=None, first_day=last - timedelta(days=20), last_day=last - timedelta(days=18),
        kind=NoteKind.STAFFING, text="Nine agents moved to the holiday desk", text_zh="九名客服调往节日专席",
    )  # fmt: skip
    zone = ZoneInfo(site.time_zone)
    since = datetime.combine(last - timedelta(days=6), time(13), zone)
    exclusions.propose(
        actor=lead, site=site, queue=None, since=since, until=since + timedelta(hours=3), reason=ExclusionReason.OUTAGE,
        note="The case desk was down from one to four; calls could not be answered.",
    )  # fmt: skip
    for month in _whole_months(span)[-1:]:
        results.freeze(actor=manager, site=next(one for one in sites if one.code == DRIFTING), month=month)


def hand_in_figures() -> None:
    """What cases, access and the directory say of every day; and the signals that all of it makes."""
    for wing in (of_cases, of_access, headcount):
        wing.hand_in_changes()
    while recompute():
        pass
    alerts.look_for_signals()
