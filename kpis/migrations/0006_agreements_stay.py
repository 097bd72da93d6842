"""Who was stood in for at a statement; and the database refuses to change terms under which a result was frozen."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Of a version with frozen results only the last day moves, and never so that a frozen month falls out. FOR UPDATE waits for a freeze that is
# under way: its result holds a key-share lock on the version.
SCHEDULES = """
CREATE FUNCTION kpis_schedule_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
BEGIN
    FOREACH wanted IN ARRAY CASE
        WHEN TG_TABLE_NAME = 'kpis_schedule' THEN ARRAY[(to_jsonb(OLD) ->> 'id')::bigint]
        WHEN TG_OP = 'INSERT' THEN ARRAY[(to_jsonb(NEW) ->> 'schedule_id')::bigint]
        WHEN TG_OP = 'DELETE' THEN ARRAY[(to_jsonb(OLD) ->> 'schedule_id')::bigint]
        ELSE ARRAY[(to_jsonb(OLD) ->> 'schedule_id')::bigint, (to_jsonb(NEW) ->> 'schedule_id')::bigint]
    END LOOP
        PERFORM 1 FROM kpis_schedule WHERE id = wanted FOR UPDATE;
        IF NOT EXISTS (SELECT 1 FROM kpis_result WHERE schedule_id = wanted) THEN
            CONTINUE;
        END IF;
        IF TG_TABLE_NAME = 'kpis_schedule' AND TG_OP = 'UPDATE' THEN
            IF to_jsonb(NEW) - 'period' = to_jsonb(OLD) - 'period' AND NOT EXISTS (
                SELECT 1 FROM kpis_result WHERE schedule_id = wanted AND NOT (to_jsonb(NEW) ->> 'period')::daterange @> month
            ) THEN
                CONTINUE;
            END IF;
        END IF;
        RAISE EXCEPTION 'terms under which a result was frozen are not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schedule_stays';
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER schedule_stays BEFORE UPDATE OR DELETE ON kpis_schedule FOR EACH ROW EXECUTE FUNCTION kpis_schedule_stays();
CREATE TRIGGER schedule_stays BEFORE INSERT OR UPDATE OR DELETE ON kpis_line FOR EACH ROW EXECUTE FUNCTION kpis_schedule_stays();
CREATE TRIGGER schedule_stays BEFORE INSERT OR UPDATE OR DELETE ON kpis_band FOR EACH ROW EXECUTE FUNCTION kpis_schedule_stays();
"""
NO_SCHEDULES = """
DROP TRIGGER schedule_stays ON kpis_schedule;
DROP TRIGGER schedule_stays ON kpis_line;
DROP TRIGGER schedule_stays ON kpis_band;
DROP FUNCTION kpis_schedule_stays();
"""

# Two sides are two people, whoever they stand in for.
SIGNERS = """
CREATE FUNCTION kpis_two_signers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.company_by_id IS NOT NULL AND NEW.partner_by_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM accounts_user a JOIN accounts_user b ON a.id = b.id OR a.person_id = b.person_id
        WHERE a.id IN (NEW.company_by_id, NEW.company_for_id) AND b.id IN (NEW.partner_by_id, NEW.partner_for_id)
    ) THEN
        RAISE EXCEPTION 'a statement is signed by two people' USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER statement_two_people BEFORE INSERT OR UPDATE ON kpis_statement FOR EACH ROW EXECUTE FUNCTION kpis_two_signers();
"""
NO_SIGNERS = "DROP TRIGGER statement_two_people ON kpis_statement; DROP FUNCTION kpis_two_signers();"


def stood_in_for() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0005_signal_due"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("statement", "company_for", stood_in_for()),
        migrations.AddField("statement", "partner_for", stood_in_for()),
        migrations.RunSQL(SCHEDULES, NO_SCHEDULES),
        migrations.RunSQL(SIGNERS, NO_SIGNERS),
    ]
