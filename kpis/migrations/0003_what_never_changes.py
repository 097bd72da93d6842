"""What the database itself refuses: changing a result, a signed statement, a formula that was in force, the trace of a correction."""

from django.db import migrations

from portal.audit.triggers import append_only

# Only the last day of a formula's period may move, and not into what has passed.
FORMULAS = """
CREATE FUNCTION kpis_formula_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'period') = (to_jsonb(OLD) - 'period') AND lower(NEW.period) = lower(OLD.period) THEN
        RETURN NEW;
    END IF;
    IF lower(OLD.period) > current_date THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'a formula that was in force is not changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'kpi_version_stays';
END $$;
CREATE TRIGGER kpi_version_stays BEFORE UPDATE OR DELETE ON kpis_kpiversion FOR EACH ROW EXECUTE FUNCTION kpis_formula_stays();
"""
NO_FORMULAS = "DROP TRIGGER kpi_version_stays ON kpis_kpiversion; DROP FUNCTION kpis_formula_stays();"

STATEMENTS = """
CREATE FUNCTION kpis_statement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER statement_stays BEFORE UPDATE OR DELETE ON kpis_statement FOR EACH ROW EXECUTE FUNCTION kpis_statement_stays();
"""
NO_STATEMENTS = "DROP TRIGGER statement_stays ON kpis_statement; DROP FUNCTION kpis_statement_stays();"

# The two sides are two people as well as two accounts.
TWO_PEOPLE = """
CREATE FUNCTION kpis_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('approved', 'declined') AND EXISTS (
        SELECT 1 FROM accounts_user a JOIN accounts_user b ON a.person_id = b.person_id
        WHERE a.id IN (NEW.proposed_by_id, NEW.proposed_for_id) AND b.id IN (NEW.decided_by_id, NEW.decided_for_id)
    ) THEN
        RAISE EXCEPTION 'nobody decides what they proposed' USING ERRCODE = 'check_violation', CONSTRAINT = 'exclusion_two_people';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state <> 'proposed' AND to_jsonb(NEW) <> to_jsonb(OLD) THEN
        RAISE EXCEPTION 'an exclusion is decided once' USING ERRCODE = 'check_violation', CONSTRAINT = 'exclusion_decided_once';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exclusion_two_people BEFORE INSERT OR UPDATE ON kpis_exclusion FOR EACH ROW EXECUTE FUNCTION kpis_two_people();
"""
NO_TWO_PEOPLE = "DROP TRIGGER exclusion_two_people ON kpis_exclusion; DROP FUNCTION kpis_two_people();"


class Migration(migrations.Migration):
    dependencies = [("kpis", "0002_partitions"), ("accounts", "0002_scopes")]

    operations = [
        *append_only("kpis_result"),
        *append_only("kpis_resultline"),
        *append_only("kpis_revision"),
        *append_only("kpis_alertevent"),
        migrations.RunSQL(FORMULAS, NO_FORMULAS),
        migrations.RunSQL(STATEMENTS, NO_STATEMENTS),
        migrations.RunSQL(TWO_PEOPLE, NO_TWO_PEOPLE),
    ]
