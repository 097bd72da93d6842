"""What the database itself refuses or derives: steps that are not in the table, decisions for oneself, early ends."""

from django.db import migrations

from portal.audit.triggers import append_only

# A frozen copy of access_requests.transitions; a test compares the two.
PAIRS = """
draft>submitted draft>cancelled
submitted>blocked_sod submitted>awaiting_approval submitted>approved submitted>cancelled submitted>superseded
blocked_sod>submitted blocked_sod>rejected blocked_sod>expired blocked_sod>cancelled blocked_sod>superseded
awaiting_approval>approved awaiting_approval>rejected awaiting_approval>expired awaiting_approval>blocked_sod
awaiting_approval>cancelled awaiting_approval>superseded
approved>queued approved>blocked_sod approved>cancelled approved>superseded
queued>sent queued>blocked_sod queued>failed_retryable queued>failed_final queued>cancelled queued>superseded
sent>claimed_done sent>failed_retryable sent>failed_final sent>superseded
claimed_done>verified claimed_done>failed_final claimed_done>superseded
failed_retryable>queued failed_retryable>failed_final failed_retryable>cancelled failed_retryable>superseded
failed_final>queued failed_final>claimed_done failed_final>cancelled failed_final>superseded
""".split()

STEPS = """
CREATE FUNCTION access_item_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (OLD.state || '>' || NEW.state) = ANY ('{%s}'::text[]) THEN
        RAISE EXCEPTION 'an item does not go from %% to %%', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'item_step_known', TABLE = 'access_requests_requestitem';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER item_step_known BEFORE UPDATE OF state ON access_requests_requestitem
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION access_item_steps();
""" % ",".join(PAIRS)
NO_STEPS = """
DROP TRIGGER item_step_known ON access_requests_requestitem;
DROP FUNCTION access_item_steps();
"""

DERIVED = """
CREATE FUNCTION access_derive_requests(ids bigint[]) RETURNS void LANGUAGE sql AS $$
    UPDATE access_requests_accessrequest r
    SET state = d.state,
        ended_at = CASE WHEN d.state IN ('done', 'partly_done', 'closed') THEN coalesce(r.ended_at, now()) END
    FROM (
        SELECT request_id, CASE
            WHEN drafts = total THEN 'draft'
            WHEN ended = total AND verified > 0 AND verified + gone = total THEN 'done'
            WHEN ended = total AND verified > 0 THEN 'partly_done'
            WHEN ended = total THEN 'closed'
            WHEN stuck > 0 THEN 'attention'
            WHEN waiting > 0 THEN 'awaiting_approval'
            ELSE 'in_progress' END AS state
        FROM (
            SELECT request_id, count(*) AS total,
                count(*) FILTER (WHERE state = 'draft') AS drafts,
                count(*) FILTER (WHERE state = 'verified') AS verified,
                count(*) FILTER (WHERE state IN ('cancelled', 'superseded')) AS gone,
                count(*) FILTER (WHERE state IN ('verified', 'rejected', 'cancelled', 'expired', 'superseded')) AS ended,
                count(*) FILTER (WHERE state IN ('failed_final', 'blocked_sod')) AS stuck,
                count(*) FILTER (WHERE state IN ('submitted', 'awaiting_approval')) AS waiting
            FROM access_requests_requestitem WHERE request_id = ANY (ids) GROUP BY request_id
        ) counted
    ) d
    WHERE r.id = d.request_id AND r.state IS DISTINCT FROM d.state
$$;
CREATE FUNCTION access_items_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM access_derive_requests(ARRAY(SELECT DISTINCT request_id FROM fresh ORDER BY request_id));
    RETURN NULL;
END $$;
CREATE FUNCTION access_items_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM access_derive_requests(ARRAY(
        SELECT DISTINCT f.request_id FROM fresh f JOIN stale s USING (id) WHERE f.state <> s.state ORDER BY 1
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER request_state_from_new_items AFTER INSERT ON access_requests_requestitem
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION access_items_inserted();
CREATE TRIGGER request_state_from_items AFTER UPDATE ON access_requests_requestitem
    REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION access_items_updated();
"""
NO_DERIVED = """
DROP TRIGGER request_state_from_items ON access_requests_requestitem;
DROP TRIGGER request_state_from_new_items ON access_requests_requestitem;
DROP FUNCTION access_items_updated();
DROP FUNCTION access_items_inserted();
DROP FUNCTION access_derive_requests(bigint[]);
"""

# What was given for these columns does not count.
DECIDERS = """
CREATE FUNCTION access_decision_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT i.person_id, r.requested_by_id, r.on_behalf_of_id
        INTO NEW.subject_person_id, NEW.requester_id, NEW.requester_principal_id
        FROM access_requests_requestitem i JOIN access_requests_accessrequest r ON r.id = i.request_id
        WHERE i.id = NEW.item_id;
    NEW.decider_person_id := (SELECT person_id FROM accounts_user WHERE id = NEW.decided_by_id);
    NEW.principal_person_id := (SELECT person_id FROM accounts_user WHERE id = NEW.principal_id);
    RETURN NEW;
END $$;
CREATE TRIGGER decision_people BEFORE INSERT ON access_requests_decision
    FOR EACH ROW EXECUTE FUNCTION access_decision_people();
CREATE FUNCTION access_exception_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.approver_person_id := (SELECT person_id FROM accounts_user WHERE id = NEW.approved_by_id);
    NEW.principal_person_id := (SELECT person_id FROM accounts_user WHERE id = NEW.principal_id);
    RETURN NEW;
END $$;
CREATE TRIGGER exception_people BEFORE INSERT OR UPDATE ON access_requests_sodexception
    FOR EACH ROW EXECUTE FUNCTION access_exception_people();
"""
NO_DECIDERS = """
DROP TRIGGER exception_people ON access_requests_sodexception;
DROP FUNCTION access_exception_people();
DROP TRIGGER decision_people ON access_requests_decision;
DROP FUNCTION access_decision_people();
"""

# Both sides lock the grant, so that a reason cannot be added while the grant is being ended.
REASONS = """
CREATE FUNCTION access_grant_may_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM access_requests_grantreason WHERE grant_id = NEW.id AND ended_at IS NULL) THEN
        RAISE EXCEPTION 'a grant lives as long as a reason for it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_has_reasons', TABLE = 'access_requests_grant';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grant_has_reasons BEFORE UPDATE OF ended_at ON access_requests_grant
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION access_grant_may_end();
CREATE FUNCTION access_reason_needs_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM access_requests_grant WHERE id = NEW.grant_id AND ended_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a reason needs a grant that lives'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_reason_needs_grant', TABLE = 'access_requests_grantreason';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grant_reason_needs_grant BEFORE INSERT OR UPDATE OF ended_at, grant_id ON access_requests_grantreason
    FOR EACH ROW WHEN (NEW.ended_at IS NULL) EXECUTE FUNCTION access_reason_needs_grant();
CREATE FUNCTION access_grant_stays_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what has ended does not come back' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER grant_stays_ended BEFORE UPDATE OF ended_at ON access_requests_grant
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)
    EXECUTE FUNCTION access_grant_stays_ended();
"""
NO_REASONS = """
DROP TRIGGER grant_stays_ended ON access_requests_grant;
DROP FUNCTION access_grant_stays_ended();
DROP TRIGGER grant_reason_needs_grant ON access_requests_grantreason;
DROP FUNCTION access_reason_needs_grant();
DROP TRIGGER grant_has_reasons ON access_requests_grant;
DROP FUNCTION access_grant_may_end();
"""


class Migration(migrations.Migration):
    dependencies = [("access_requests", "0001_initial"), ("accounts", "0003_search")]

    operations = [
        *append_only("access_requests_decision"),
        *append_only("access_requests_requestevent"),
        *append_only("access_requests_bundleversion"),
        *append_only("access_requests_bundleitem"),
        migrations.RunSQL(STEPS, NO_STEPS),
        migrations.RunSQL(DERIVED, NO_DERIVED),
        migrations.RunSQL(DECIDERS, NO_DECIDERS),
        migrations.RunSQL(REASONS, NO_REASONS),
        # References have four digits from the first one on.
        migrations.RunSQL(
            "ALTER TABLE access_requests_accessrequest ALTER COLUMN id RESTART WITH 1001", migrations.RunSQL.noop
        ),
    ]
