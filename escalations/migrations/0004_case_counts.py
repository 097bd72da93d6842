"""What each case counts for in its site's figures, and entries found by when they were recorded."""

import django.db.models.deletion
from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("escalations", "0003_search_by_openness"),
        ("partners", "0006_queues"),
        ("kpis", "0011_figures_of_other_wings"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("component", models.CharField(max_length=40)),
                ("value", models.PositiveIntegerField()),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="escalations.case",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.person",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.site",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "component", "day"), name="case_count_once")],
                "indexes": [models.Index(fields=["site", "day"], name="case_count_site_day")],
            },
        ),
        migrations.AddIndex(
            "timelineentry",
            BrinIndex("recorded_at", name="entry_recorded", autosummarize=True, pages_per_range=32),
        ),
    ]
