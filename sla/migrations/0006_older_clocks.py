"""Older clocks are looked over once, while clocks run; new ones are checked since 0005."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sla", "0005_fixed_never_pauses")]

    operations = [ValidateConstraint(model_name="clock", name="sla_clock_fixed_never_pauses")]
