"""One evidence pack of a case is made for somebody at a time."""

from django.db import migrations, models

# What was asked for again while it was being made goes: whoever asked has the first one.
_ONCE = """
UPDATE escalations_evidencepack AS later SET state = 'expired'
WHERE state = 'waiting' AND EXISTS (
    SELECT FROM escalations_evidencepack AS first WHERE first.state = 'waiting' AND first.case_id = later.case_id
    AND first.asked_by_id = later.asked_by_id AND first.id < later.id
)
"""
_DROP = "DROP INDEX CONCURRENTLY IF EXISTS evidence_one_waiting"
_MAKE = """
CREATE UNIQUE INDEX CONCURRENTLY evidence_one_waiting ON escalations_evidencepack (case_id, asked_by_id)
WHERE state = 'waiting'
"""


class Migration(migrations.Migration):
    """Made while packs are asked for. A run that was broken off leaves an index that holds nothing: it goes first."""

    atomic = False
    dependencies = (("escalations", "0032_feedback_by_service"),)

    operations = (
        migrations.RunSQL(_ONCE, migrations.RunSQL.noop),
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(_MAKE, _DROP)],
            [
                migrations.AddConstraint(
                    "evidencepack",
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("case", "asked_by"),
                        name="evidence_one_waiting",
                    ),
                )
            ],
        ),
    )
