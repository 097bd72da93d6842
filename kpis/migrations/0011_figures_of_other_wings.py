"""How far other wings have handed in their figures, and who asks them to; the escalation rate counts the handled contacts that sites bring."""

from datetime import date

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.backends.postgresql.psycopg_any import DateRange

SECOND = date(2000, 1, 2)
FIRST_FORMULA = {"numerator": {"escalated": "1"}, "denominator": {"handled_total": "1"}}


def count_handled(apps, schema_editor):
    """Contacts are counted as `handled`; the component that the first formula divides by was nobody's to bring.

    A formula that was in force stays. It gave no figure as long as nobody handed in its denominator: then it ends after its first day.
    """
    versions = apps.get_model("kpis", "KpiVersion").objects.filter(kpi__code="escalation-rate")
    brought = apps.get_model("kpis", "Figure").objects.filter(component__code="handled_total").exists()
    if brought or versions.count() != 1 or not versions.filter(made_by=None, **FIRST_FORMULA).exists():
        return
    first = versions.get()
    versions.filter(pk=first.pk).update(period=DateRange(first.period.lower, SECOND))
    versions.create(
        kpi_id=first.kpi_id,
        number=2,
        period=DateRange(SECOND, None),
        numerator={"escalated": "1"},
        denominator={"handled": "1"},
        scale=first.scale,
        roll_up=first.roll_up,
        interval=first.interval,
        sample="handled",
        reason="Handled contacts come with the contact intervals",
    )


class Migration(migrations.Migration):
    dependencies = [("kpis", "0008_facts_checked_as_a_set")]

    operations = [
        migrations.CreateModel(
            name="HandIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40, unique=True)),
                ("seen_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="HandInDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.RunPython(count_handled, migrations.RunPython.noop),
    ]
