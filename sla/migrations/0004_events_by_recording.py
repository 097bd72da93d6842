"""What happened since an instant is found without reading all events: they are only ever added, so a range of blocks tells their instants."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sla", "0003_postponed_index")]

    operations = [
        migrations.AddIndex(
            "clockevent",
            BrinIndex("recorded_at", name="sla_event_recorded", autosummarize=True, pages_per_range=32),
        ),
    ]
