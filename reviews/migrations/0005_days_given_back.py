"""The day of a meeting that its series called off is free again, so that a series which changes its rhythm, or is made longer again, has a meeting there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """In place of the constraint that held such days for ever."""

    dependencies = (("reviews", "0003_first_kinds"),)

    operations = (
        migrations.RemoveConstraint(model_name="engagement", name="engagement_once"),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.UniqueConstraint(
                fields=("series", "occurrence"),
                condition=~models.Q(state="cancelled", cancelled_reason=""),
                name="engagement_once",
            ),
        ),
    )
