"""The kinds of older entries are looked over once, while entries are written; those of new ones are checked since 0013."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("escalations", "0024_numbers_of_origins")]

    operations = [ValidateConstraint(model_name="timelineentry", name="entry_kind_known")]
