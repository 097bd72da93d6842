"""Daily figures are read by site and day, which the index of their uniqueness tells: an index of the site alone read every day there is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0013_forward_only"),
        ("partners", "0006_queues"),
    ]

    operations = [
        migrations.AlterField(
            model_name="figure",
            name="site",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
            ),
        ),
    ]
