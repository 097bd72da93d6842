"""The day of a meeting that its series called off is free again, so that a series which changes its rhythm, or is made longer again, has a meeting there."""

from django.db import migrations, models

MAKE = """
CREATE UNIQUE INDEX CONCURRENTLY engagement_day_once ON reviews_engagement (series_id, occurrence)
WHERE NOT (cancelled_reason = '' AND state = 'cancelled')
"""
#: A run that was broken off leaves an index that holds nothing: it goes first.
DROP = "DROP INDEX CONCURRENTLY IF EXISTS engagement_day_once"


class Migration(migrations.Migration):
    """Another index in place of the constraint that held such days for ever: first the new one, without locking anybody out."""

    atomic = False

    dependencies = (("reviews", "0003_first_kinds"),)

    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=(migrations.RunSQL(DROP, DROP), migrations.RunSQL(MAKE, migrations.RunSQL.noop)),
            state_operations=(
                migrations.AddConstraint(
                    model_name="engagement",
                    constraint=models.UniqueConstraint(
                        fields=("series", "occurrence"),
                        condition=~models.Q(state="cancelled", cancelled_reason=""),
                        name="engagement_day_once",
                    ),
                ),
            ),
        ),
        migrations.RemoveConstraint(model_name="engagement", name="engagement_once"),
    )
