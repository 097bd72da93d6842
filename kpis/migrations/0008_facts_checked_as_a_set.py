"""Facts of the two large tables are checked against what they speak of as a set, once a statement, and no longer row by row.

The foreign keys looked up four parents for every row, which was three quarters of an import. A trigger behind the statement looks up
each different parent once and holds it, as a foreign key would; triggers at the parents refuse to let go of one that facts speak of.
Of two at once one waits: who deletes a parent for who wrote of it, and then sees the rows; who writes for who deletes, and then finds
the parent missing.
"""

import django.db.models.deletion
from django.db import migrations, models

CONTACTS, AGENTS = "kpis_contactinterval", "kpis_agentinterval"
PARENTS = {"site": "partners_site", "queue": "partners_queue", "person": "partners_person", "batch": "kpis_batch"}
KEYS = {CONTACTS: ("queue", "site", "batch"), AGENTS: ("site", "person", "queue", "batch")}

# Parents are held in the order of their ids, so that two imports never wait for each other.
HOLD = """
CREATE FUNCTION kpis_hold(child text, field text, parent text, ids bigint[]) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    missing bigint;
BEGIN
    EXECUTE format(
        'WITH held AS MATERIALIZED (SELECT id FROM %I WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE)
        SELECT min(said) FROM unnest($1) said WHERE said IS NOT NULL AND said NOT IN (SELECT id FROM held)', parent)
        INTO missing USING ids;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'facts in % speak of what is not there', child USING ERRCODE = 'foreign_key_violation', TABLE = child,
            COLUMN = field, CONSTRAINT = child || '_' || field,
            DETAIL = format('Key (%s)=(%s) is not present in table "%s".', field, missing, parent);
    END IF;
END $$;
REVOKE ALL ON FUNCTION kpis_hold(text, text, text, bigint[]) FROM PUBLIC;
"""

CHECK = """
CREATE FUNCTION kpis_facts_checked() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    sites bigint[];
    queues bigint[];
    people bigint[];
    batches bigint[];
BEGIN
    EXECUTE format(
        'SELECT array_agg(DISTINCT site_id), array_agg(DISTINCT queue_id), array_agg(DISTINCT person_id), array_agg(DISTINCT batch_id)
        FROM (SELECT DISTINCT site_id, queue_id, %s AS person_id, batch_id FROM fresh) used', TG_ARGV[0])
        INTO sites, queues, people, batches;
    PERFORM kpis_hold(TG_TABLE_NAME, 'site_id', 'partners_site', sites);
    PERFORM kpis_hold(TG_TABLE_NAME, 'queue_id', 'partners_queue', queues);
    PERFORM kpis_hold(TG_TABLE_NAME, 'person_id', 'partners_person', people);
    PERFORM kpis_hold(TG_TABLE_NAME, 'batch_id', 'kpis_batch', batches);
    RETURN NULL;
END $$;
"""

# A month has them too: what is written to it by its own name passes by those of the whole table.
GUARD = """
CREATE FUNCTION kpis_guard_facts(name text) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person text := CASE WHEN starts_with(name, 'kpis_agentinterval') THEN 'person_id' ELSE 'NULL::bigint' END;
BEGIN
    EXECUTE format('CREATE TRIGGER facts_checked_new AFTER INSERT ON %I REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION kpis_facts_checked(%L)', name, person);
    EXECUTE format('CREATE TRIGGER facts_checked_changed AFTER UPDATE ON %I REFERENCING NEW TABLE AS fresh
        FOR EACH STATEMENT EXECUTE FUNCTION kpis_facts_checked(%L)', name, person);
END $$;
REVOKE ALL ON FUNCTION kpis_guard_facts(text) FROM PUBLIC;
"""

GUARDED = """
DO $$ DECLARE part text; BEGIN
    FOR part IN SELECT c.relname FROM unnest(ARRAY['kpis_contactinterval', 'kpis_agentinterval']) child
        CROSS JOIN LATERAL pg_partition_tree(child::regclass) t JOIN pg_class c ON c.oid = t.relid LOOP
        PERFORM kpis_guard_facts(part);
    END LOOP;
END $$
"""
FREE = """
DO $$ DECLARE part text; BEGIN
    FOR part IN SELECT c.relname FROM unnest(ARRAY['kpis_contactinterval', 'kpis_agentinterval']) child
        CROSS JOIN LATERAL pg_partition_tree(child::regclass) t JOIN pg_class c ON c.oid = t.relid LOOP
        EXECUTE format('DROP TRIGGER facts_checked_new ON %I', part);
        EXECUTE format('DROP TRIGGER facts_checked_changed ON %I', part);
    END LOOP;
END $$
"""

# Under a snapshot taken before, facts that were committed since would not be seen. A foreign key looks past the snapshot; a function cannot.
# Indexes are asked for, because a parent that nothing speaks of would else be looked for in every row.
STAY = """
CREATE FUNCTION kpis_facts_stay() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    field text := TG_ARGV[0];
    child text;
    parent bigint;
    used boolean;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'the id of % is not changed', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME;
    END IF;
    FOREACH child IN ARRAY TG_ARGV[1:] LOOP
        FOR parent IN SELECT id FROM gone LOOP
            IF current_setting('transaction_isolation') <> 'read committed' THEN
                RAISE EXCEPTION 'rows of % are deleted under read committed alone', TG_TABLE_NAME USING ERRCODE = 'feature_not_supported';
            END IF;
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I = $1)', child, field) INTO used USING parent;
            IF used THEN
                RAISE EXCEPTION 'facts in % speak of a row of %', child, TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation',
                    TABLE = child, COLUMN = field, CONSTRAINT = child || '_' || field,
                    DETAIL = format('Key (id)=(%s) is still referenced from table "%s".', parent, child);
            END IF;
        END LOOP;
    END LOOP;
    RETURN NULL;
END $$;
"""

MONTHS = """
CREATE OR REPLACE FUNCTION kpis_ensure_months(first date, last date) RETURNS integer LANGUAGE plpgsql
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
                        to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00');{guard}
                    made := made + 1;
                END IF;
            END IF;
        END LOOP;
        month := (month + interval '1 month')::date;
    END LOOP;
    RETURN made;
END $$;
"""
_GUARD_MONTH = """
                    PERFORM kpis_guard_facts(part);"""


def keys(table: str) -> migrations.RunSQL:
    """The foreign keys go; back, they are made as they were."""
    gone = ", ".join(f"DROP CONSTRAINT {table}_{name}_id_fkey" for name in KEYS[table])
    made = ", ".join(
        f"ADD CONSTRAINT {table}_{name}_id_fkey FOREIGN KEY ({name}_id) REFERENCES {PARENTS[name]}"
        + (" DEFERRABLE INITIALLY DEFERRED" if name == "batch" else "")
        for name in KEYS[table]
    )
    state = [
        migrations.AlterField(table.removeprefix("kpis_"), name, _field(table, name)) for name in sorted(KEYS[table])
    ]
    return migrations.RunSQL(f"ALTER TABLE {table} {gone}", f"ALTER TABLE {table} {made}", state_operations=state)


def _field(table: str, name: str) -> models.ForeignKey:
    return models.ForeignKey(
        "kpis.batch" if name == "batch" else f"partners.{name}",
        django.db.models.deletion.PROTECT,
        null=(table, name) == (AGENTS, "queue"),
        db_constraint=False,
        related_name="+",
    )


def staying(name: str) -> migrations.RunSQL:
    """A parent that facts speak of stays, and keeps its id. None is emptied as a whole: `kpis_revision` speaks of all, and refuses."""
    table, children = PARENTS[name], [child for child in KEYS if name in KEYS[child]]
    call = f"EXECUTE FUNCTION kpis_facts_stay({', '.join(repr(word) for word in (f'{name}_id', *children))})"
    return migrations.RunSQL(
        f"""
CREATE TRIGGER facts_stay AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT {call};
CREATE TRIGGER facts_stay_id BEFORE UPDATE OF id ON {table} FOR EACH ROW WHEN (NEW.id <> OLD.id) {call};
""",
        "".join(f"DROP TRIGGER facts_stay{more} ON {table};" for more in ("", "_id")),
    )


class Migration(migrations.Migration):
    dependencies = [("kpis", "0007_fewer_indexes"), ("partners", "0006_queues")]

    operations = [
        migrations.RunSQL(HOLD, "DROP FUNCTION kpis_hold(text, text, text, bigint[])"),
        migrations.RunSQL(CHECK, "DROP FUNCTION kpis_facts_checked()"),
        migrations.RunSQL(GUARD, "DROP FUNCTION kpis_guard_facts(text)"),
        migrations.RunSQL(STAY, "DROP FUNCTION kpis_facts_stay()"),
        migrations.RunSQL(MONTHS.replace("{guard}", _GUARD_MONTH), MONTHS.replace("{guard}", "")),
        migrations.RunSQL(GUARDED, FREE),
        *(staying(name) for name in PARENTS),
        *(keys(table) for table in KEYS),
    ]
