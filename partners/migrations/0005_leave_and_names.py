"""Leave outside every engagement of the person is refused; and names as rosters compare them."""

from django.db import migrations

# Both lock the person first, so that an engagement cannot be shortened while leave is being added.
COVER = """
CREATE FUNCTION partners_leave_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM partners_person WHERE id = NEW.person_id FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT 1 FROM partners_engagement WHERE person_id = NEW.person_id AND period @> NEW.period
    ) THEN
        RAISE EXCEPTION 'leave lies within an engagement'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'leave_within_engagement', TABLE = 'partners_leave';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER leave_within_engagement AFTER INSERT OR UPDATE OF person_id, period, cancelled_at
    ON partners_leave FOR EACH ROW WHEN (NEW.cancelled_at IS NULL) EXECUTE FUNCTION partners_leave_covered();

CREATE FUNCTION partners_engagement_covers_leave() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM partners_person WHERE id = OLD.person_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM partners_leave l
        WHERE l.person_id = OLD.person_id AND l.cancelled_at IS NULL AND l.period && OLD.period
            AND NOT EXISTS (
                SELECT 1 FROM partners_engagement e WHERE e.person_id = l.person_id AND e.period @> l.period
            )
    ) THEN
        RAISE EXCEPTION 'an engagement covers the leave within it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'engagement_covers_leave', TABLE = 'partners_engagement';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER engagement_covers_leave AFTER DELETE OR UPDATE OF person_id, period
    ON partners_engagement FOR EACH ROW EXECUTE FUNCTION partners_engagement_covers_leave();
"""
NO_COVER = """
DROP TRIGGER engagement_covers_leave ON partners_engagement;
DROP TRIGGER leave_within_engagement ON partners_leave;
DROP FUNCTION partners_engagement_covers_leave();
DROP FUNCTION partners_leave_covered();
"""

# Width, case and spacing aside, as rules.rosters.same_name has it.
SAME_NAME = r"""
CREATE FUNCTION partners_same_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    btrim(regexp_replace(lower(normalize(name, NFKC)), '\s+', ' ', 'g'));
"""
NO_SAME_NAME = "DROP FUNCTION partners_same_name(text);"


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_rosters_leave_attestations")]

    operations = [migrations.RunSQL(COVER, NO_COVER), migrations.RunSQL(SAME_NAME, NO_SAME_NAME)]
