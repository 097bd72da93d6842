"""What is new is found without looking through all cases."""

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("escalations", "0020_mentions_and_feedback")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(F("opened_at").desc(), F("id").desc(), name="case_opened"),
        ),
    ]
