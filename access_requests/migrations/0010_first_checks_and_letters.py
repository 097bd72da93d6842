import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access_requests", "0009_items_go_on")]

    operations = [
        migrations.CreateModel(
            name="TriedCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("text", models.CharField(max_length=200)),
                ("text_zh", models.CharField(blank=True, default="", max_length=200)),
            ],
        ),
        migrations.AddField(
            model_name="entitlement",
            name="first_checks_zh",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), blank=True, default=list
            ),
        ),
        migrations.AddField(
            model_name="system",
            name="first_checks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), blank=True, default=list
            ),
        ),
        migrations.AddField(
            model_name="system",
            name="first_checks_zh",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), blank=True, default=list
            ),
        ),
        migrations.AddField(
            model_name="system",
            name="ticket_language",
            field=models.CharField(
                choices=[("en", "English"), ("zh-hans", "Simplified Chinese")],
                default="en",
                max_length=10,
                verbose_name="language of letters",
            ),
        ),
        migrations.AddConstraint(
            model_name="entitlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_checks_zh__len", 0),
                    ("first_checks_zh__len", models.F("first_checks__len")),
                    _connector="OR",
                ),
                name="entitlement_checks_paired",
            ),
        ),
        migrations.AddConstraint(
            model_name="system",
            constraint=models.CheckConstraint(
                condition=models.Q(("ticket_language__in", ["en", "zh-hans"])), name="system_language_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="system",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first_checks_zh__len", 0),
                    ("first_checks_zh__len", models.F("first_checks__len")),
                    _connector="OR",
                ),
                name="system_checks_paired",
            ),
        ),
        migrations.AddField(
            model_name="triedcheck",
            name="report",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tried",
                to="access_requests.troublereport",
            ),
        ),
        migrations.AddConstraint(
            model_name="triedcheck",
            constraint=models.UniqueConstraint(fields=("report", "number"), name="tried_check_number_unique"),
        ),
    ]
