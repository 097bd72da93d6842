"""Leads page through the feedback of their services."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

#: A run that was broken off leaves an index that holds nothing: it goes first.
_DROP = "DROP INDEX CONCURRENTLY IF EXISTS feedback_led"


class Migration(migrations.Migration):
    """Made while feedback is given."""

    atomic = False
    dependencies = (("escalations", "0031_feedback_from_before"),)

    operations = (
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="peerfeedback", index=models.Index(fields=["service", "-id"], name="feedback_led")
        ),
    )
