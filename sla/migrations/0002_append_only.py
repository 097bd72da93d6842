"""What the database itself refuses: changed history, and values that make no sense."""

from django.db import migrations

from portal.audit.triggers import append_only


def _check(table: str, name: str, condition: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})", f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    )


class Migration(migrations.Migration):
    """Versions and events are append-only; JSON has the shape that the code reads."""

    dependencies = [("sla", "0001_initial")]

    operations = [
        *append_only("sla_calendarversion"),
        *append_only("sla_policyversion"),
        *append_only("sla_policytarget"),
        *append_only("sla_escalationlevel"),
        *append_only("sla_clockevent"),
        _check("sla_calendarversion", "sla_calendar_version_shape", "jsonb_typeof(hours) = 'object' AND jsonb_typeof(exceptions) = 'object' AND jsonb_typeof(holidays) = 'object' AND jsonb_typeof(workdays) = 'array'"),
        _check("sla_policyversion", "sla_policy_version_shape", "jsonb_typeof(match) = 'object'"),
        _check("sla_policytarget", "sla_target_warn", "0 < ALL (warn) AND 100 > ALL (warn)"),
        # A step of the plan that is done is never the next one.
        _check("sla_clock", "sla_clock_next_in_plan", "next_event_at IS NULL OR plan_pos < cardinality(plan_at)"),
        # Plans change with every pause; leave room so that a moved clock stays on its page.
        migrations.RunSQL("ALTER TABLE sla_clock SET (fillfactor = 80)", "ALTER TABLE sla_clock RESET (fillfactor)"),
    ]
