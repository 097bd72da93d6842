"""Facts of sites as they come in, and their daily sums; a contract with its lines."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from kpis.actions.recomputing import make_sums
from kpis.models import Annotation, Band, Batch, Contract, Kpi, Line, Schedule, SiteCover
from partners.models import Person, Queue, Site, Team
from tests.factories.partners import EngagementFactory, PersonFactory, PlacementFactory, ProgrammeFactory, TeamFactory

# Intervals of half an hour from 9 to 17 on the site's clock. `hash` makes the same wave for the same queue and hour again.
_CONTACTS = """
INSERT INTO kpis_contactinterval (starts_at, queue_id, site_id, seconds, offered, answered, answered_in_t, abandoned,
    short_abandoned, abandoned_in_t, handled, wait, talk, hold, wrap, batch_id, "row")
SELECT at, %(queue)s, %(site)s, 1800, offered, offered - lost, floor((offered - lost) * level), lost, lost / 4, lost / 3,
    offered - lost, (offered - lost) * 14, (offered - lost) * 380, (offered - lost) * 40, (offered - lost) * 120, %(batch)s, 1
FROM (
    SELECT at, offered, (offered * (0.03 + 0.05 * wave))::int AS lost, least(1, greatest(0, %(level)s + 0.1 * wave - 0.05)) AS level
    FROM (
        SELECT (d + make_interval(mins => 540 + 30 * slot)) AT TIME ZONE %(zone)s AS at,
            10 + abs(hashint4(slot + 31 * %(queue)s)) %% 8 AS offered,
            (abs(hashint8(%(queue)s * 7919 + extract(doy FROM d)::int)) %% 100) / 100.0 AS wave
        FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 day') d, generate_series(0, 15) slot
    ) drawn
) counted
"""
_AGENTS = """
INSERT INTO kpis_agentinterval (starts_at, site_id, person_id, queue_id, seconds, paid, productive, available, handle, scheduled,
    in_adherence, worked, agent_handled, agent_talk, agent_hold, agent_wrap, batch_id, "row")
SELECT (d + interval '9 hours') AT TIME ZONE %(zone)s, %(site)s, person, %(queue)s, 28800, 28800, 24000, 5000, 18500 + wave,
    28800, 26000 + wave, 28000, 32 + wave / 100, 12000, 1500, 5000, %(batch)s, 1
FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 day') d,
    unnest(%(people)s::bigint[]) person, LATERAL (SELECT (abs(hashint8(person + extract(doy FROM d)::int)) %% 900)::int AS wave) w
"""
_SURVEYS = """
INSERT INTO kpis_surveyresponse (source, external_id, kind, responded_at, score, scale, site_id, queue_id, person_id, batch_id, "row")
SELECT 'test', person || '-' || d::date, 'nps', (d + interval '12 hours') AT TIME ZONE %(zone)s,
    (ARRAY[10, 9, 9, 8, 10, 3, 10, 6, 9, 7])[1 + abs(hashint8(person * 13 + extract(doy FROM d)::int)) %% 10], 10, %(site)s, %(queue)s,
    person, %(batch)s, 1
FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '1 day') d, unnest(%(people)s::bigint[]) person
"""
_QUALITY = """
INSERT INTO kpis_qaevaluation (source, external_id, evaluated_at, points, possible, auto_fail, critical_error, site_id, queue_id,
    person_id, batch_id, "row")
SELECT 'test', person || '-' || d::date, (d + interval '13 hours') AT TIME ZONE %(zone)s, 86 + wave, 100, false, wave = 0, %(site)s,
    %(queue)s, person, %(batch)s, 1
FROM generate_series(%(first)s::timestamp, %(last)s::timestamp, interval '3 days') d, unnest(%(people)s::bigint[]) person,
    LATERAL (SELECT abs(hashint8(person * 17 + extract(doy FROM d)::int)) %% 13 AS wave) w
"""
STANDARD = (
    ("service-level", 25, "up", "0.70", "0.80", "0.90"),
    ("nps", 20, "up", "20", "45", "60"),
    ("productivity", 20, "up", "3.5", "4.5", "5.5"),
    ("qa", 15, "up", "0.80", "0.90", "0.97"),
    ("abandonment", 20, "down", "0.08", "0.05", "0.02"),
)


def batch(kind: str = "contacts") -> Batch:
    """An applied import that facts can come from."""
    return Batch.objects.create(
        kind=kind, source="test", name="test.csv", digest="0" * 64, state="applied", applied_at=timezone.now()
    )


def ensure_months(first: date, last: date) -> None:
    """Partitions for these days."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kpis_ensure_months(%s, %s)", [first - timedelta(days=1), last + timedelta(days=1)])


def site_facts(
    site: Site, first: date, last: date, *, queues: int = 2, agents: int = 3, level: float = 0.82, named: Sequence[str] = ()
) -> list[Queue]:  # fmt: skip
    """A programme with queues, a team with agents, and facts for every day; sums are made. `level`: about the service level."""
    ensure_months(first, last)
    programme = ProgrammeFactory(site=site, name="Guest support", name_zh="房客支持")
    names = list(named) or [f"Queue {letter}" for letter in "ABCDEFGH"]
    made = [Queue.objects.create(programme=programme, code=f"Q{at + 1}", name=names[at]) for at in range(queues)]
    people = agents_of(TeamFactory(programme=programme, name="Lotus"), agents)
    common = {"site": site.pk, "zone": site.time_zone, "first": first, "last": last}
    with connection.cursor() as cursor:
        for at, queue in enumerate(made):
            drawn = {**common, "queue": queue.pk, "level": level - 0.06 * at, "batch": batch().pk}
            cursor.execute(_CONTACTS, drawn)
        own = {**common, "queue": made[0].pk if made else None, "people": [one.pk for one in people]}
        for statement, kind in ((_AGENTS, "agents"), (_SURVEYS, "surveys"), (_QUALITY, "quality")):
            cursor.execute(statement, {**own, "batch": batch(kind).pk})
    count_days(site, first, last)
    return made


def agents_of(team: Team, number: int) -> list[Person]:
    """Agents placed in a team since 2024."""
    site = team.programme.site
    people = [EngagementFactory(person=PersonFactory(), employer=site.partner).person for _at in range(number)]
    for person in people:
        PlacementFactory(site=site, person=person, programme=team.programme, team=team)
    return people


def count_days(site: Site, first: date, last: date) -> None:
    """Make a site's daily sums, as the worker does."""
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    with transaction.atomic():
        make_sums([site.pk] * len(days), days)


def contract(sites: Sequence[Site], lines: Sequence[tuple[Any, ...]] = STANDARD, **fields: Any) -> Contract:
    """A contract over these sites since 2024: (KPI, weight, direction, red, target, stretch); bonus from 95, malus below 80."""
    since = DateRange(date(2024, 1, 1), None)
    made = Contract.objects.create(
        **{"name": "Guest support", "partner_id": sites[0].partner_id, "currency": "EUR", **fields},
        code=f"c-{Contract.objects.count() + 1}",
    )
    for site in sites:
        SiteCover.objects.create(contract=made, site=site, period=since)
    schedule = Schedule.objects.create(contract=made, number=1, period=since, bonus_cap=3, malus_cap=5)
    for at, (code, weight, direction, red, target, stretch) in enumerate(lines, 1):
        Line.objects.create(
            schedule=schedule, position=at, kpi=Kpi.objects.get(code=code), weight=weight, direction=direction,
            red=Decimal(red), target=Decimal(target), stretch=Decimal(stretch), minimum_n=30,
        )  # fmt: skip
    for score, percent in ((0, -5), (80, 0), (95, 2)):
        Band.objects.create(schedule=schedule, from_score=score, percent=percent)
    return made


def annotation(user: Any, day: date, text: str = "Typhoon closure", **fields: Any) -> Annotation:
    """A remark on one day."""
    return Annotation.objects.create(
        **{"first_day": day, "last_day": day, "kind": "outage", "text": text, "made_by": user, **fields}
    )
