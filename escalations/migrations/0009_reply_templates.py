import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from portal.audit.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("escalations", "0008_giving_cases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("name_zh", models.CharField(blank=True, max_length=120)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="templates",
                        to="escalations.service",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplyTemplateVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("body", models.TextField()),
                ("body_zh", models.TextField(blank=True)),
                (
                    "asks",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="escalations.replytemplate",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TemplateUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(choices=[("en", "English"), ("zh-hans", "Chinese (Simplified)")], max_length=8),
                ),
                (
                    "asked_known",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="made_from",
                        to="escalations.timelineentry",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="escalations.replytemplateversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="replytemplate",
            constraint=models.UniqueConstraint(
                fields=("service", "name"), name="reply_template_name_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="replytemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="reply_template_named"
            ),
        ),
        migrations.AddConstraint(
            model_name="replytemplateversion",
            constraint=models.UniqueConstraint(fields=("template", "number"), name="reply_version_once"),
        ),
        migrations.AddConstraint(
            model_name="replytemplateversion",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="reply_version_from_one"),
        ),
        migrations.AddConstraint(
            model_name="replytemplateversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("body", ""), _negated=True), name="reply_version_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="templateuse",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["en", "zh-hans"])), name="template_use_language_known"
            ),
        ),
        # What was used stays what it was.
        *append_only("escalations_replytemplateversion"),
        *append_only("escalations_templateuse"),
    ]
