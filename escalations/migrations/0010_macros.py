import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("escalations", "0009_reply_templates"),
    ]

    operations = [
        migrations.CreateModel(
            name="Macro",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("name_zh", models.CharField(blank=True, max_length=120)),
                ("take", models.BooleanField(default=False)),
                ("note", models.TextField(blank=True)),
                (
                    "verb",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("triage", "Mark triaged"),
                            ("start", "Start work"),
                            ("wait_customer", "Wait on customer"),
                            ("wait_third_party", "Wait on third party"),
                            ("resume", "Resume work"),
                            ("resolve", "Resolve"),
                            ("close", "Close"),
                            ("reopen", "Reopen"),
                            ("reject", "Reject"),
                        ],
                        max_length=20,
                    ),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "reply",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="macros",
                        to="escalations.replytemplate",
                    ),
                ),
                (
                    "service",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="macros",
                        to="escalations.service",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("service", "name"), name="macro_name_once", nulls_distinct=False),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="macro_named"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("take", True),
                            models.Q(("note", ""), _negated=True),
                            ("reply__isnull", False),
                            models.Q(("verb", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="macro_does_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "verb__in",
                                [
                                    "",
                                    "triage",
                                    "start",
                                    "wait_customer",
                                    "wait_third_party",
                                    "resume",
                                    "resolve",
                                    "close",
                                    "reopen",
                                ],
                            )
                        ),
                        name="macro_verb_known",
                    ),
                ],
            },
        ),
    ]
