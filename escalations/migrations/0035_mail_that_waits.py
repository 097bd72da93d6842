"""Letters that wait are found without looking through all that ever went."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

#: A run that was broken off leaves an index that holds nothing: it goes first.
_DROP = "DROP INDEX CONCURRENTLY IF EXISTS outbound_mail_queued"


class Migration(migrations.Migration):
    """Made while mail goes out."""

    atomic = False
    dependencies = (("escalations", "0034_macro_note_in_chinese"),)

    operations = (
        migrations.RunSQL(_DROP, migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(fields=["key"], condition=models.Q(state="queued"), name="outbound_mail_queued"),
        ),
    )
