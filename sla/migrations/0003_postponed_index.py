from django.db import migrations, models


class Migration(migrations.Migration):
    """Clocks that were put off are found without reading all running ones."""

    dependencies = [("sla", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                models.F("next_event_at"),
                models.F("id"),
                condition=models.Q(("state", "running"), ("error_count__gt", 0)),
                name="sla_clock_postponed",
            ),
        ),
    ]
