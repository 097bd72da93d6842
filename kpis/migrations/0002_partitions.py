"""The two large tables of facts, partitioned by month, and the function that makes months.

The application owns no table, so the function makes them for it, with the owner's rights. It is safe to call at once from several:
an advisory lock lets one go first. There is no default partition: a fact outside every month is refused.
"""

from django.db import migrations

PROVENANCE = """
    batch_id bigint NOT NULL REFERENCES kpis_batch DEFERRABLE INITIALLY DEFERRED,
    "row" integer NOT NULL CHECK ("row" >= 0)"""

CONTACTS = f"""
CREATE TABLE kpis_contactinterval (
    starts_at timestamptz NOT NULL,
    queue_id bigint NOT NULL REFERENCES partners_queue,
    site_id bigint NOT NULL REFERENCES partners_site,
    seconds integer NOT NULL,
    offered integer NOT NULL,
    answered integer, answered_in_t integer, abandoned integer, short_abandoned integer, abandoned_in_t integer,
    handled integer, wait integer, talk integer, hold integer, wrap integer,{PROVENANCE},
    PRIMARY KEY (queue_id, starts_at),
    CONSTRAINT contact_interval_length CHECK (seconds BETWEEN 60 AND 3456000),
    CONSTRAINT contact_interval_counts CHECK (
        offered >= 0 AND answered BETWEEN 0 AND offered AND answered_in_t BETWEEN 0 AND answered
        AND abandoned BETWEEN 0 AND offered AND short_abandoned BETWEEN 0 AND abandoned AND abandoned_in_t BETWEEN 0 AND abandoned
        AND answered + abandoned <= offered AND handled >= 0 AND wait >= 0 AND talk >= 0 AND hold >= 0 AND wrap >= 0)
) PARTITION BY RANGE (starts_at);
CREATE INDEX contact_interval_site ON kpis_contactinterval (site_id, starts_at);
CREATE INDEX contact_interval_batch ON kpis_contactinterval USING brin (batch_id);
"""

# An agent's seconds cannot exceed the interval; what was worked on one day and counted on the next is a fault of the file.
AGENTS = f"""
CREATE TABLE kpis_agentinterval (
    starts_at timestamptz NOT NULL,
    site_id bigint NOT NULL REFERENCES partners_site,
    person_id bigint NOT NULL REFERENCES partners_person,
    queue_id bigint REFERENCES partners_queue,
    seconds integer NOT NULL,
    paid integer NOT NULL,
    productive integer, available integer, handle integer, scheduled integer, in_adherence integer, worked integer,
    planned_absence integer, unplanned_absence integer,
    agent_handled integer, agent_talk integer, agent_hold integer, agent_wrap integer,{PROVENANCE},
    PRIMARY KEY (site_id, starts_at, person_id),
    CONSTRAINT agent_interval_length CHECK (seconds BETWEEN 60 AND 86400),
    CONSTRAINT agent_interval_seconds CHECK (
        paid BETWEEN 0 AND seconds AND productive BETWEEN 0 AND paid AND available BETWEEN 0 AND seconds
        AND handle BETWEEN 0 AND seconds AND handle + available <= seconds AND scheduled BETWEEN 0 AND seconds
        AND in_adherence BETWEEN 0 AND scheduled AND worked BETWEEN 0 AND seconds AND planned_absence BETWEEN 0 AND seconds
        AND unplanned_absence BETWEEN 0 AND seconds AND agent_handled >= 0 AND agent_talk >= 0 AND agent_hold >= 0 AND agent_wrap >= 0)
) PARTITION BY RANGE (starts_at);
CREATE INDEX agent_interval_batch ON kpis_agentinterval USING brin (batch_id);
"""

MONTHS = """
CREATE FUNCTION kpis_ensure_months(first date, last date) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    month date := date_trunc('month', first)::date;
    parent text;
    part text;
    made integer := 0;
BEGIN
    IF first < '2000-01-01' OR last > '2100-01-01' OR last < first THEN
        RAISE EXCEPTION 'no facts are kept for % to %', first, last USING ERRCODE = 'check_violation';
    END IF;
    WHILE month <= last LOOP
        FOREACH parent IN ARRAY ARRAY['kpis_contactinterval', 'kpis_agentinterval'] LOOP
            part := parent || to_char(month, '_YYYY_MM');
            IF to_regclass('public.' || part) IS NULL THEN
                PERFORM pg_advisory_xact_lock(hashtext('kpis_ensure_months'));
                IF to_regclass('public.' || part) IS NULL THEN
                    EXECUTE format(
                        'CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)', part, parent,
                        to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00',
                        to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');
                    made := made + 1;
                END IF;
            END IF;
        END LOOP;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kpis", "0001_initial")]

    operations = [
        migrations.RunSQL(CONTACTS, "DROP TABLE kpis_contactinterval"),
        migrations.RunSQL(AGENTS, "DROP TABLE kpis_agentinterval"),
        migrations.RunSQL(MONTHS, "DROP FUNCTION kpis_ensure_months(date, date)"),
    ]
