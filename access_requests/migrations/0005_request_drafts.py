import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access_requests", "0004_approvals"),
        ("partners", "0003_first_job_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestDraft",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("joiner", "Joiner"),
                            ("mover", "Mover"),
                            ("leaver", "Leaver"),
                            ("ad_hoc", "Ad hoc"),
                            ("troubleshooting", "Troubleshooting"),
                        ],
                        max_length=16,
                    ),
                ),
                ("rows", models.JSONField(default=list)),
                ("people_chosen", models.BooleanField(default=False)),
                ("shift_at", models.DateTimeField(blank=True, null=True)),
                (
                    "left_out",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list),
                ),
                (
                    "extras",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list),
                ),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="access_requests.accessrequest",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="partners.site"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("request", None)), fields=["owner", "-saved_at"], name="draft_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["joiner", "mover", "leaver", "ad_hoc", "troubleshooting"])),
                        name="draft_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("request", None), ("rows", []), _connector="OR"),
                        name="draft_sent_forgets_people",
                    ),
                ],
            },
        ),
    ]
