"""What was shown stays: a formula's last day moves only between days that have not begun, and a signature is not taken back."""

from django.db import migrations

# Days are those of UTC, as in the actions. A formula that has not begun may be changed and withdrawn, but not made to begin in the past.
FORMULAS = """
CREATE OR REPLACE FUNCTION kpis_formula_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF lower(OLD.period) > today THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF lower(NEW.period) > today THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'period') = (to_jsonb(OLD) - 'period') AND lower(NEW.period) = lower(OLD.period)
        AND (
            upper(NEW.period) IS NOT DISTINCT FROM upper(OLD.period)
            OR (coalesce(upper(OLD.period), 'infinity') > today AND coalesce(upper(NEW.period), 'infinity') > today)
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a formula that was in force is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'kpi_version_stays';
END $$;
"""
FORMULAS_BEFORE = """
CREATE OR REPLACE FUNCTION kpis_formula_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'period') = (to_jsonb(OLD) - 'period') AND lower(NEW.period) = lower(OLD.period) THEN
        RETURN NEW;
    END IF;
    IF lower(OLD.period) > current_date THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'a formula that was in force is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'kpi_version_stays';
END $$;
"""

STATEMENTS = """
CREATE OR REPLACE FUNCTION kpis_statement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state = 'signed' THEN
        RAISE EXCEPTION 'a statement is signed once' USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_stays';
    END IF;
    IF (OLD.company_by_id IS NOT NULL OR OLD.partner_by_id IS NOT NULL) AND (
        (NEW.result_id, NEW.invoice_amount, NEW.currency, NEW.percent, NEW.amount, NEW.earned_back)
        IS DISTINCT FROM (OLD.result_id, OLD.invoice_amount, OLD.currency, OLD.percent, OLD.amount, OLD.earned_back)
        OR (OLD.company_by_id IS NOT NULL AND (NEW.company_by_id, NEW.company_for_id, NEW.company_at)
            IS DISTINCT FROM (OLD.company_by_id, OLD.company_for_id, OLD.company_at))
        OR (OLD.partner_by_id IS NOT NULL AND (NEW.partner_by_id, NEW.partner_for_id, NEW.partner_at)
            IS DISTINCT FROM (OLD.partner_by_id, OLD.partner_for_id, OLD.partner_at))
    ) THEN
        RAISE EXCEPTION 'what somebody signed is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_signed_stays';
    END IF;
    RETURN NEW;
END $$;
"""
STATEMENTS_BEFORE = """
CREATE OR REPLACE FUNCTION kpis_statement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state = 'signed' THEN
        RAISE EXCEPTION 'a statement is signed once' USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_stays';
    END IF;
    IF (OLD.company_by_id IS NOT NULL OR OLD.partner_by_id IS NOT NULL) AND (
        (NEW.invoice_amount, NEW.currency, NEW.percent, NEW.amount, NEW.earned_back)
        IS DISTINCT FROM (OLD.invoice_amount, OLD.currency, OLD.percent, OLD.amount, OLD.earned_back)
    ) AND (NEW.company_by_id IS NOT NULL OR NEW.partner_by_id IS NOT NULL) THEN
        RAISE EXCEPTION 'what somebody signed is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_signed_stays';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kpis", "0012_mailing_day_of_month")]

    operations = [
        migrations.RunSQL(FORMULAS, FORMULAS_BEFORE),
        migrations.RunSQL(STATEMENTS, STATEMENTS_BEFORE),
    ]
