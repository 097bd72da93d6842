"""Part of the number of a case in the system it came from finds it."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models.functions import Upper

#: A run that was broken off leaves an index that holds nothing: it goes first.
_DROP = "DROP INDEX CONCURRENTLY IF EXISTS case_origin_search"


class Migration(migrations.Migration):
    """Made while cases are imported."""

    atomic = False
    dependencies = (("escalations", "0023_evidence"),)

    operations = (
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="caseorigin",
            index=GinIndex(OpClass(Upper("external_ref"), "gin_trgm_ops"), name="case_origin_search"),
        ),
    )
