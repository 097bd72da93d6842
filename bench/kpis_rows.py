"""A network's facts, made by the database itself month by month, straight into the partitions and in the order of their keys.

Numbers are made of hashes: the same every time, different from day to day, with hours that are busier and weeks that are better. Each
month is one transaction that makes its partitions, so that nothing of it goes through the log. References are right by construction and
not checked row by row; every other rule of the tables is.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import LiteralString

import psycopg

SITES, QUEUES_EACH, AGENTS_EACH, TEAM = 12, 2, 250, 21
LAST = date(2026, 10, 31)
SURVEYS_A_DAY, EVALUATIONS_A_DAY = 1_500, 600

DIRECTORY: tuple[LiteralString, ...] = (
    """INSERT INTO partners_partner (version, name, name_zh, code)
    SELECT 1, 'Partner ' || n, '', 'P' || n FROM generate_series(1, 6) n""",
    """INSERT INTO partners_site (version, name, name_zh, code, time_zone, partner_id)
    SELECT 1, 'Site ' || n, '', 'S' || n, (ARRAY['Asia/Shanghai', 'Europe/Lisbon', 'America/Bogota', 'Asia/Kolkata'])[1 + n % 4], p.id
    FROM generate_series(1, 12) n JOIN partners_partner p ON p.code = 'P' || ((n + 1) / 2)""",
    """INSERT INTO partners_programme (version, name, name_zh, code, site_id)
    SELECT 1, 'Programme ' || n, '', 'L' || n, s.id FROM partners_site s, generate_series(1, 2) n""",
    """INSERT INTO partners_queue (version, name, name_zh, code, programme_id)
    SELECT 1, 'Queue ' || code, '', 'Q' || code, id FROM partners_programme""",
    """INSERT INTO partners_team (version, name, name_zh, programme_id)
    SELECT 1, 'Team ' || n, '', p.id FROM partners_programme p, generate_series(0, 5) n""",
    """INSERT INTO partners_person (version, name, preferred_name, email, language)
    SELECT 1, 'Agent ' || n, '', 'a' || n || '@bench.example', 'en' FROM generate_series(1, 3000) n""",
    """INSERT INTO partners_engagement (version, period, person_id, employer_id, employee_number)
    SELECT 1, daterange('2020-01-01', NULL), a.id, s.partner_id, 'E' || a.id
    FROM partners_person a JOIN partners_site s ON s.code = 'S' || (1 + a.id % 12)""",
    # Agents of a site take turns in its two programmes, and in the six teams of each.
    """INSERT INTO partners_placement (version, period, person_id, site_id, programme_id, team_id, job_role_id, kind)
    SELECT 1, daterange('2020-01-01', NULL), a.id, s.id, p.id, t.id, r.id, 'primary'
    FROM partners_person a JOIN partners_site s ON s.code = 'S' || (1 + a.id % 12)
    JOIN partners_programme p ON p.site_id = s.id AND p.code = 'L' || (1 + a.id / 12 % 2)
    JOIN partners_team t ON t.programme_id = p.id AND t.name = 'Team ' || (a.id / 24 % 6)
    JOIN partners_jobrole r ON r.code = 'AGENT'""",
    """INSERT INTO accounts_user (email, name, password, language, time_zone, shortcuts_enabled, is_active, date_joined, session_version)
    VALUES ('u1@bench.example', 'Manager', '!', 'en', 'UTC', true, true, now(), 1)""",
    """INSERT INTO accounts_membership (user_id, role, partner_id, is_lead, starts_at)
    SELECT u.id, 'partner_manager', p.id, false, now() - interval '1 year' FROM accounts_user u, partners_partner p""",
    """INSERT INTO kpis_batch (kind, source, name, digest, mapping, mode, state, created_at, applied_at, rows, added, replaced, unchanged, faults)
    SELECT k, 'bench', k, k, '{}', 'whole', 'applied', now(), now(), 0, 0, 0, 0, 0
    FROM unnest(ARRAY['contacts', 'agents', 'surveys', 'quality', 'figures']) k""",
    "ANALYZE",
)

# Of whom a day's facts are made: at which half hour of the local day a shift begins, and where somebody works.
ROSTER: tuple[LiteralString, ...] = (
    """CREATE TEMP TABLE on_shift AS
    SELECT p.site_id, s.time_zone, p.person_id, q.id AS queue_id, (12 + p.person_id % 8 * 2)::int AS begins,
        row_number() OVER (ORDER BY p.person_id) - 1 AS place
    FROM partners_placement p JOIN partners_site s ON s.id = p.site_id JOIN partners_queue q ON q.programme_id = p.programme_id""",
    "CREATE UNIQUE INDEX ON on_shift (place)",
    "ANALYZE on_shift",
    "SET work_mem = '256MB'",
)

AGENTS: LiteralString = """
INSERT INTO {partition} (site_id, starts_at, person_id, queue_id, seconds, paid, productive, available, handle, scheduled, in_adherence,
    worked, planned_absence, unplanned_absence, agent_handled, agent_talk, agent_hold, agent_wrap, batch_id, "row")
SELECT site_id, t, person_id, queue_id, 1800, 1800, productive, productive - handle, handle, 1800, 1800 - (h >> 20 & 127)::int, productive,
    (1800 - productive) * 2 / 3, (1800 - productive) / 3, handle / (260 + person_id %% 90)::int, handle * 62 / 100, handle * 7 / 100,
    handle * 31 / 100, batch, 1
FROM (
    SELECT *, productive * (58 + (h >> 8 & 31)::int) / 100 AS handle FROM (
        SELECT *, 1800 - 90 - (h & 255)::int AS productive FROM (
            SELECT a.site_id, i.t, a.person_id, a.queue_id, b.id AS batch,
                hashint8extended(a.person_id, extract(epoch FROM i.t)::bigint) & 4294967295 AS h
            FROM (
                SELECT z.time_zone, t, t AT TIME ZONE z.time_zone AS local FROM (SELECT DISTINCT time_zone FROM on_shift) z,
                    generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '30 minutes', '30 minutes') t
            ) i JOIN on_shift a ON a.time_zone = i.time_zone
                AND (extract(hour FROM i.local)::int * 2 + extract(minute FROM i.local)::int / 30) - a.begins BETWEEN 0 AND 17
                AND hashint8extended(a.person_id, i.local::date - date '2000-01-01') & 255 >= 8
            JOIN kpis_batch b ON b.kind = 'agents'
            WHERE i.local::date BETWEEN %(first)s AND %(last)s
            ORDER BY a.site_id, i.t, a.person_id OFFSET 0
        ) x OFFSET 0
    ) y OFFSET 0
) z
"""

CONTACTS: LiteralString = """
INSERT INTO {partition} (queue_id, starts_at, site_id, seconds, offered, answered, answered_in_t, abandoned, short_abandoned, abandoned_in_t,
    handled, wait, talk, hold, wrap, batch_id, "row")
SELECT queue_id, t, site_id, 1800, offered, answered, answered * (72 + good + (h >> 8 & 7)) / 100, lost, lost / 4, lost / 3, answered,
    answered * (9 + (h >> 12 & 31)), answered * (210 + queue_id %% 7 * 12), answered * 21, answered * (60 + (h >> 17 & 15)), batch, 1
FROM (
    SELECT *, offered - lost AS answered FROM (
        SELECT *, offered * (2 + (h >> 4 & 7)) / 100 AS lost FROM (
            SELECT q.id AS queue_id, p.site_id, t, b.id AS batch, k.h, hashint8extended(p.site_id, (local::date - date '1999-12-27') / 7) & 15 AS good,
                ((35 + q.id %% 5 * 12) * (CASE WHEN extract(hour FROM local) BETWEEN 8 AND 20 THEN 190 ELSE 45 END)
                    * (85 + (k.h & 31)) * (CASE WHEN extract(isodow FROM local) > 5 THEN 75 ELSE 100 END) / 1000000)::int AS offered
            FROM partners_queue q JOIN partners_programme p ON p.id = q.programme_id JOIN partners_site s ON s.id = p.site_id,
                generate_series(%(since)s::timestamptz, %(until)s::timestamptz - interval '30 minutes', '30 minutes') t,
                LATERAL (SELECT t AT TIME ZONE s.time_zone AS local) l,
                LATERAL (SELECT (hashint8extended(q.id, extract(epoch FROM t)::bigint) & 1048575)::int AS h) k, kpis_batch b
            WHERE b.kind = 'contacts' AND l.local::date BETWEEN %(first)s AND %(last)s
            ORDER BY q.id, t OFFSET 0
        ) x OFFSET 0
    ) y OFFSET 0
) z
"""

# Answers and evaluations come from agents at work, spread over the day.
SURVEYS: LiteralString = """
INSERT INTO kpis_surveyresponse (batch_id, "row", site_id, queue_id, person_id, source, external_id, kind, responded_at, score, scale)
SELECT b.id, 1, a.site_id, a.queue_id, a.person_id, 'bench', d.day || '-' || n, CASE WHEN n %% 2 = 0 THEN 'nps' ELSE 'csat' END,
    (d.day + time '09:00') AT TIME ZONE a.time_zone + n %% 480 * interval '1 minute',
    CASE WHEN n %% 2 = 0 THEN (ARRAY[10, 9, 10, 9, 8, 7, 9, 10, 3, 6, 8, 10, 0, 9, 5, 10])[1 + (h & 15)]
        ELSE (ARRAY[5, 4, 5, 5, 3, 4, 2, 5, 4, 5, 1, 4, 5, 3, 5, 4])[1 + (h & 15)] END, CASE WHEN n %% 2 = 0 THEN 10 ELSE 5 END
FROM (SELECT %(first)s::date + k AS day FROM generate_series(0, %(last)s::date - %(first)s::date) k) d, generate_series(1, %(each)s) n,
    LATERAL (SELECT hashint8extended(n, d.day - date '2000-01-01') & 1048575 AS h) k
JOIN on_shift a ON a.place = h %% (SELECT count(*) FROM on_shift), kpis_batch b WHERE b.kind = 'surveys' ORDER BY d.day, n
"""

QUALITY: LiteralString = """
INSERT INTO kpis_qaevaluation (batch_id, "row", site_id, queue_id, person_id, source, external_id, evaluated_at, points, possible, auto_fail,
    critical_error)
SELECT b.id, 1, a.site_id, a.queue_id, a.person_id, 'bench', d.day || '-' || n,
    (d.day + time '10:00') AT TIME ZONE a.time_zone + n %% 420 * interval '1 minute', 70 + (h & 15) * 2, 100, h %% 97 = 0, h %% 41 = 0
FROM (SELECT %(first)s::date + k AS day FROM generate_series(0, %(last)s::date - %(first)s::date) k) d, generate_series(1, %(each)s) n,
    LATERAL (SELECT hashint8extended(n + 7000, d.day - date '2000-01-01') & 1048575 AS h) k
JOIN on_shift a ON a.place = h %% (SELECT count(*) FROM on_shift), kpis_batch b WHERE b.kind = 'quality' ORDER BY d.day, n
"""

# What is known a day: of each queue, and of each site.
FIGURES: LiteralString = """
INSERT INTO kpis_figure (batch_id, "row", site_id, queue_id, day, component_id, value)
SELECT b.id, 1, p.site_id, w.queue_id, d.day, c.id, w.value
FROM (SELECT %(first)s::date + k AS day FROM generate_series(0, %(last)s::date - %(first)s::date) k) d, partners_programme p
JOIN partners_queue q ON q.programme_id = p.id,
LATERAL (SELECT (hashint8extended(q.id, d.day - date '2000-01-01') & 1048575)::int AS h) k,
LATERAL (VALUES ('first_contacts', q.id, 2600 + h %% 300), ('repeats', q.id, 380 + h %% 120), ('backlog', q.id, 90 + h %% 60),
    ('solved', q.id, 2400 + h %% 200), ('reopened', q.id, 60 + h %% 30), ('forecast', q.id, 3000 + h %% 400),
    ('forecast_actual', q.id, 3100 + h %% 300), ('forecast_error', q.id, 100 + h %% 200), ('leavers', NULL, h %% 3 / 2), ('headcount_days', NULL, 250),
    ('sla_met', NULL, 40 + h %% 9), ('sla_due', NULL, 50), ('escalated', NULL, 30 + h %% 20), ('handled_total', NULL, 6000 + h %% 500),
    ('ready', NULL, 3 + h %% 2), ('joiners', NULL, 4)) AS w (code, queue_id, value)
JOIN kpis_component c ON c.code = w.code, kpis_batch b
WHERE b.kind = 'figures' AND (w.queue_id IS NOT NULL OR p.code = 'L1') ORDER BY p.site_id, d.day, c.id
"""


def fill(connection: "psycopg.Connection[tuple[object, ...]]", days: int) -> Iterator[tuple[date, float]]:
    """Make the network and its facts of so many days up to LAST; each month and the seconds it took. As a superuser, in autocommit mode."""
    connection.execute("SET session_replication_role = replica")
    for statement in (*DIRECTORY, *ROSTER):
        connection.execute(statement)
    first = LAST - timedelta(days=days - 1)
    for month in months(first - timedelta(days=1), LAST + timedelta(days=1)):
        begin = time.perf_counter()
        with connection.transaction():
            _fill_month(connection, month, first)
        yield month, time.perf_counter() - begin


def months(first: date, last: date) -> list[date]:
    """The first days of the months from that of `first` to that of `last`."""
    found = [first.replace(day=1)]
    while (following := (found[-1] + timedelta(days=32)).replace(day=1)) <= last:
        found.append(following)
    return found


def _fill_month(connection: "psycopg.Connection[tuple[object, ...]]", month: date, first: date) -> None:
    """A month of UTC for what is partitioned by it, of local days for the rest."""
    after = (month + timedelta(days=32)).replace(day=1)
    connection.execute("SELECT kpis_ensure_months(%s, %s)", [month, month])
    for table, statement in (("kpis_agentinterval", AGENTS), ("kpis_contactinterval", CONTACTS)):
        _run(
            connection,
            statement.replace("{partition}", f"{table}_{month:%Y_%m}"),
            {"since": f"{month} 00:00+00", "until": f"{after} 00:00+00", "first": first, "last": LAST},
        )
    begins, ends = max(month, first), min(after - timedelta(days=1), LAST)
    if begins <= ends:
        numbers = {"first": begins, "last": ends}
        _run(connection, SURVEYS, {**numbers, "each": SURVEYS_A_DAY})
        _run(connection, QUALITY, {**numbers, "each": EVALUATIONS_A_DAY})
        _run(connection, FIGURES, numbers)


def _run(connection: "psycopg.Connection[tuple[object, ...]]", statement: str, numbers: Mapping[str, object]) -> None:
    connection.execute(statement.encode(), numbers)
