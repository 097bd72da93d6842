"""The rows of the benchmark of access, made by the database itself."""

ROWS = (
    "INSERT INTO partners_partner (version, name, name_zh, code) VALUES (1, 'Bench', '', 'BENCH')",
    """INSERT INTO partners_site (version, name, name_zh, code, time_zone, partner_id)
    SELECT 1, 'Site ' || n, '', 'B' || n, 'UTC', p.id FROM partners_partner p, generate_series(1, %(sites)s) n""",
    """INSERT INTO partners_person (version, name, preferred_name, email, language)
    SELECT 1, 'Person ' || n, '', 'p' || n || '@bench.example', 'en' FROM generate_series(1, %(people)s) n""",
    """INSERT INTO partners_engagement (version, period, person_id, employer_id, employee_number)
    SELECT 1, daterange('2024-01-01', NULL), p.id, e.id, 'E' || p.id FROM partners_person p, partners_partner e""",
    """INSERT INTO partners_placement (version, period, person_id, site_id, job_role_id, kind)
    SELECT 1, daterange('2024-01-01', NULL), p.id, s.id, r.id, 'primary'
    FROM partners_person p JOIN partners_site s ON s.code = 'B' || (1 + p.id %% %(sites)s)
    JOIN partners_jobrole r ON r.code = 'AGENT'""",
    "INSERT INTO access_requests_group (version, code, name, name_zh) VALUES (1, 'it', 'IT', '')",
    # Of every sixty systems four are told by mail, one by SCIM, the rest by hand.
    """INSERT INTO access_requests_system (version, code, name, name_zh, group_id, channel, ticket_address, scim_url, scim_token,
        data_class, proof, currency, lead_minutes, ticket_language, first_checks, first_checks_zh)
    SELECT 1, 's' || n, 'System ' || n, '', g.id,
        CASE WHEN n = 1 THEN 'scim' WHEN n <= 5 THEN 'email' ELSE 'manual' END, 'it@bench.example',
        'http://127.0.0.1:1/', '', 'internal', CASE WHEN n = 1 THEN 'read_back' ELSE 'lead' END, '', 480, 'en', '{}', '{}'
    FROM access_requests_group g, generate_series(1, %(systems)s) n""",
    """INSERT INTO access_requests_entitlement (version, code, name, name_zh, system_id, privileged, external_value, first_checks,
        first_checks_zh)
    SELECT 1, code, name, '', id, false, 'agents', '{}', '{}' FROM access_requests_system""",
    """INSERT INTO access_requests_bundle (version, code, name, name_zh, job_role_id, programme_code, birthright)
    SELECT 1, 'agents', 'Agents', '', id, '', true FROM partners_jobrole WHERE code = 'AGENT'""",
    "INSERT INTO access_requests_bundleversion (bundle_id, number, created_at) SELECT id, 1, now() FROM access_requests_bundle",
    "UPDATE access_requests_bundle b SET current_id = v.id FROM access_requests_bundleversion v WHERE v.bundle_id = b.id",
    """INSERT INTO access_requests_bundleitem (version_id, entitlement_id)
    SELECT v.id, e.id FROM access_requests_bundleversion v, access_requests_entitlement e WHERE e.id %% 3 = 1""",
    # Everybody has the system with SCIM, and of the others one in three.
    """INSERT INTO access_requests_grant (person_id, entitlement_id, started_at, confirmed_at, verified_at)
    SELECT p.id, e.id, now() - interval '90 days', now() - interval '90 days', now() - interval '90 days'
    FROM partners_person p, generate_series(0, %(each)s - 1) k
    JOIN access_requests_entitlement e ON e.code = 's' || (1 + 3 * k)""",
    """INSERT INTO access_requests_grantreason (grant_id, kind, bundle_id, starts_at)
    SELECT g.id, 'bundle', b.id, g.started_at FROM access_requests_grant g, access_requests_bundle b""",
    """INSERT INTO access_requests_account (system_id, person_id, external_id, active, seen_at)
    SELECT s.id, p.id, 'u' || p.id, true, now() FROM partners_person p, access_requests_system s
    WHERE s.channel = 'scim'""",
)
# Checked row by row otherwise, which only costs time here.
UNCHECKED = ("access_requests_grant", "access_requests_grantreason")
