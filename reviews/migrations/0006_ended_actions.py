"""What is over is listed the newest first, at all sites as at one; and the board shows what was verified last."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Partial indexes in the order of these lists, made while actions are written."""

    atomic = False
    dependencies = (("reviews", "0005_days_given_back"),)

    operations = (
        AddIndexConcurrently(
            model_name="action",
            index=models.Index(
                models.OrderBy(models.F("created_at"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("state__in", ["verified", "dropped"])),
                name="action_ended",
            ),
        ),
        AddIndexConcurrently(
            model_name="action",
            index=models.Index(
                fields=["-verified_at", "-id"], condition=models.Q(("state", "verified")), name="action_verified_last"
            ),
        ),
    )
