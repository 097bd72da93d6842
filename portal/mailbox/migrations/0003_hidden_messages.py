"""A message in trouble may be put out of sight."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0002_harmless_html_and_answers")]

    operations = [
        migrations.AddField(
            model_name="inboundmessage",
            name="hidden_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sensitive", "It is about something sensitive"),
                    ("personal", "It is private and meant for nobody here"),
                    ("harmful", "It harms whoever reads it"),
                ],
                db_default="",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="inboundmessage",
            constraint=models.CheckConstraint(
                condition=Q(hidden_for__in=["", "sensitive", "personal", "harmful"]), name="inbound_hiding_known"
            ),
        ),
    ]
