from django.db import migrations

from portal.audit.triggers import append_only

# The words of an entry may be removed once, and nothing else may ever happen to them.
_BODY = """
CREATE OR REPLACE FUNCTION escalations_only_redact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.redacted_at IS NULL AND NEW.redacted_at IS NOT NULL AND NEW.text = ''
       AND NEW.id = OLD.id AND NEW.entry_id = OLD.entry_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the words of an entry can only be redacted: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("escalations", "0001_initial")]

    operations = [
        *append_only("escalations_timelineentry"),
        migrations.RunSQL(_BODY, "DROP FUNCTION escalations_only_redact()"),
        migrations.RunSQL(
            "CREATE TRIGGER only_redact BEFORE UPDATE OR DELETE ON escalations_entrybody "
            "FOR EACH ROW EXECUTE FUNCTION escalations_only_redact()",
            "DROP TRIGGER only_redact ON escalations_entrybody",
        ),
        migrations.RunSQL(
            "CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON escalations_entrybody "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
            "DROP TRIGGER refuse_truncate ON escalations_entrybody",
        ),
        # References have five digits from the first one on.
        migrations.RunSQL(
            "ALTER TABLE escalations_case ALTER COLUMN id RESTART WITH 10001",
            migrations.RunSQL.noop,
        ),
        # The text filter reads a word's few hits at once, not what was put aside for later.
        migrations.RunSQL(
            "ALTER INDEX case_search SET (fastupdate = off)",
            "ALTER INDEX case_search SET (fastupdate = on)",
        ),
    ]
