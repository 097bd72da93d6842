"""The job roles that every site has; more are added on their page."""

from django.db import migrations

ROLES = (
    ("AGENT", "Agent", "客服专员", False),
    ("LEAD", "Team lead", "班组长", True),
    ("QA", "QA analyst", "质检专员", False),
    ("TRAINER", "Trainer", "培训师", False),
    ("MANAGER", "Site manager", "站点经理", True),
)


def add(apps, schema_editor):
    JobRole = apps.get_model("partners", "JobRole")
    JobRole.objects.bulk_create(
        JobRole(code=code, name=name, name_zh=name_zh, leads=leads) for code, name, name_zh, leads in ROLES
    )


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_rules_in_the_database")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
