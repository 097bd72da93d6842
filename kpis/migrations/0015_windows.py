"""A formula rolls over whole months, 1 to 24, or over none."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("kpis", "0014_figures_without_site_index")]

    operations = [
        migrations.AddConstraint(
            model_name="kpiversion",
            constraint=models.CheckConstraint(
                condition=~Q(parameters__has_key="window")
                | (~Q(parameters__window=None) & Q(parameters__window__regex=r"^([1-9]|1[0-9]|2[0-4]) months$")),
                name="kpi_version_window",
            ),
        ),
    ]
