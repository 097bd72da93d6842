"""What is new is found without looking through all cases."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F

#: A run that was broken off leaves an index that holds nothing: it goes first.
_DROP = "DROP INDEX CONCURRENTLY IF EXISTS case_opened"


class Migration(migrations.Migration):
    """Made while cases are written."""

    atomic = False
    dependencies = (("escalations", "0020_mentions_and_feedback"),)

    operations = (
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(F("opened_at").desc(), F("id").desc(), name="case_opened"),
        ),
    )
