"""A grant counts for the restriction during which it was given. The database ends it with that, whoever lifts it."""

from django.db import migrations, models

# Where a restriction begins, whatever was given before it belongs to none, and ends as well.
_LIFTED = """
CREATE FUNCTION escalations_restriction_lifted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE escalations_casegrant SET lifted_at = now() WHERE case_id = NEW.id AND lifted_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER restriction_lifted AFTER UPDATE OF sensitivity ON escalations_case FOR EACH ROW
    WHEN ((OLD.sensitivity = 'restricted') <> (NEW.sensitivity = 'restricted'))
    EXECUTE FUNCTION escalations_restriction_lifted();
"""
_NOT_LIFTED = """
DROP TRIGGER restriction_lifted ON escalations_case; DROP FUNCTION escalations_restriction_lifted();
"""
_STAYS = """
CREATE FUNCTION escalations_grant_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.case_id = OLD.case_id AND NEW.user_id = OLD.user_id
       AND (OLD.lifted_at IS NULL OR NEW.lifted_at IS NOT DISTINCT FROM OLD.lifted_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'access that was given stays as it was: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER grant_stays BEFORE UPDATE OF lifted_at, case_id, user_id OR DELETE ON escalations_casegrant
    FOR EACH ROW EXECUTE FUNCTION escalations_grant_stays();
"""
_GOES = """
DROP TRIGGER grant_stays ON escalations_casegrant; DROP FUNCTION escalations_grant_stays();
"""


class Migration(migrations.Migration):
    """Reads no row. Cases before grants, as whoever lifts a restriction locks them."""

    dependencies = (("escalations", "0027_words_of_sent_mail"),)

    operations = (
        migrations.RunSQL(_LIFTED, _NOT_LIFTED),
        migrations.AddField("casegrant", "lifted_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(_STAYS, _GOES),
    )
