"""What finds cases that may be the same: the customer, the number of the source, words of the subject."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper

#: A run that was broken off leaves indexes, the last of which holds nothing: they go first.
_MADE = ("case_customer", "case_subject_words", "case_origin_number")


class Migration(migrations.Migration):
    """Made while cases are written."""

    atomic = False
    dependencies = (("escalations", "0016_links"),)

    operations = (
        *(migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", migrations.RunSQL.noop) for name in _MADE),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                Upper("customer_ref"),
                models.F("id").desc(),
                condition=models.Q(("customer_ref", ""), _negated=True),
                name="case_customer",
            ),
        ),
        AddIndexConcurrently(
            model_name="case",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["subject"], opclasses=["gin_trgm_ops"], gin_pending_list_limit=512, name="case_subject_words"
            ),
        ),
        AddIndexConcurrently(
            model_name="caseorigin",
            index=models.Index(Upper("external_ref"), name="case_origin_number"),
        ),
    )
