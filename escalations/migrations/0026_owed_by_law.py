"""Ended cases for which the law still asks an answer are found without looking through all that ended."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

_OPEN = Q(state__in=("new", "triaged", "in_progress", "waiting_customer", "waiting_third_party"))
#: A run that was broken off leaves an index that holds nothing: it goes first.
_DROP = "DROP INDEX CONCURRENTLY IF EXISTS case_ended_due"


class Migration(migrations.Migration):
    """Made while cases are written."""

    atomic = False
    dependencies = (("escalations", "0025_kinds_of_entries"),)

    operations = (
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                "next_due_at", "id", condition=~_OPEN & Q(next_due_at__isnull=False), name="case_ended_due"
            ),
        ),
    )
