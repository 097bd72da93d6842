"""What the database itself refuses: programmes of other sites, placements outside an engagement, unknown time zones."""

from django.db import migrations

# Checked at once, not at the commit, where nobody could name the field.
PLACES = """
ALTER TABLE partners_placement
    ADD CONSTRAINT placement_programme_of_site FOREIGN KEY (programme_id, site_id)
        REFERENCES partners_programme (id, site_id),
    ADD CONSTRAINT placement_team_of_programme FOREIGN KEY (team_id, programme_id)
        REFERENCES partners_team (id, programme_id);
"""
NO_PLACES = """
ALTER TABLE partners_placement
    DROP CONSTRAINT placement_programme_of_site,
    DROP CONSTRAINT placement_team_of_programme;
"""

# The conversion raises "time zone not recognized" for a name that PostgreSQL does not know; the pattern keeps
# abbreviations and POSIX rules out.
TIME_ZONE = """
ALTER TABLE partners_site ADD CONSTRAINT site_time_zone_known CHECK (
    time_zone ~ '^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$'
    AND timezone(time_zone, timestamptz '2000-01-01 00:00+00') IS NOT NULL
);
"""
NO_TIME_ZONE = "ALTER TABLE partners_site DROP CONSTRAINT site_time_zone_known;"

# Both functions lock the person first, so that an engagement cannot be shortened while a placement is being added.
COVER = """
CREATE FUNCTION partners_placement_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM partners_person WHERE id = NEW.person_id FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT 1 FROM partners_engagement WHERE person_id = NEW.person_id AND period @> NEW.period
    ) THEN
        RAISE EXCEPTION 'a placement lies within an engagement'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'placement_within_engagement', TABLE = 'partners_placement';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER placement_within_engagement AFTER INSERT OR UPDATE OF person_id, period, cancelled_at
    ON partners_placement FOR EACH ROW WHEN (NEW.cancelled_at IS NULL) EXECUTE FUNCTION partners_placement_covered();

CREATE FUNCTION partners_engagement_covers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM partners_person WHERE id = OLD.person_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM partners_placement p
        WHERE p.person_id = OLD.person_id AND p.cancelled_at IS NULL AND p.period && OLD.period
            AND NOT EXISTS (
                SELECT 1 FROM partners_engagement e WHERE e.person_id = p.person_id AND e.period @> p.period
            )
    ) THEN
        RAISE EXCEPTION 'an engagement covers its placements'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_covers_placements', TABLE = 'partners_engagement';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER engagement_covers_placements AFTER DELETE OR UPDATE OF person_id, period
    ON partners_engagement FOR EACH ROW EXECUTE FUNCTION partners_engagement_covers();
"""
NO_COVER = """
DROP TRIGGER engagement_covers_placements ON partners_engagement;
DROP TRIGGER placement_within_engagement ON partners_placement;
DROP FUNCTION partners_engagement_covers();
DROP FUNCTION partners_placement_covered();
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [
        migrations.RunSQL(PLACES, NO_PLACES),
        migrations.RunSQL(TIME_ZONE, NO_TIME_ZONE),
        migrations.RunSQL(COVER, NO_COVER),
    ]
