"""Feedback stays with the leads of the service that had the case when it was given."""

import django.db.models.deletion
from django.db import migrations, models

# Also for what is given while an upgrade is under way, by programs that do not name the service yet.
_NAMED = """
CREATE FUNCTION escalations_feedback_of_service() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.service_id := COALESCE(NEW.service_id, (SELECT service_id FROM escalations_case WHERE id = NEW.case_id));
    RETURN NEW;
END $$;
CREATE TRIGGER feedback_of_service BEFORE INSERT ON escalations_peerfeedback
    FOR EACH ROW EXECUTE FUNCTION escalations_feedback_of_service();
"""
_NOT_NAMED = """
DROP TRIGGER feedback_of_service ON escalations_peerfeedback; DROP FUNCTION escalations_feedback_of_service();
"""


class Migration(migrations.Migration):
    """Reads no row."""

    dependencies = (("escalations", "0029_grants_from_before"),)

    operations = (
        migrations.AddField(
            "peerfeedback",
            "service",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="escalations.service",
            ),
        ),
        migrations.RunSQL(_NAMED, _NOT_NAMED),
    )
