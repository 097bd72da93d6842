"""The kinds of review to begin with, and themes that observations are sorted by."""

from django.db import migrations

KINDS = {
    "weekly": ("Weekly pack", "周报", "week", ("summary", "scorecard", "trends", "volume", "escalations", "access", "actions", "next_week")),
    "monthly": ("Monthly review", "月度回顾", "month", ("summary", "scorecard", "credits", "attrition", "calibration", "top_issues", "actions")),
    "quarterly": ("Quarterly business review", "季度业务回顾", "quarter", ("summary", "scorecard", "trends", "voice", "improvement", "commercials")),
}
THEMES = {
    "process": ("Process", "流程"),
    "tools": ("Tools", "工具"),
    "knowledge": ("Knowledge", "知识"),
    "policy": ("Policy", "政策"),
    "soft-skills": ("How we speak with customers", "与客户沟通"),
    "wellbeing": ("Wellbeing", "员工关怀"),
}


def add(apps, schema_editor):
    ReviewKind = apps.get_model("reviews", "ReviewKind")
    Section = apps.get_model("reviews", "Section")
    Theme = apps.get_model("reviews", "Theme")
    for code, (name, name_zh, rhythm, codes) in KINDS.items():
        kind = ReviewKind.objects.create(code=code, name=name, name_zh=name_zh, rhythm=rhythm)
        Section.objects.bulk_create(
            Section(kind=kind, position=position, code=section) for position, section in enumerate(codes, 1)
        )
    Theme.objects.bulk_create(Theme(code=code, name=name, name_zh=name_zh) for code, (name, name_zh) in THEMES.items())


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_what_never_changes")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
