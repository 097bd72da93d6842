from django.db import migrations

# As before, with the words of how the customer is reached: a name is found without a number beside it.
_CASE = """
CREATE OR REPLACE FUNCTION escalations_case_found() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    marks tsvector := escalations_marks(NEW.id, NEW.service_id, NEW.site_id, NEW.raised_by_id, NEW.state);
BEGIN
    IF TG_OP = 'UPDATE' AND marks <> escalations_marks(OLD.id, OLD.service_id, OLD.site_id, OLD.raised_by_id, OLD.state) THEN
        UPDATE escalations_casewords
        SET words = ts_delete(words, tsvector_to_array(escalations_marks(OLD.id, OLD.service_id, OLD.site_id, OLD.raised_by_id, OLD.state))) || marks
        WHERE case_id = NEW.id AND entry_id IS NOT NULL;
    END IF;
    INSERT INTO escalations_casewords (case_id, is_internal, words, handle)
    VALUES (
        NEW.id, false, coalesce(strip(NEW.search), '') || escalations_words(NEW.contact_hint) || '@p' || marks,
        lower(NEW.customer_ref || ' ' || NEW.contact_hint)
    )
    ON CONFLICT (case_id) WHERE entry_id IS NULL DO UPDATE SET words = excluded.words, handle = excluded.handle;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("escalations", "0021_newest_cases")]

    operations = [migrations.RunSQL(_CASE, migrations.RunSQL.noop)]
