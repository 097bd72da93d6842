"""Monthly mail on a day of one's choice."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("kpis", "0011_figures_of_other_wings")]

    operations = [
        migrations.AddField(
            model_name="mailing",
            name="monthday",
            field=models.PositiveSmallIntegerField(db_default=1, default=1, verbose_name="day of the month"),
        ),
        migrations.AddConstraint(
            model_name="mailing",
            constraint=models.CheckConstraint(
                condition=Q(("monthday__range", (1, 28)), ("monthday", 31), _connector="OR"), name="mailing_monthday"
            ),
        ),
    ]
