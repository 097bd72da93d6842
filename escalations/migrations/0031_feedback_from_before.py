"""Feedback that is there belongs to the service from which its case was moved next, or which still has it."""

from typing import Final

import django.db.models.deletion
from django.db import migrations, models

#: Whose case it was when this was given; by the index of the entries of a case.
THEN: Final = """
COALESCE(
    (SELECT (moved.params->>'from')::bigint FROM escalations_timelineentry AS moved
     WHERE moved.case_id = one.case_id AND moved.code = 'service.changed' AND moved.at > one.at
     ORDER BY moved.at, moved.id LIMIT 1),
    (SELECT service_id FROM escalations_case WHERE id = one.case_id)
)
"""
_BACKFILL = f"""
ALTER TABLE escalations_peerfeedback DISABLE TRIGGER feedback_is_fixed;
UPDATE escalations_peerfeedback AS one SET service_id = {THEN} WHERE service_id IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE escalations_peerfeedback ENABLE TRIGGER feedback_is_fixed;
"""


class Migration(migrations.Migration):
    """Feedback waits meanwhile, cases do not."""

    dependencies = (("escalations", "0030_services_of_feedback"),)

    operations = (
        migrations.RunSQL(_BACKFILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "peerfeedback",
            "service",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="escalations.service",
            ),
        ),
    )
