"""The statements that apply a roster: each reads its proposals and returns what the audit trail tells, the id first."""

from typing import Final

# Ids are drawn first, so that leads who join with the same file can be named; the foreign key waits for the commit.
NUMBER_JOINERS: Final = """
UPDATE partners_rosterproposal SET person_id = nextval(pg_get_serial_sequence('partners_person', 'id'))
WHERE roster_id = %(roster)s AND kind = 'joiner' AND person_id IS NULL
"""
ADD_PEOPLE: Final = """
INSERT INTO partners_person (id, version, name, preferred_name, email, language)
SELECT person_id, 1, said->>'name', coalesce(said->>'preferred_name', ''), coalesce(said->>'email', ''),
    coalesce(nullif(said->>'language', ''), 'en')
FROM partners_rosterproposal WHERE roster_id = %(roster)s AND kind = 'joiner' ORDER BY row
RETURNING id, language
"""
CHANGE_PEOPLE: Final = """
UPDATE partners_person p SET version = p.version + 1,
    name = coalesce(r.changes->'name'->>1, p.name),
    preferred_name = coalesce(r.changes->'preferred_name'->>1, p.preferred_name),
    email = coalesce(r.changes->'email'->>1, p.email),
    language = coalesce(r.changes->'language'->>1, p.language)
FROM partners_rosterproposal r
WHERE r.roster_id = %(roster)s AND r.kind IN ('mover', 'rehire') AND r.person_id = p.id
    AND r.changes ?| ARRAY['name', 'preferred_name', 'email', 'language']
RETURNING p.id, ARRAY(SELECT jsonb_object_keys(r.changes) INTERSECT VALUES ('name'), ('preferred_name'), ('email'), ('language'))
"""
ADD_IDS: Final = """
INSERT INTO partners_externalid (person_id, source, value)
SELECT r.person_id, %(source)s, r.said->>'key' FROM partners_rosterproposal r
WHERE NOT %(by_number)s AND r.roster_id = %(roster)s AND coalesce(r.said->>'key', '') <> ''
    AND (r.kind IN ('joiner', 'rehire') OR r.changes ? 'external_id')
    AND NOT EXISTS (SELECT 1 FROM partners_externalid x WHERE x.source = %(source)s AND x.value = r.said->>'key')
ORDER BY r.row
RETURNING id, source, person_id
"""

# Leavers. Only the placements and the leave that the ending engagement covers.
WITHDRAW_LATER: Final = """
UPDATE partners_placement d SET cancelled_at = %(now)s, version = d.version + 1
FROM partners_rosterproposal r JOIN partners_engagement e ON e.id = r.engagement_id
WHERE r.roster_id = %(roster)s AND r.kind = 'leaver' AND d.person_id = r.person_id AND d.cancelled_at IS NULL
    AND d.period <@ e.period AND lower(d.period) > r.last_day
RETURNING d.id
"""
END_PLACEMENTS: Final = """
UPDATE partners_placement d SET period = daterange(lower(d.period), r.last_day + 1), version = d.version + 1
FROM partners_rosterproposal r JOIN partners_engagement e ON e.id = r.engagement_id
WHERE r.roster_id = %(roster)s AND r.kind = 'leaver' AND d.person_id = r.person_id AND d.cancelled_at IS NULL
    AND d.period <@ e.period AND lower(d.period) <= r.last_day
    AND (upper_inf(d.period) OR upper(d.period) > r.last_day + 1)
RETURNING d.id, old.period, new.period
"""
WITHDRAW_LEAVE: Final = """
UPDATE partners_leave d SET cancelled_at = %(now)s, version = d.version + 1
FROM partners_rosterproposal r JOIN partners_engagement e ON e.id = r.engagement_id
WHERE r.roster_id = %(roster)s AND r.kind = 'leaver' AND d.person_id = r.person_id AND d.cancelled_at IS NULL
    AND d.period <@ e.period AND lower(d.period) > r.last_day
RETURNING d.id
"""
END_LEAVE: Final = """
UPDATE partners_leave d SET period = daterange(lower(d.period), r.last_day + 1), version = d.version + 1
FROM partners_rosterproposal r JOIN partners_engagement e ON e.id = r.engagement_id
WHERE r.roster_id = %(roster)s AND r.kind = 'leaver' AND d.person_id = r.person_id AND d.cancelled_at IS NULL
    AND d.period <@ e.period AND lower(d.period) <= r.last_day
    AND (upper_inf(d.period) OR upper(d.period) > r.last_day + 1)
RETURNING d.id, old.period, new.period
"""
END_ENGAGEMENTS: Final = """
UPDATE partners_engagement e SET period = daterange(lower(e.period), r.last_day + 1), version = e.version + 1
FROM partners_rosterproposal r WHERE r.roster_id = %(roster)s AND r.kind = 'leaver' AND e.id = r.engagement_id
RETURNING e.id, old.period, new.period
"""

ADD_ENGAGEMENTS: Final = """
INSERT INTO partners_engagement (version, person_id, employer_id, period, employee_number)
SELECT 1, person_id, %(partner)s, daterange(first_day, last_day + 1),
    CASE WHEN %(by_number)s THEN coalesce(said->>'key', '') ELSE coalesce(said->>'employee_number', '') END
FROM partners_rosterproposal WHERE roster_id = %(roster)s AND kind IN ('joiner', 'rehire') ORDER BY row
RETURNING id, employer_id, period
"""
CHANGE_NUMBERS: Final = """
UPDATE partners_engagement e SET employee_number = r.changes->'employee_number'->>1, version = e.version + 1
FROM partners_rosterproposal r
WHERE r.roster_id = %(roster)s AND r.kind = 'mover' AND e.id = r.engagement_id AND r.changes ? 'employee_number'
RETURNING e.id
"""
WIDEN_ENGAGEMENTS: Final = """
UPDATE partners_engagement e SET period = daterange(least(lower(e.period), r.first_day), upper(e.period))
FROM partners_rosterproposal r
WHERE r.roster_id = %(roster)s AND r.kind = 'mover' AND e.id = r.engagement_id AND r.changes ? 'first_day'
"""
MOVE_STARTS: Final = """
UPDATE partners_placement d SET period = daterange(r.first_day, upper(d.period)), version = d.version + 1
FROM partners_rosterproposal r
WHERE r.roster_id = %(roster)s AND r.kind = 'mover' AND d.id = r.placement_id AND r.changes ? 'first_day'
RETURNING d.id, old.period, new.period
"""
NARROW_ENGAGEMENTS: Final = """
UPDATE partners_engagement e SET period = daterange(r.first_day, upper(e.period)), version = e.version + 1
FROM partners_rosterproposal r
WHERE r.roster_id = %(roster)s AND r.kind = 'mover' AND e.id = r.engagement_id AND r.changes ? 'first_day'
RETURNING e.id, daterange((r.changes->'first_day'->>0)::date, upper(new.period)), new.period
"""

# The rows of a roster are new to the planner: a lead's row is looked up one by one, which it cannot get wrong.
# Who moves: within a placement that begins on the day or later it is corrected, else it ends the day before.
CHANGE_PLACEMENTS: Final = """
UPDATE partners_placement d SET programme_id = n.programme_id, team_id = n.team_id, job_role_id = n.job_role_id,
    lead_id = n.lead_id, version = d.version + 1
FROM (
    SELECT r.placement_id, r.programme_id, r.team_id, r.job_role_id, coalesce(r.lead_id, (
        SELECT l.person_id FROM partners_rosterproposal l WHERE l.roster_id = r.roster_id AND l.row = r.lead_row
    )) AS lead_id
    FROM partners_rosterproposal r
    WHERE r.roster_id = %(roster)s AND r.kind = 'mover' AND r.changes ?| ARRAY['programme', 'team', 'job_role', 'lead']
) n WHERE d.id = n.placement_id AND lower(d.period) >= %(day)s::date
RETURNING d.id, d.site_id, d.programme_id, d.team_id, d.job_role_id, d.lead_id
"""
END_MOVED: Final = """
UPDATE partners_placement d SET period = daterange(lower(d.period), %(day)s::date), version = d.version + 1
FROM partners_rosterproposal r
WHERE r.roster_id = %(roster)s AND r.kind = 'mover' AND r.changes ?| ARRAY['programme', 'team', 'job_role', 'lead'] AND d.id = r.placement_id AND lower(d.period) < %(day)s::date
RETURNING d.id, old.period, new.period
"""
# A mover's new placement lasts as long as the old one would have.
ADD_PLACEMENTS: Final = """
INSERT INTO partners_placement (version, person_id, site_id, programme_id, team_id, job_role_id, lead_id, kind, period)
SELECT 1, r.person_id, %(site)s, r.programme_id, r.team_id, r.job_role_id, coalesce(r.lead_id, (
        SELECT l.person_id FROM partners_rosterproposal l WHERE l.roster_id = r.roster_id AND l.row = r.lead_row
    )), 'primary',
    daterange(r.first_day, r.last_day + 1)
FROM partners_rosterproposal r
LEFT JOIN partners_placement d ON d.id = r.placement_id
WHERE r.roster_id = %(roster)s AND (
    r.kind IN ('joiner', 'rehire') OR (r.kind = 'mover' AND r.placement_id IS NULL)
    OR (r.kind = 'mover' AND r.changes ?| ARRAY['programme', 'team', 'job_role', 'lead'] AND upper(d.period) = %(day)s::date)
) ORDER BY r.row
RETURNING id, site_id, programme_id, team_id, job_role_id, lead_id, period
"""
