"""What is over is listed the newest first, at all sites as at one; and the board shows what was verified last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Partial indexes in the order of these lists."""

    dependencies = (("reviews", "0005_days_given_back"),)

    operations = (
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(("state__in", ["verified", "dropped"])),
                name="action_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                fields=["-verified_at", "-id"], condition=models.Q(("state", "verified")), name="action_verified_last"
            ),
        ),
    )
