"""Which letter somebody was asked with last, and who put a point on an agenda."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Letters that wait are those of a meeting's newest sequence; whether they went nobody wrote down.
ASKED = """
UPDATE reviews_attendee AS a SET asked_sequence = e.sequence FROM reviews_engagement AS e
WHERE e.id = a.engagement_id AND a.user_id IS NOT NULL
"""


def person() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = (migrations.swappable_dependency(settings.AUTH_USER_MODEL), ("reviews", "0006_ended_actions"))

    operations = (
        migrations.AddField("attendee", "asked_sequence", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("attendee", "asked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("agendaitem", "added_by", person()),
        migrations.AddField("agendaitem", "added_for", person()),
        migrations.RunSQL(ASKED, migrations.RunSQL.noop),
    )
