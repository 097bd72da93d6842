"""The built-in reopen rate may change for 14 days: a case that is reopened counts on the day on which it was solved."""

from django.db import migrations

# A formula that was in force stays, and does so here: what is added says for how long its figures may change, as they always might.
_CHANGE = """
ALTER TABLE kpis_kpiversion DISABLE TRIGGER kpi_version_stays;
UPDATE kpis_kpiversion v SET parameters = '{}'::jsonb FROM kpis_kpi k
WHERE k.id = v.kpi_id AND k.code = 'reopen-rate' AND v.made_by_id IS NULL AND v.parameters = '{}'::jsonb;
ALTER TABLE kpis_kpiversion ENABLE TRIGGER kpi_version_stays;
"""
_BEFORE, _AFTER = '{"cohort": "solved"}', '{"cohort": "solved", "window_days": 14}'
GIVE = _CHANGE.format(_AFTER, _BEFORE)
TAKE = _CHANGE.format(_BEFORE, _AFTER)


class Migration(migrations.Migration):
    dependencies = [("kpis", "0015_windows")]

    operations = [migrations.RunSQL(GIVE, TAKE)]
