"""A million cases with what people wrote on them, made by SQL."""

from bench.databases import Bench
from bench.tenant import CASES, CLOCKS, DIRECTORY, OPEN_AT_MOST

LEAD = """
UPDATE accounts_membership m SET role = 'partner_lead', service_id = NULL, site_id = (SELECT min(id) FROM partners_site)
FROM accounts_user u WHERE u.id = m.user_id AND u.email = 'u3@bench.example'
"""
PEOPLE = """
INSERT INTO partners_person (name, preferred_name, email, language, version)
  SELECT 'Agent ' || (ARRAY['Wei','Lin','Ana','Joao','Maria','Chen','Okafor','Silva','Zhang','Mendes'])[1 + i % 10] || ' ' || i, '',
    'agent' || i || '@partner.example', 'en', 1 FROM generate_series(1, 20000) i;
"""
ENGAGEMENTS = """
INSERT INTO partners_engagement (version, period, person_id, employer_id, employee_number)
  SELECT 1, daterange('2024-01-01', NULL), p.id, s.partner_id, 'E' || p.id FROM partners_person p, partners_site s
  WHERE p.email LIKE 'agent%' AND s.id = (SELECT min(id) FROM partners_site)
"""
# A twentieth of them at the site whose lead looks for somebody.
PLACEMENTS = """
INSERT INTO partners_placement (version, period, kind, job_role_id, person_id, site_id)
  SELECT 1, daterange('2024-01-01', NULL), 'primary', (SELECT min(id) FROM partners_jobrole), p.id,
    (SELECT s.id FROM partners_site s, partners_site least WHERE least.id = (SELECT min(id) FROM partners_site)
      AND s.partner_id = least.partner_id ORDER BY (s.id = least.id) = (p.id % 20 = 0) DESC, s.id LIMIT 1)
  FROM partners_person p WHERE p.email LIKE 'agent%'
"""
# Two entries with words for each case: what the customer wrote, and a note of ours. Words are as common as in a language: the
# ones with a low number stand in many texts, those with a high one in a few; some texts are Chinese.
ENTRIES = """
INSERT INTO escalations_timelineentry (case_id, at, recorded_at, kind, code, params, actor_id, is_internal, channel, direction, outcome, source_key)
SELECT c.id, c.opened_at + n * interval '9 minutes', now(), (ARRAY['opened','note'])[1 + n], (ARRAY['opened','note.added'])[1 + n],
  '{}', c.owner_id, n = 1, '', '', '', ''
FROM escalations_case c, generate_series(0, 1) n
"""
BODIES = """
INSERT INTO escalations_entrybody (entry_id, text)
SELECT e.id, CASE
  WHEN e.id % 20 = 0 THEN '客人说退款一直没有到账，希望尽快处理。订单 ' || e.id
  WHEN e.id % 4999 = 0 THEN '押金被误扣，客人很着急。'
  ELSE 'The guest says that the host cancelled and asks for a refund of booking HM' || (e.id * 7919) % 90000000
    || (SELECT string_agg(' word' || floor(20000 * power(random(), 3))::int, '') FROM generate_series(1, 12 + (e.id % 1)))
  END
FROM escalations_timelineentry e
"""


def fill(bench: Bench, cases: int) -> None:
    """Make them; the index is made by the same command that serves old rows, after everything is there."""
    with bench.connect() as link:
        link.execute("ALTER TABLE escalations_case DISABLE TRIGGER case_found")
        link.execute("ALTER TABLE escalations_entrybody DISABLE TRIGGER body_found")
        link.execute(DIRECTORY)
        link.execute(LEAD)
        link.execute(PEOPLE)
        link.execute(ENGAGEMENTS)
        link.execute(PLACEMENTS)
        link.execute(CASES, {"cases": cases, "open": min(cases, OPEN_AT_MOST)})
        link.execute(CLOCKS)
        link.execute(ENTRIES)
        link.execute(BODIES)
        link.execute("ALTER TABLE escalations_case ENABLE TRIGGER case_found")
        link.execute("ALTER TABLE escalations_entrybody ENABLE TRIGGER body_found")
        link.execute("VACUUM (ANALYZE)")
        link.execute("DROP INDEX case_words")
    bench.manage("index_words")
    with bench.connect() as link:
        link.execute("CREATE INDEX case_words ON escalations_casewords USING gin (words) WITH (fastupdate = off)")
        link.execute("VACUUM (ANALYZE) escalations_casewords")
