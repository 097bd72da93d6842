"""Of a message without a date something is left when its words are removed, so that another one is not taken for its copy."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Reads no row. Of what was emptied before nothing is left, and whoever still runs the earlier code leaves nothing."""

    dependencies = (("mailbox", "0003_hidden_messages"),)

    operations = (migrations.AddField("inboundmessage", "trace", models.JSONField(null=True)),)
