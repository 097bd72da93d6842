"""Fills a database with cases by SQL: two clocks and three entries each, and one case with 200 entries."""

from bench.databases import Bench

# Open cases are what the queue shows; a tenth of a large database at most.
OPEN_AT_MOST = 100_000
LONG_CASE_ENTRIES = 200

DIRECTORY = """
INSERT INTO partners_partner (name, name_zh, code, version, archived_at)
  SELECT 'Partner ' || i, '', 'P' || i, 1, NULL FROM generate_series(1, 6) i;
INSERT INTO partners_site (name, name_zh, code, version, archived_at, partner_id, time_zone)
  SELECT 'Site ' || i, '', 'S' || i, 1, NULL, (SELECT id FROM partners_partner WHERE code = 'P' || ((i + 1) / 2)), 'Asia/Shanghai'
  FROM generate_series(1, 12) i;
INSERT INTO escalations_service (code, name, name_zh, version) SELECT 's' || i, 'Service ' || i, '', 1 FROM generate_series(1, 4) i;
INSERT INTO accounts_user (email, name, password, language, time_zone, shortcuts_enabled, is_active, date_joined, session_version)
  SELECT 'u' || i || '@bench.example', 'User ' || i, '!', 'en', 'Europe/Lisbon', true, true, now(), 1 FROM generate_series(1, 100) i;
INSERT INTO accounts_membership (user_id, role, partner_id, is_lead, starts_at)
  SELECT (SELECT id FROM accounts_user WHERE email = 'u1@bench.example'), 'coordinator', id, false, now() - interval '1 year'
  FROM partners_partner;
INSERT INTO accounts_membership (user_id, role, service_id, is_lead, starts_at)
  SELECT u.id, 'associate', (SELECT min(id) FROM escalations_service) + u.id % 4, false, now() - interval '1 year'
  FROM accounts_user u WHERE email <> 'u1@bench.example';
INSERT INTO sla_calendar (name, name_zh) VALUES ('Always', '');
INSERT INTO sla_calendarversion (calendar_id, number, time_zone, hours, country, subdivision, exceptions, holidays, workdays, digest, created_at)
  SELECT id, 1, 'UTC', '{"mon":[["00:00","24:00"]],"tue":[["00:00","24:00"]],"wed":[["00:00","24:00"]],"thu":[["00:00","24:00"]],"fri":[["00:00","24:00"]],"sat":[["00:00","24:00"]],"sun":[["00:00","24:00"]]}',
  '', '', '{}', '{}', '[]', 'bench', now() FROM sla_calendar;
INSERT INTO sla_policy (subject_kind, name, name_zh, position) VALUES ('case', 'All', '', 1);
INSERT INTO sla_policyversion (policy_id, number, match, created_at) SELECT id, 1, '{}', now() FROM sla_policy;
INSERT INTO sla_policytarget (version_id, metric, minutes, calendar_id, warn, pause_states)
  SELECT v.id, m, 480, c.id, '{75}', '{waiting_customer}'
  FROM sla_policyversion v, sla_calendar c, unnest(ARRAY['first_response', 'next_reply', 'resolution']) m;
"""

CASES = """
INSERT INTO escalations_case (
  service_id, site_id, owner_id, channel, subject, customer_ref, contact_hint, state, reject_reason, severity, impact, urgency,
  signals, severity_overridden, sensitivity, opened_at, resolved_at, closed_at, updated_at, cycle, reopen_count, reassign_count,
  next_due_at, escalation_level, search, version)
SELECT s.id + i %% 4, p.id + i %% 12, CASE WHEN i %% 5 = 0 THEN NULL ELSE u.id + 1 + i %% 99 END, 'phone',
  'Guest case ' || i || ' about topic ' || i %% 997, 'C' || i, '',
  CASE WHEN i <= %(open)s THEN (ARRAY['new','triaged','in_progress','in_progress','waiting_customer','waiting_third_party'])[1 + i %% 6]
       ELSE 'closed' END,
  '', 1 + i %% 4, '', '', '{}', false, CASE WHEN i %% 50 = 0 THEN 'confidential' ELSE 'standard' END,
  now() - (i %% 5000) * interval '7 minutes',
  CASE WHEN i > %(open)s THEN now() - (i %% 4000) * interval '5 minutes' END,
  CASE WHEN i > %(open)s THEN now() - (i %% 4000) * interval '5 minutes' END,
  now(), 1, 0, 0,
  CASE WHEN i <= %(open)s AND i %% 1000 <> 4 THEN now() + (i - %(open)s / 10) * interval '3 seconds' END, 0,
  to_tsvector('simple', 'guest case ' || i || ' topic ' || i %% 997), 1
FROM generate_series(1, %(cases)s) i, (SELECT min(id) AS id FROM escalations_service) s,
  (SELECT min(id) AS id FROM partners_site) p, (SELECT min(id) AS id FROM accounts_user) u;
"""

CLOCKS = """
INSERT INTO sla_clock (
  subject_kind, subject_id, metric, cycle, revision, policy_version_id, calendar_version_id, target_seconds, state, started_at, due_at,
  pauses, paused_at, breached_at, met_at, plan_at, plan_code, plan_pos, next_event_at, error_count, last_error)
SELECT 'case', c.id, m.metric, 1, 0, v.id, k.id, 28800, m.state, c.opened_at, greatest(m.due, c.opened_at), '{}',
  CASE WHEN m.state = 'paused' THEN c.updated_at END, NULL, CASE WHEN m.state = 'met' THEN c.opened_at + interval '1 hour' END,
  ARRAY[greatest(m.due, c.opened_at)], ARRAY['breached:0'], CASE WHEN m.state = 'met' THEN 1 ELSE 0 END,
  CASE WHEN m.state = 'running' THEN greatest(m.due, c.opened_at) END, 0, ''
FROM escalations_case c, sla_policyversion v, sla_calendarversion k, LATERAL (VALUES
  ('first_response', 'met', c.opened_at + interval '8 hours'),
  ('resolution', CASE WHEN c.state = 'closed' THEN 'met' WHEN c.next_due_at IS NULL THEN 'paused' ELSE 'running' END,
    coalesce(c.next_due_at, c.opened_at + interval '8 hours'))) AS m(metric, state, due);
"""

ENTRIES = """
INSERT INTO escalations_timelineentry (case_id, at, recorded_at, kind, code, params, actor_id, is_internal, channel, direction, outcome, source_key)
SELECT c.id, c.opened_at + n * interval '9 minutes', now(), (ARRAY['opened','state','note'])[1 + n %% 3],
  (ARRAY['opened','state','note.added'])[1 + n %% 3],
  (ARRAY['{"severity": 3, "channel": "phone"}','{"from": "new", "to": "triaged"}','{}']::jsonb[])[1 + n %% 3],
  c.owner_id, n %% 2 = 0, '', '', '', ''
FROM escalations_case c, generate_series(0, %(last)s) n WHERE c.id BETWEEN %(low)s AND %(high)s;
"""


def fill(bench: Bench, cases: int) -> None:
    """Make a directory, `cases` cases (at most 100,000 of them open) and what hangs on them."""
    open_cases = min(cases, OPEN_AT_MOST)
    with bench.connect() as connection:
        connection.execute(DIRECTORY)
        connection.execute(CASES, {"cases": cases, "open": open_cases})
        connection.execute(CLOCKS)
        low, high = connection.execute("SELECT min(id), max(id) FROM escalations_case").fetchone() or (0, 0)
        connection.execute(ENTRIES, {"low": low, "high": high, "last": 2})
        connection.execute(ENTRIES, {"low": low + 2, "high": low + 2, "last": LONG_CASE_ENTRIES - 4})
        connection.execute("VACUUM (ANALYZE)")
