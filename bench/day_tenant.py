"""What stands on "My day" besides cases: some hundreds of rows of each kind for each of the three readers, by SQL, of today."""

from collections.abc import Mapping

from bench.databases import Bench

READERS: Mapping[str, str] = {
    "coordinator": "u1@bench.example",
    "associate": "u2@bench.example",
    "partner lead": "lead@bench.example",
}
# "pool": 2,000 cases for each of the two who work cases; each purpose below has numbers of its own among them.
_DIRECTORY = """
INSERT INTO accounts_user (email, name, password, language, time_zone, shortcuts_enabled, is_active, date_joined, session_version)
  VALUES ('lead@bench.example', 'Lead', '!', 'en', 'Asia/Shanghai', true, true, now(), 1) ON CONFLICT DO NOTHING;
INSERT INTO accounts_membership (user_id, role, site_id, is_lead, starts_at)
  SELECT u.id, 'partner_lead', (SELECT min(id) FROM partners_site), false, now() - interval '1 year'
  FROM accounts_user u WHERE u.email = 'lead@bench.example' AND NOT EXISTS (SELECT 1 FROM accounts_membership WHERE user_id = u.id);
CREATE TEMP TABLE reader AS SELECT u.id, u.email, row_number() OVER (ORDER BY u.id) - 1 AS at, (SELECT id FROM accounts_user
  WHERE email = 'u3@bench.example') AS colleague FROM accounts_user u
  WHERE u.email IN ('u1@bench.example', 'u2@bench.example', 'lead@bench.example');
CREATE TEMP TABLE pool AS SELECT r.id AS reader, r.colleague, r.email, c.n - r.at * 2000 AS n, c.id
  FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS n FROM escalations_case WHERE sensitivity = 'standard'
    AND state NOT IN ('resolved', 'closed') AND site_id IS NOT NULL AND service_id = (SELECT m.service_id FROM accounts_membership m
      JOIN accounts_user u ON u.id = m.user_id WHERE u.email = 'u2@bench.example' AND m.role = 'associate')) c
  JOIN reader r ON r.at < 2 AND c.n BETWEEN r.at * 2000 + 1 AND (r.at + 1) * 2000;
"""
# Of their own 1 to 300, watched 1601 to 1800: promised for the hours to come. Nobody's new ones 1801 to 1900.
_CASES = """
UPDATE escalations_case c SET next_due_at = now() + (p.n % 300) * interval '2 minutes',
    owner_id = CASE WHEN p.n <= 300 THEN p.reader ELSE p.colleague END
  FROM pool p WHERE p.id = c.id AND (p.n <= 300 OR p.n BETWEEN 1601 AND 1800);
UPDATE sla_clock k SET state = 'running', paused_at = NULL, due_at = c.next_due_at, plan_at = ARRAY[c.next_due_at], plan_pos = 0,
    started_at = least(k.started_at, c.next_due_at), next_event_at = c.next_due_at
  FROM pool p JOIN escalations_case c ON c.id = p.id WHERE k.subject_kind = 'case' AND k.subject_id = p.id AND k.metric = 'resolution'
  AND (p.n <= 300 OR p.n BETWEEN 1601 AND 1800);
INSERT INTO escalations_watcher (case_id, user_id, since) SELECT id, reader, now() FROM pool WHERE n BETWEEN 1601 AND 1800;
UPDATE escalations_case c SET opened_at = now() - p.n % 100 * interval '1 minute', owner_id = NULL
  FROM pool p WHERE p.id = c.id AND p.n BETWEEN 1801 AND 1900;
UPDATE escalations_case c SET sensitivity = 'restricted' FROM pool p WHERE p.id = c.id AND p.n BETWEEN 1901 AND 2000;
INSERT INTO escalations_casegrant (case_id, user_id, kind, reason, starts_at)
  SELECT id, reader, 'grant', '', now() - interval '1 hour' FROM pool WHERE n BETWEEN 1901 AND 2000;
"""
# Questions 301 to 500, offers 501 to 700: half of them to the reader, half to the service of whom works in one.
_ASKED = """
CREATE TEMP TABLE said AS WITH entry AS (
  INSERT INTO escalations_timelineentry (case_id, at, recorded_at, kind, code, params, actor_id, is_internal, channel, direction, outcome, source_key)
  SELECT id, now(), now(), CASE WHEN n <= 500 THEN 'consult' ELSE 'handover' END, CASE WHEN n <= 500 THEN 'consult.asked' ELSE 'handover.offered' END,
    '{}', colleague, true, '', '', '', '' FROM pool WHERE n BETWEEN 301 AND 700 RETURNING id, case_id)
  SELECT entry.id AS entry, p.* FROM entry JOIN pool p ON p.id = entry.case_id;
INSERT INTO escalations_entrybody (entry_id, text)
  SELECT entry, 'Does the host of booking HM' || id || ' have to pay for word' || n || ' here? The guest waits for our answer.' FROM said;
INSERT INTO escalations_consult (case_id, question_id, asked_by_id, to_user_id, opens, state, asked_at, due_at)
  SELECT id, entry, colleague, reader, 'standard', 'open', now() - interval '1 day', now() + (n - 350) * interval '3 minutes'
  FROM said WHERE n <= 500;
INSERT INTO escalations_handover (case_id, entry_id, given_by_id, to_user_id, to_service_id, state, offered_at)
  SELECT s.id, s.entry, s.colleague, CASE WHEN m.service_id IS NULL THEN s.reader END, m.service_id, 'offered', now() - s.n * interval '1 minute'
  FROM said s LEFT JOIN accounts_membership m ON m.user_id = s.reader AND m.role = 'associate' AND s.n % 2 = 0 WHERE s.n > 500;
"""
# Five hundred cases that were handled today by 2,000 acts, 701 to 1200; the first promise of each is kept today, and the last
# hundred are resolved.
_SHIFT = """
INSERT INTO escalations_timelineentry (case_id, at, recorded_at, kind, code, params, actor_id, is_internal, channel, direction, outcome, source_key)
  SELECT id, now(), now(), 'contact', 'contact', '{}', reader, false, 'phone', 'out', 'reached', '' FROM pool, generate_series(1, 4)
  WHERE n BETWEEN 701 AND 1200;
INSERT INTO audit_auditentry (at, actor_id, verb, subject_type, subject_id, changes, request_id)
  SELECT now(), reader, 'case.contact', 'case', id, '{}', '' FROM pool, generate_series(1, 4) WHERE n BETWEEN 701 AND 1200;
UPDATE sla_clock k SET met_at = now(), due_at = now() + interval '1 hour', plan_at = ARRAY[now() + interval '1 hour']
  FROM pool p WHERE k.subject_kind = 'case' AND k.subject_id = p.id AND k.metric = 'first_response' AND p.n BETWEEN 701 AND 1200;
INSERT INTO escalations_timelineentry (case_id, at, recorded_at, kind, code, params, actor_id, is_internal, channel, direction, outcome, source_key)
  SELECT id, now(), now(), 'state', 'state', '{"from": "in_progress", "to": "resolved"}', reader, false, '', '', '', '' FROM pool
  WHERE n BETWEEN 1101 AND 1200;
UPDATE escalations_case c SET state = 'resolved', resolved_at = now(), next_due_at = NULL FROM pool p WHERE p.id = c.id AND p.n BETWEEN 1101 AND 1200;
"""
# Two hundred lines of a shift that was handed to them, 1401 to 1600.
_HANDED = """
INSERT INTO escalations_shifthandover (giver_id, taker_id, key, at) SELECT colleague, id, gen_random_uuid(), now() FROM reader WHERE at < 2;
CREATE TEMP TABLE line AS WITH entry AS (
  INSERT INTO escalations_timelineentry (case_id, at, recorded_at, kind, code, params, actor_id, is_internal, channel, direction, outcome, source_key)
  SELECT id, now(), now(), 'assignment', 'shift.line', '{}', colleague, true, '', '', '', '' FROM pool WHERE n BETWEEN 1401 AND 1600
  RETURNING id, case_id)
  SELECT entry.id AS entry, p.* FROM entry JOIN pool p ON p.id = entry.case_id;
INSERT INTO escalations_entrybody (entry_id, text) SELECT entry, 'The guest calls back about word' || n || '; the refund is agreed.' FROM line;
INSERT INTO escalations_shiftline (handover_id, case_id, position, way, entry_id, why)
  SELECT h.id, l.id, l.n - 1400, 'watches', l.entry, '' FROM line l JOIN escalations_shifthandover h ON h.taker_id = l.reader;
"""
# Ended, and the law still asks for an answer: 1201 to 1400, half of them late.
_OWED = """
INSERT INTO escalations_jurisdiction (code, name, name_zh, calendar_id, version) SELECT 'bench', 'Bench', '', min(id), 1 FROM sla_calendar;
INSERT INTO escalations_statutoryterm (jurisdiction_id, duty, amount, unit, next_day, rolls, basis, basis_zh, link, valid, made_at)
  SELECT id, 'statutory_final', 20, 'calendar', true, false, 'Bench', '', '', daterange('2020-01-01', NULL), now() FROM escalations_jurisdiction;
UPDATE escalations_case c SET state = 'closed', resolved_at = now(), closed_at = now(), next_due_at = now() + (p.n - 1300) * interval '1 hour'
  FROM pool p WHERE p.id = c.id AND p.n BETWEEN 1201 AND 1400;
UPDATE sla_clock k SET state = 'met', met_at = now(), paused_at = NULL, next_event_at = NULL FROM pool p
  WHERE k.subject_kind = 'case' AND k.subject_id = p.id AND k.metric = 'resolution' AND p.n BETWEEN 1101 AND 1400;
INSERT INTO escalations_regulation (case_id, jurisdiction_id, received_at, complaint_ref, marked_at)
  SELECT p.id, j.id, now() - interval '30 days', '', now() FROM pool p, escalations_jurisdiction j WHERE p.n BETWEEN 1201 AND 1400 OR p.n <= 100;
INSERT INTO sla_clock (subject_kind, subject_id, metric, cycle, revision, state, started_at, due_at, pauses, plan_at, plan_code, plan_pos,
    next_event_at, error_count, last_error)
  SELECT 'case', c.id, 'statutory_final', 1, 0, 'running', now() - interval '30 days', c.next_due_at, '{}', ARRAY[c.next_due_at],
    ARRAY['breached:0'], 0, c.next_due_at, 0, '' FROM escalations_regulation r JOIN escalations_case c ON c.id = r.case_id;
INSERT INTO escalations_statutorydeadline (regulation_id, duty, term_id, calendar_version_id, clock_id, due_at)
  SELECT r.id, 'statutory_final', t.id, v.id, k.id, k.due_at FROM escalations_regulation r JOIN sla_clock k ON k.subject_kind = 'case'
    AND k.subject_id = r.case_id AND k.metric = 'statutory_final', escalations_statutoryterm t, (SELECT min(id) AS id FROM sla_calendarversion) v;
"""
_ACCESS = """
INSERT INTO access_requests_accessrequest (kind, origin, origin_key, site_id, requested_by_id, reason, state, due_at, created_at, submitted_at, version)
  SELECT 'joiner', 'person', '', s.id, r.id, '', (ARRAY['attention', 'in_progress', 'done'])[1 + n % 3], now() + n * interval '1 hour', now(), now(), 1
  FROM generate_series(1, 600) n, partners_site s, (SELECT id FROM reader WHERE email = 'lead@bench.example') r
  WHERE s.id = (SELECT min(id) FROM partners_site) + n % 3;
INSERT INTO access_requests_requestdraft (id, owner_id, kind, site_id, rows, people_chosen, left_out, extras, reason, created_at, saved_at)
  SELECT gen_random_uuid(), id, 'joiner', (SELECT min(id) FROM partners_site), '[]', false, '{}', '{}', '', now(), now()
  FROM reader, generate_series(1, 3) WHERE at <> 1;
"""
# Half a year of weekly packs of every site, with lines that wait for a comment; actions, signals, and meetings of today and of other days.
_REVIEWS = """
INSERT INTO reviews_pack (version, kind_id, scope, site_id, first_day, last_day, revision, reason, state, language, formats, missing, attempts, error,
    content_hash, created_at)
  SELECT 1, k.id, 'site', s.id, w, w + 6, 1, '', 'waiting', 'en', '{pdf}', '[]', 0, '', '', now() FROM reviews_reviewkind k, partners_site s,
    LATERAL (SELECT date_trunc('week', now())::date - 7 * n AS w FROM generate_series(1, 26) n) weeks WHERE k.code = 'weekly';
INSERT INTO reviews_line (pack_id, section, key, site_id, needs_comment)
  SELECT id, 'kpis', 'line' || n, site_id, n <= 2 FROM reviews_pack, generate_series(1, 8) n;
UPDATE reviews_pack SET state = 'draft', data = '{"sections": []}', frozen_at = now();
INSERT INTO reviews_action (version, title, text, site_id, side, owner_id, due_at, state, is_overdue, source, period, made_by_id, created_at, evidence)
  SELECT 1, 'Action number ' || n || ' of the late shift', '', (SELECT min(id) FROM partners_site), 'company', id, now() + (n - 100) * interval '20 minutes',
    'open', n < 100, 'other', '', id, now(), '' FROM reader, generate_series(1, 300) n;
INSERT INTO kpis_alertevent (site_id, kpi_id, kind, grain, period, value, created_at)
  SELECT s.id, k.id, 'red', 'week', date_trunc('week', now())::date - 7 * n, 0.5, now() - n * interval '5 days' - k.id * interval '1 minute'
  FROM partners_site s, kpis_kpi k, generate_series(0, 3) n;
CREATE TEMP TABLE meeting AS WITH made AS (
  INSERT INTO reviews_engagement (version, kind, title, site_id, starts_at, ends_at, time_zone, place, state, uid, sequence, made_by_id, created_at,
    cancelled_reason)
  SELECT 1, 'ops_call', 'Call ' || n, (SELECT min(id) FROM partners_site), begins, begins + interval '30 minutes', 'UTC', '', 'planned',
    gen_random_uuid(), 0, id, now(), '' FROM reader, generate_series(1, 300) n,
    LATERAL (SELECT now() + n * interval '20 minutes' + CASE WHEN n > 20 THEN n * interval '1 day' ELSE interval '0' END AS begins) when_it_is
  WHERE at <> 1 RETURNING id, made_by_id) SELECT * FROM made;
INSERT INTO reviews_attendee (engagement_id, user_id, guest, reply) SELECT id, made_by_id, '', 'accepted' FROM meeting;
"""


def fill_day(bench: Bench) -> None:
    """Put them in. The database is a copy made for this, of today."""
    with bench.connect() as link:
        for statements in (_DIRECTORY, _CASES, _ASKED, _SHIFT, _HANDED, _OWED, _ACCESS, _REVIEWS):
            link.execute(statements)
        link.execute("VACUUM (ANALYZE)")
