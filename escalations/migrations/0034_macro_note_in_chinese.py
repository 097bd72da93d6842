"""Notes of macros in Chinese, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Reads no row: the default stands in the table, so whoever still runs the earlier code goes on writing macros."""

    dependencies = (("escalations", "0033_one_pack_at_a_time"),)

    operations = (migrations.AddField("macro", "note_zh", models.TextField(blank=True, default="", db_default="")),)
